import { toFault } from '../message/fault.js'
import type { BranchResult, Flow, Outcome } from '../contracts/flow.js'
import { interpret, type EffectHandlers } from './interpret.js'
import { runBranches, type After } from './run-branches.js'

/** The party that waits for the response of a flow, and may disconnect. */
export interface FlowClient {
  readonly disconnected: boolean
  onDisconnect?: (() => void) | undefined
  /** Whether this is the stand-in of a client that has its response. Default: false. */
  readonly isDetached?: boolean
}

/** The handlers that `withRace` completes. */
export type FlowHandlers<C extends FlowClient = FlowClient> = Omit<EffectHandlers<C>, 'race' | 'branches'> & {
  /** Without it, collections of branches wait as long as other branches run. */
  readonly after?: After | undefined
}

/**
 * Drives a flow to its end. Only this function and `runBranches` wait in lib/pipeline. When the client disconnects, the
 * flow is closed where it stands: its `finally` blocks run, no endpoint's state changes, and the result is undefined.
 * So is the flow of a handler that fails: that is a bug of the handler, no outcome of the message.
 * @throws what the flow or a handler throws
 */
export async function runFlow<T, C extends FlowClient> (
  flow: Flow<T>,
  handlers: EffectHandlers<C>,
  client: C
): Promise<T | undefined> {
  let progress = interpret(flow, handlers, client, runFlow)
  while (!progress.done) {
    let result: unknown
    try {
      result = await progress.pending
    } catch (error) {
      flow.return(undefined as T)
      throw error
    }
    if (client.disconnected) {
      flow.return(undefined as T)
      return undefined
    }
    progress = interpret(flow, handlers, client, runFlow, result)
  }
  return client.disconnected ? undefined : progress.value
}

/** Adds the handlers that run several flows side by side, each for the same client. */
export function withRace<C extends FlowClient> ({ after, ...handlers }: FlowHandlers<C>): EffectHandlers<C> {
  const inRace: EffectHandlers<C> = {
    ...handlers,
    forward: (effect, client) => handlers.forward({ ...effect, survivesClient: true }, client),
    race: ({ flows }, client) => race(flows, inRace, client),
    branches: (effect, client) => runBranches(effect, inRace, client, runBranch, after)
  }
  /** Of the client of a branch: others of its branches may wait for it, too. */
  const runBranch = (flow: Flow<BranchResult>, _: EffectHandlers<C>, client: C): Promise<BranchResult | undefined> =>
    runFlow(flow, inBranch, client)
  const inBranch: EffectHandlers<C> = { ...inRace, detach: () => false }
  return { ...handlers, race: inRace.race, branches: inRace.branches }
}

const race = <C extends FlowClient>(
  flows: readonly Flow<Outcome | undefined>[],
  handlers: EffectHandlers<C>,
  client: C
): Promise<Outcome | undefined> =>
    new Promise(resolve => {
      let running = flows.length
      let isAnswered = false
      /** The first outcome that is no response. */
      let firstOther: Outcome | undefined
      const settle = (outcome: Outcome | undefined): void => {
        running--
        if (outcome?.kind === 'answered') {
          if (isAnswered && outcome.message.body.kind === 'stream') outcome.message.body.rest.discard()
          isAnswered = true
          resolve(outcome)
        } else firstOther ??= outcome
        if (running === 0) resolve(firstOther)
      }
      if (running === 0) resolve(undefined)
      for (const flow of flows) {
        runFlow(flow, handlers, client).then(settle, error =>
          settle({ kind: 'failed', fault: toFault(error), retry: 'none' })
        )
      }
    })
