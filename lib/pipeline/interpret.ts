import { BranchPool } from './branch-pool.js'
import type {
  BindSession,
  BranchResult,
  Effect,
  Flow,
  Forward,
  ForwardOutcome,
  Log,
  LookupSession,
  NoteDecisions,
  NoteSession,
  Outcome,
  ProlongSession,
  Race,
  RunBranches,
  StartTrial,
  WaitForPlace,
  WaitForTrial
} from '../contracts/flow.js'

/**
 * Performs the effects of flows. A handler returns the result of its effect, or a promise of it; the promise never
 * rejects. `client` is the party that waits for the flow: the client of a request, or its stand-in after a `detach`.
 */
export interface EffectHandlers<C> {
  readonly forward: (effect: Forward, client: C) => ForwardOutcome | Promise<ForwardOutcome>
  readonly lookupSession: (effect: LookupSession, client: C) => number | undefined | Promise<number | undefined>
  readonly bindSession: (effect: BindSession, client: C) => number | Promise<number>
  readonly prolongSession: (effect: ProlongSession) => void
  /** Default: nothing observes sessions. */
  readonly noteSession?: (effect: NoteSession, client: C) => void
  /** Default: nothing observes decisions. */
  readonly noteDecisions?: (effect: NoteDecisions, client: C) => void
  /** Default: no message waits. */
  readonly waitForTrial?: (effect: WaitForTrial, client: C) => boolean | Promise<boolean>
  /** Default: no message waits. */
  readonly waitForPlace?: (effect: WaitForPlace, client: C) => boolean | Promise<boolean>
  /** Used only where another process decides. Default: no message is a trial. */
  readonly startTrial?: (effect: StartTrial) => number | undefined | Promise<number | undefined>
  readonly log: (effect: Log, client: C) => void
  readonly race: (effect: Race, client: C) => Outcome | undefined | Promise<Outcome | undefined>
  readonly branches: (effect: RunBranches, client: C) => BranchResult | Promise<BranchResult>
  /**
   * Calls `resume` once before it returns, with a stand-in for the client that never disconnects. Returns false and
   * does nothing without room for another detached flow.
   */
  readonly detach: (client: C, resume: (standIn: C) => Promise<unknown>) => boolean
}

type Drive<C> = (flow: Flow<unknown>, handlers: EffectHandlers<C>, client: C) => Promise<unknown>

/** The progress of a flow: ended, or waiting for a result. */
export type Progress<T> =
  { readonly done: true; readonly value: T } | { readonly done: false; readonly pending: Promise<unknown> }

/**
 * Runs a flow until it ends or a handler returns a promise. Every driver of flows is built on this. If a handler
 * throws, the flow is closed where it stands: its `finally` blocks run.
 * @param drive continues a flow that detaches itself, for a stand-in of its client
 * @param result the result of the effect at which the flow stopped before
 * @throws what the flow or a handler throws
 */
export function interpret<T, C> (
  flow: Flow<T>,
  handlers: EffectHandlers<C>,
  client: C,
  drive: Drive<C>,
  result?: unknown
): Progress<T> {
  try {
    let step = flow.next(result)
    while (step.done !== true) {
      const effect = step.value
      if (effect.kind === 'detach' && handlers.detach(client, standIn => drive(flow, handlers, standIn))) {
        return { done: true, value: effect.result as T }
      }
      const outcome = handle(effect, handlers, client)
      if (isPromise(outcome)) return { done: false, pending: outcome }
      step = flow.next(outcome)
    }
    return step as { done: true; value: T }
  } catch (error) {
    flow.return(undefined as T)
    throw error
  }
}

function handle<C> (effect: Effect, handlers: EffectHandlers<C>, client: C): unknown {
  switch (effect.kind) {
    case 'forward':
      return handlers.forward(effect, client)
    case 'lookupSession':
      return handlers.lookupSession(effect, client)
    case 'bindSession':
      return handlers.bindSession(effect, client)
    case 'prolongSession':
      return handlers.prolongSession(effect)
    case 'noteSession':
      return handlers.noteSession?.(effect, client)
    case 'noteDecisions':
      return handlers.noteDecisions?.(effect, client)
    case 'waitForTrial':
      return handlers.waitForTrial?.(effect, client) ?? false
    case 'waitForPlace':
      return handlers.waitForPlace?.(effect, client) ?? false
    case 'startTrial':
      return handlers.startTrial?.(effect)
    case 'log':
      return handlers.log(effect, client)
    case 'race':
      return handlers.race(effect, client)
    case 'branches':
      return handlers.branches(effect, client)
    case 'detach':
      return undefined
  }
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as Promise<unknown> | undefined)?.then === 'function'

/** The handlers of a driver that runs a flow to its end at once. */
export type ImmediateHandlers = Partial<
  Pick<EffectHandlers<undefined>, SessionEffects | 'log' | 'race' | 'branches'>
> & {
  readonly forward: (effect: Forward) => ForwardOutcome
  /** Called when a flow detaches itself. The flow continues at once. */
  readonly detach?: () => void
}

type SessionEffects = 'lookupSession' | 'bindSession' | 'prolongSession'

/** Sessions in the table of their group. */
export const TABLE_SESSIONS: Pick<EffectHandlers<unknown>, SessionEffects> = {
  lookupSession: ({ group, id }) => group.sessions.get(id),
  bindSession: ({ group, id, memberNumber, expectedOwner }) =>
    group.sessions.set(id, memberNumber, expectedOwner),
  prolongSession: effect => {
    if (prolongInTable(effect) === 'ownedByOther') effect.group.sessions.set(effect.id, effect.memberNumber)
  }
}

/**
 * Prolongs a session in the table of its group. Returns `ownedByOther` if another member owns it, from which it is to
 * be taken back.
 */
export function prolongInTable ({ group, id, memberNumber, takesBack }: ProlongSession): 'kept' | 'ownedByOther' {
  const { sessions, sessionPolicy } = group
  const owner = sessionPolicy.expiry === 'sliding' ? sessions.set(id, memberNumber, memberNumber) : sessions.get(id)
  return takesBack && owner !== undefined && owner !== memberNumber ? 'ownedByOther' : 'kept'
}

/**
 * Runs a flow to its end at once. By default sessions are in their tables, and racing flows run one after the other.
 */
export function interpretAtOnce<T> (flow: Flow<T>, handlers: ImmediateHandlers): T {
  const { detach, ...given } = handlers
  const progress = interpret<T, undefined>(
    flow,
    {
      ...TABLE_SESSIONS,
      log: () => {},
      race: ({ flows }) => {
        const outcomes = flows.map(each => interpretAtOnce(each, handlers))
        return outcomes.find(each => each?.kind === 'answered') ?? outcomes.find(each => each !== undefined)
      },
      branches: effect => branchesAtOnce(effect, flow => interpretAtOnce(flow, handlers)),
      detach: () => {
        detach?.()
        return false
      },
      ...given
    },
    undefined,
    async () => {}
  )
  if (!progress.done) throw new TypeError('a handler of an immediate driver returned a promise')
  return progress.value
}

/** Runs branches one after the other. Returns the first response, else the first failure. */
export function branchesAtOnce (
  { batches }: RunBranches,
  run: (flow: Flow<BranchResult>) => BranchResult
): BranchResult {
  const pool = new BranchPool(batches)
  for (let branch = pool.next(); branch !== undefined; branch = pool.next()) pool.recordResult(branch, run(branch.flow))
  return pool.result
}
