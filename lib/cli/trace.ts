import { fault } from '../message/fault.js'
import { headerOf } from '../message/headers.js'
import type { Message } from '../message/message.js'
import { branchesAtOnce, interpretAtOnce, type ImmediateHandlers } from '../pipeline/interpret.js'
import { serveRequest, type ProxyService } from '../pipeline/service.js'
import { runtime } from '../../plugins/gateway/runtime.js'

/** One step of a request through its proxy. */
export type Step =
  | { readonly kind: 'attempt'; readonly method: string; readonly url: string; readonly action?: string | undefined }
  | { readonly kind: 'race'; readonly recipients: number }
  | { readonly kind: 'split'; readonly branches: number }
  | { readonly kind: 'log'; readonly level: string; readonly text: string }
  | { readonly kind: 'detach' }
  | {
    readonly kind: 'response'
    readonly status?: number | undefined
    readonly contentType?: string | undefined
    readonly body?: string | undefined
  }

/** Runs a request through its proxy as if each endpoint failed. Bounded: each endpoint is tried at most once. */
export function trace (service: ProxyService, request: Message): Step[] {
  const steps: Step[] = []
  const sessions = new Map<unknown, number>()
  const handlers: ImmediateHandlers = {
    forward ({
      origin,
      path,
      message: {
        method,
        addressing: { action }
      }
    }) {
      steps.push({ kind: 'attempt', method, url: `${origin}${path}`, action })
      return { kind: 'failed', retry: 'any', fault: fault('CONNECTION_FAILED', 'assumed: the connection is refused') }
    },
    lookupSession: ({ group }) => sessions.get(group),
    bindSession ({ group, member }) {
      sessions.set(group, member)
      return member
    },
    log: ({ level, text }) => {
      steps.push({ kind: 'log', level, text })
    },
    detach: () => {
      steps.push({ kind: 'detach' })
    },
    race ({ flows }) {
      steps.push({ kind: 'race', recipients: flows.length })
      return flows.map(each => interpretAtOnce(each, handlers)).find(each => each !== undefined)
    },
    branches (effect) {
      steps.push({ kind: 'split', branches: effect.batches.reduce((sum, { count }) => sum + count, 0) })
      return branchesAtOnce(effect, flow => interpretAtOnce(flow, handlers))
    }
  }
  const { status, headers, body } = interpretAtOnce(serveRequest(service, request, runtime.uuid), handlers)
  const contentType = headerOf(headers, 'content-type')
  return [
    ...steps,
    { kind: 'response', status, contentType, body: body.kind === 'bytes' ? body.bytes.toString() : undefined }
  ]
}

/** One step as a line of text. `before`: the steps that precede it. */
export function describeStep (step: Step, before: readonly Step[]): string {
  const isRetry = before.some(({ kind }) => kind === 'attempt')
  switch (step.kind) {
    case 'attempt': {
      const action = step.action === undefined ? '' : ` (Action ${step.action})`
      return `${isRetry ? 'if that fails, sends' : 'sends'} ${step.method} ${step.url}${action}`
    }
    case 'race':
      return `sends to ${step.recipients} recipients in parallel`
    case 'split':
      return `splits the message into ${step.branches} branches`
    case 'log':
      return `logs (${step.level}) ${step.text}`
    case 'detach':
      return 'answers the client; what follows continues without it'
    case 'response': {
      const body = step.body === undefined ? '' : `\n    ${step.body}`
      return `${isRetry ? 'if that fails, responds' : 'responds'} ${step.status} ${
        step.contentType ?? '(no body)'
      }${body}`
    }
  }
}
