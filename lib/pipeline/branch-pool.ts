import type { BranchResult, Flow, Batch } from '../contracts/flow.js'
import { fault } from '../message/fault.js'

/** Branches of one request that run at one time; further ones wait. */
const MAX_CONCURRENT = 32
/** Branches of one request. */
export const MAX_BRANCHES = 10_000

interface BatchState {
  readonly batch: Batch<BranchResult>
  begun: number
  running: number
}

/** A branch that has begun. */
export interface RunningBranch {
  readonly flow: Flow<BranchResult>
  readonly batch: BatchState
}

type FinalResult = Exclude<BranchResult, { kind: 'branches' }>

/** Decides which branches of a request begin when, and what came of them all. */
export class BranchPool {
  /** Batches with branches that have not begun. */
  #batches: BatchState[] = []
  #running = 0
  #total = 0
  #response: FinalResult | undefined
  #failure: FinalResult | undefined

  constructor (batches: readonly Batch<BranchResult>[]) {
    this.#add(batches)
  }

  /** The first response, else the first failure. */
  get result (): FinalResult {
    return this.#response ?? this.#failure ?? { kind: 'ended' }
  }

  get hasResponse (): boolean {
    return this.#response !== undefined
  }

  /** Whether all branches have ended. */
  get isOver (): boolean {
    return this.#running === 0 && this.#batches.length === 0
  }

  /** The batches that wait for messages of other branches, for a limited time. */
  get timedBatches (): readonly Batch<BranchResult>[] {
    return this.#batches
      .map(({ batch }) => batch)
      .filter(({ after }) => after?.isComplete === false && after.timeout > 0)
  }

  /**
   * Returns a branch that begins now, or undefined. Where nothing runs that could complete a collection, it is
   * complete: its messages are all that will come.
   */
  next (): RunningBranch | undefined {
    if (this.#running >= MAX_CONCURRENT) return undefined
    let ready = this.#batches.find(isReady)
    if (ready === undefined && this.#running === 0) {
      ready = this.#batches.reduce<BatchState | undefined>(deeperOf, undefined)
      ready?.batch.after?.complete()
    }
    return ready && this.#begin(ready)
  }

  #begin (state: BatchState): RunningBranch {
    const flow = state.batch.flowOf(state.begun++)
    state.running++
    this.#running++
    if (state.begun === state.batch.count) this.#batches = this.#batches.filter(each => each !== state)
    return { flow, batch: state }
  }

  /** Records the result of a branch. */
  recordResult ({ batch }: RunningBranch, result: BranchResult): void {
    batch.running--
    this.#running--
    switch (result.kind) {
      case 'branches':
        return this.#add(result.batches)
      case 'response':
        if (this.#response === undefined) this.#response = result
        else if (result.message.body.kind === 'stream') result.message.body.rest.discard()
        return
      case 'failed':
        this.#failure ??= result
    }
  }

  /** No further branch begins. Returns how many are left out. */
  stop (): number {
    const leftOut = this.#batches.reduce((sum, { batch, begun }) => sum + batch.count - begun, 0)
    this.#batches = []
    return leftOut
  }

  #add (batches: readonly Batch<BranchResult>[]): void {
    for (const batch of batches) {
      if (batch.count === 0) continue
      if (batch.after === undefined) this.#total += batch.count
      if (this.#total > MAX_BRANCHES) {
        this.stop()
        const reason = `the message is split into more than ${MAX_BRANCHES} branches`
        this.#failure ??= { kind: 'failed', fault: fault('MEDIATION', reason) }
        return
      }
      this.#batches.push({ batch, begun: 0, running: 0 })
    }
  }
}

const isReady = ({ batch: { after, isSequential }, running }: BatchState): boolean =>
  after?.isComplete !== false && !(isSequential && running > 0)

/** Messages of an inner split may still go into a collection of an outer one. */
const deeperOf = (best: BatchState | undefined, each: BatchState): BatchState =>
  best === undefined || (each.batch.after?.depth ?? 0) > (best.batch.after?.depth ?? 0) ? each : best
