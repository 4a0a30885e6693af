import type { BranchResult, Flow, Lane } from '../contracts/flow.js'
import { fault } from '../message/fault.js'

/** Branches of one request that run at one time; further ones wait. */
const MAX_CONCURRENT = 32
/** Branches of one request. */
export const MAX_BRANCHES = 10_000

interface LaneState {
  readonly lane: Lane<BranchResult>
  begun: number
  running: number
}

/** A branch that has begun. */
export interface RunningBranch {
  readonly flow: Flow<BranchResult>
  readonly lane: LaneState
}

type FinalResult = Exclude<BranchResult, { kind: 'branches' }>

/** Decides which branches of a request begin when, and what came of them all. */
export class BranchPool {
  /** Lanes with branches that have not begun. */
  #lanes: LaneState[] = []
  #running = 0
  #total = 0
  #response: FinalResult | undefined
  #other: FinalResult | undefined

  constructor (lanes: readonly Lane<BranchResult>[]) {
    this.#add(lanes)
  }

  /** The first response, else the first failure. */
  get result (): FinalResult {
    return this.#response ?? this.#other ?? { kind: 'ended' }
  }

  get hasResponse (): boolean {
    return this.#response !== undefined
  }

  /** Whether all branches have ended. */
  get isOver (): boolean {
    return this.#running === 0 && this.#lanes.length === 0
  }

  /** The lanes that wait for messages of other branches, for a limited time. */
  get timed (): readonly Lane<BranchResult>[] {
    return this.#lanes.map(({ lane }) => lane).filter(({ after }) => after?.isComplete === false && after.timeout > 0)
  }

  /**
   * Returns a branch that begins now, or undefined. Where nothing runs that could complete a collection, it is
   * complete: its messages are all that will come.
   */
  next (): RunningBranch | undefined {
    if (this.#running >= MAX_CONCURRENT) return undefined
    let ready = this.#lanes.find(isReady)
    if (ready === undefined && this.#running === 0) {
      ready = this.#lanes.reduce<LaneState | undefined>(deeper, undefined)
      ready?.lane.after?.complete()
    }
    return ready && this.#begin(ready)
  }

  #begin (state: LaneState): RunningBranch {
    const flow = state.lane.flowOf(state.begun++)
    state.running++
    this.#running++
    if (state.begun === state.lane.count) this.#lanes = this.#lanes.filter(each => each !== state)
    return { flow, lane: state }
  }

  /** Records the result of a branch. */
  end ({ lane }: RunningBranch, result: BranchResult): void {
    lane.running--
    this.#running--
    switch (result.kind) {
      case 'branches':
        return this.#add(result.lanes)
      case 'response':
        if (this.#response === undefined) this.#response = result
        else if (result.message.body.kind === 'stream') result.message.body.rest.discard()
        return
      case 'failed':
        this.#other ??= result
    }
  }

  /** No further branch begins. Returns how many are left out. */
  stop (): number {
    const left = this.#lanes.reduce((sum, { lane, begun }) => sum + lane.count - begun, 0)
    this.#lanes = []
    return left
  }

  #add (lanes: readonly Lane<BranchResult>[]): void {
    for (const lane of lanes) {
      if (lane.count === 0) continue
      if (lane.after === undefined) this.#total += lane.count
      if (this.#total > MAX_BRANCHES) {
        this.stop()
        const reason = `the message is split into more than ${MAX_BRANCHES} branches`
        this.#other ??= { kind: 'failed', fault: fault('MEDIATION', reason) }
        return
      }
      this.#lanes.push({ lane, begun: 0, running: 0 })
    }
  }
}

const isReady = ({ lane: { after, isSequential }, running }: LaneState): boolean =>
  after?.isComplete !== false && !(isSequential && running > 0)

/** Messages of an inner split may still go into a collection of an outer one. */
const deeper = (best: LaneState | undefined, each: LaneState): LaneState =>
  best === undefined || (each.lane.after?.depth ?? 0) > (best.lane.after?.depth ?? 0) ? each : best
