import { toFault } from '../message/fault.js'
import type { BindSession, Forward, Effect, Flow, Log, Outcome, LookupSession } from '../contracts/flow.js'

/** Who waits for the answer. It may leave. */
export interface FlowClient { readonly disconnected: boolean, onDisconnect?: (() => void) | undefined }

/** The outside, as far as a flow may use it. */
export interface EffectHandlers<C extends FlowClient = FlowClient> {
  /** Never rejects: failures are outcomes. Settles early when the client leaves. */
  readonly forward: (call: Forward, client: C) => Promise<Outcome>
  readonly lookupSession: (effect: LookupSession) => number | undefined | Promise<number | undefined>
  readonly bindSession: (effect: BindSession) => number | Promise<number>
  readonly log: (entry: Log, client: C) => void
  /** Calls `go`, once and before it returns, with somebody in the place of this client who never leaves. False: there is no room, and nothing was done. */
  readonly detach: (client: C, go: (alone: C) => Promise<unknown>) => boolean
}

/**
 * Drives a flow to its end. This is the only place in lib that waits.
 * When the client leaves, the flow is closed where it stands: its `finally` blocks run, and nobody is blamed.
 * The result is then undefined.
 */
export async function runFlow<T, C extends FlowClient> (flow: Flow<T>, ports: EffectHandlers<C>, client: C): Promise<T | undefined> {
  let step = flow.next()
  while (!step.done) {
    const effect = step.value
    if (effect.kind === 'detach' && ports.detach(client, alone => runFlow(flow, ports, alone))) return effect.result as T
    const result = handleEffect(effect, ports, client)
    const settled = isPromise(result) ? await result : result
    step = client.disconnected ? flow.return(undefined as T) : flow.next(settled)
  }
  return client.disconnected ? undefined : step.value
}

function handleEffect<C extends FlowClient> (effect: Effect, ports: EffectHandlers<C>, client: C): unknown {
  switch (effect.kind) {
    case 'forward': return ports.forward(effect, client)
    case 'lookupSession': return ports.lookupSession(effect)
    case 'bindSession': return ports.bindSession(effect)
    case 'log': return ports.log(effect, client)
    case 'race': return race(effect.flows, { ...ports, forward: (call, client) => ports.forward({ ...call, survivesClient: true }, client) }, client)
    case 'detach': return undefined
  }
}

const race = <C extends FlowClient> (flows: readonly Flow<Outcome | undefined>[], ports: EffectHandlers<C>, client: C): Promise<Outcome | undefined> => new Promise(resolve => {
  let left = flows.length
  let answered = false
  let other: Outcome | undefined
  const over = (outcome: Outcome | undefined): void => {
    left--
    if (outcome?.kind === 'answered') {
      if (answered && outcome.message.body.kind === 'stream') outcome.message.body.rest.discard()
      answered = true
      resolve(outcome)
    } else other ??= outcome
    if (left === 0) resolve(other)
  }
  if (left === 0) resolve(undefined)
  for (const flow of flows) runFlow(flow, ports, client).then(over, error => over({ kind: 'failed', fault: toFault(error), retry: 'none' }))
})

const isPromise = (value: unknown): value is Promise<unknown> => typeof (value as Promise<unknown> | undefined)?.then === 'function'
