import type { BranchResult, Flow, Log, RunBranches } from '../contracts/flow.js'
import { toFault } from '../message/fault.js'
import type { Collection } from '../message/branch.js'
import { BranchPool, type RunningBranch } from './branch-pool.js'
import type { EffectHandlers } from './interpret.js'
import type { FlowClient } from './run-flow.js'

/** Calls a function once, after a time in milliseconds. Returns a function that cancels the call. */
export type After = (milliseconds: number, call: () => void) => () => void

type DriveBranch<C> = (
  flow: Flow<BranchResult>,
  handlers: EffectHandlers<C>,
  client: C
) => Promise<BranchResult | undefined>

/**
 * Runs the branches of a message. Resolves with the first response; else, when all have ended, with the first failure.
 * Branches that have not begun when the client has its response run as a detached delivery. They are left out where
 * there is no room for it, and where the client has disconnected.
 */
export function runBranches<C extends FlowClient> (
  { batches }: RunBranches,
  handlers: EffectHandlers<C>,
  client: C,
  drive: DriveBranch<C>,
  after: After | undefined
): Promise<BranchResult> {
  return new Promise(resolve => {
    new BranchRun({ pool: new BranchPool(batches), handlers, client, drive, after, resolve }).advance()
  })
}

interface BranchRunOptions<C> {
  readonly pool: BranchPool
  readonly handlers: EffectHandlers<C>
  readonly client: C
  readonly drive: DriveBranch<C>
  readonly after: After | undefined
  readonly resolve: (result: BranchResult) => void
}

class BranchRun<C extends FlowClient> {
  readonly #options: BranchRunOptions<C>
  readonly #pool: BranchPool
  /** The client, or its stand-in once the client has its response. */
  #client: C
  #isReleased = false
  #onFinish: (() => void) | undefined
  readonly #timers = new Map<Collection, () => void>()

  constructor (options: BranchRunOptions<C>) {
    this.#options = options
    this.#pool = options.pool
    this.#client = options.client
  }

  advance (): void {
    if (this.#client.disconnected) this.#pool.stop()
    for (let branch = this.#pool.next(); branch !== undefined; branch = this.#pool.next()) void this.#run(branch)
    if (this.#pool.isOver) return this.#finish()
    if (this.#pool.hasResponse && !this.#isReleased) this.#release()
    this.#startTimers()
  }

  async #run (branch: RunningBranch): Promise<void> {
    const { drive, handlers } = this.#options
    let result: BranchResult | undefined
    try {
      result = await drive(branch.flow, handlers, this.#client)
    } catch (error) {
      result = { kind: 'failed', fault: toFault(error) }
    }
    this.#pool.recordResult(branch, result ?? { kind: 'ended' })
    this.advance()
  }

  /** The client receives its response, and the other branches continue without it. */
  #release (): void {
    this.#isReleased = true
    const { handlers, resolve } = this.#options
    const isDetached =
      this.#client.isDetached === true ||
      handlers.detach(this.#client, standIn => {
        this.#client = standIn
        return new Promise<void>(resolve => {
          this.#onFinish = resolve
        })
      })
    const leftOut = isDetached ? 0 : this.#pool.stop()
    if (leftOut > 0) handlers.log(branchesLeftOut(leftOut), this.#client)
    resolve(this.#pool.result)
  }

  /** Limits the time that collections wait. */
  #startTimers (): void {
    for (const { after: collection } of this.#pool.timedBatches) {
      if (collection === undefined || this.#timers.has(collection)) continue
      const cancel = this.#options.after?.(collection.timeout, () => {
        collection.complete()
        this.advance()
      })
      if (cancel !== undefined) this.#timers.set(collection, cancel)
    }
  }

  #finish (): void {
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    this.#options.resolve(this.#pool.result)
    this.#onFinish?.()
  }
}

const branchesLeftOut = (count: number): Log => ({
  kind: 'log',
  summedAs: 'branches',
  level: 'warn',
  text: `${count} branches of a message are left out: too many deliveries continue without a client`,
  fields: {}
})
