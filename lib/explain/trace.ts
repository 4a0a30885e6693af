import type { Forward, ForwardOutcome } from '../contracts/flow.js'
import { fault } from '../message/fault.js'
import { headerOf } from '../message/headers.js'
import { NO_BODY, type Message } from '../message/message.js'
import { MEDIA_TYPE } from '../message/soap-version.js'
import { branchesAtOnce, interpretAtOnce, type ImmediateHandlers } from '../pipeline/interpret.js'
import { serveRequest, type ProxyService } from '../pipeline/service.js'
import { soapVersionOf } from '../soap/read.js'
import { emptyEnvelope } from './sample-request.js'
import type { SessionGroup } from '../state/group-state.js'
import type { TraceStep } from './trace-steps.js'

/** What is assumed of the environment of a proxy. */
export interface Assumptions {
  readonly uuid: () => string
  /** Whether an endpoint responds. Default: none does. */
  readonly responds?: ((endpointName: string) => boolean) | undefined
  /** Sessions that are bound already. Default: none. */
  readonly ownerOf?: ((group: SessionGroup, id: string) => number | undefined) | undefined
}

/** Steps that are kept: a message may be split into very many. */
const MAX_STEPS = 1_000

/** The steps of one request, which its handlers and other sources add to. */
export class Trace {
  readonly steps: TraceStep[] = []
  /** What was running at each step: the definition of a mediator. */
  readonly running: (object | undefined)[] = []
  /** What runs now. */
  now: object | undefined

  add (step: TraceStep): void {
    if (this.steps.length >= MAX_STEPS) return
    this.steps.push(step)
    this.running.push(this.now)
  }
}

/** Runs a request through its proxy without sending anything. Bounded: each endpoint is tried at most once. */
export function trace (
  service: ProxyService,
  request: Message,
  { uuid, responds = () => false, ownerOf }: Assumptions,
  kept = new Trace()
): TraceStep[] {
  const sessions = new Map<string, number>()
  const handlers: ImmediateHandlers = {
    forward: forward => {
      const {
        endpointName,
        origin,
        path,
        message: {
          method,
          addressing: { action }
        }
      } = forward
      kept.add({ kind: 'attempt', endpoint: endpointName, method, url: `${origin}${path}`, action })
      return responds(endpointName) ? assumedResponse(forward) : ASSUMED_FAILURE
    },
    lookupSession ({ group, id }) {
      const owner = sessions.get(`${group.name} ${id}`) ?? ownerOf?.(group, id)
      if (ownerOf !== undefined) {
        kept.add({
          kind: 'session',
          group: group.name,
          member: owner === undefined ? undefined : group.memberIds[owner]
        })
      }
      return owner
    },
    bindSession ({ group, id, memberNumber }) {
      sessions.set(`${group.name} ${id}`, memberNumber)
      if (ownerOf !== undefined && memberNumber >= 0) {
        kept.add({ kind: 'bind', group: group.name, member: group.memberIds[memberNumber] ?? '' })
      }
      return memberNumber
    },
    prolongSession: () => {},
    log: ({ level, text }) => {
      kept.add({ kind: 'log', level, text })
    },
    detach: () => {
      kept.add({ kind: 'detach' })
    },
    race ({ flows }) {
      kept.add({ kind: 'race', recipients: flows.length })
      const outcomes = flows.map(each => interpretAtOnce(each, handlers)).filter(each => each !== undefined)
      return outcomes.find(({ kind }) => kind === 'answered') ?? outcomes[0]
    },
    branches (effect) {
      kept.add({ kind: 'split', branches: effect.batches.reduce((sum, { count }) => sum + count, 0) })
      return branchesAtOnce(effect, flow => interpretAtOnce(flow, handlers))
    }
  }
  const { status, headers, body } = interpretAtOnce(serveRequest(service, request, uuid), handlers)
  const contentType = headerOf(headers, 'content-type')
  return [
    ...kept.steps,
    { kind: 'response', status, contentType, body: body.kind === 'bytes' ? body.bytes.toString() : undefined }
  ]
}

const ASSUMED_FAILURE: ForwardOutcome = {
  kind: 'failed',
  retry: 'any',
  fault: fault('CONNECTION_FAILED', 'assumed: the connection is refused')
}

/** A response without content: an empty envelope to SOAP, no body to all else. */
function assumedResponse ({ message }: Forward): ForwardOutcome {
  const version = soapVersionOf(message)
  const { method, path, query, properties, variables, branch } = message
  return {
    kind: 'answered',
    message: {
      direction: 'response',
      method,
      path,
      query,
      status: 200,
      headers: version === undefined ? [] : ['Content-Type', `${MEDIA_TYPE[version]}; charset=UTF-8`],
      addressing: {},
      properties,
      ...(variables !== undefined && { variables }),
      ...(branch !== undefined && { branch }),
      axis2: {},
      read: message.read,
      body: version === undefined ? NO_BODY : { kind: 'bytes', bytes: Buffer.from(emptyEnvelope(version)) }
    }
  }
}
