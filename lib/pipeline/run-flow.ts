import { toFault } from '../message/fault.js'
import type { Bind, Call, Effect, Flow, Log, Outcome, Recall } from '../contracts/flow.js'

/** Who waits for the answer. It may leave. */
export interface Client { readonly gone: boolean, onLeave?: (() => void) | undefined }

/** The outside, as far as a flow may use it. */
export interface Ports<C extends Client = Client> {
  /** Never rejects: failures are outcomes. Settles early when the client leaves. */
  readonly forward: (call: Call, client: C) => Promise<Outcome>
  readonly recall: (effect: Recall) => number | undefined | Promise<number | undefined>
  readonly bind: (effect: Bind) => number | Promise<number>
  readonly log: (entry: Log, client: C) => void
  /** Calls `go`, once and before it returns, with somebody in the place of this client who never leaves. False: there is no room, and nothing was done. */
  readonly release: (client: C, go: (alone: C) => Promise<unknown>) => boolean
}

/**
 * Drives a flow to its end. This is the only place in lib that waits.
 * When the client leaves, the flow is closed where it stands: its `finally` blocks run, and nobody is blamed.
 * The result is then undefined.
 */
export async function run<T, C extends Client> (flow: Flow<T>, ports: Ports<C>, client: C): Promise<T | undefined> {
  let step = flow.next()
  while (!step.done) {
    const effect = step.value
    if (effect.kind === 'release' && ports.release(client, alone => run(flow, ports, alone))) return effect.result as T
    const result = perform(effect, ports, client)
    const settled = isPromise(result) ? await result : result
    step = client.gone ? flow.return(undefined as T) : flow.next(settled)
  }
  return client.gone ? undefined : step.value
}

function perform<C extends Client> (effect: Effect, ports: Ports<C>, client: C): unknown {
  switch (effect.kind) {
    case 'call': return ports.forward(effect, client)
    case 'recall': return ports.recall(effect)
    case 'bind': return ports.bind(effect)
    case 'log': return ports.log(effect, client)
    case 'spread': return spread(effect.flows, { ...ports, forward: (call, client) => ports.forward({ ...call, lasting: true }, client) }, client)
    case 'release': return undefined
  }
}

const spread = <C extends Client> (flows: readonly Flow<Outcome | undefined>[], ports: Ports<C>, client: C): Promise<Outcome | undefined> => new Promise(resolve => {
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
  for (const flow of flows) run(flow, ports, client).then(over, error => over({ kind: 'failed', fault: toFault(error), retry: 'nowhere' }))
})

const isPromise = (value: unknown): value is Promise<unknown> => typeof (value as Promise<unknown> | undefined)?.then === 'function'
