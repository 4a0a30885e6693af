import type { GroupState } from './group-state.js'

/** Slots of session tables that one run reads, at least: some milliseconds. */
const WORK = 262_144

/** Removes expired sessions of all groups. Each run does bounded work, and the next one continues there. */
export class SessionEviction {
  readonly #groups: ReadonlyMap<string, Pick<GroupState, 'sessions'>>
  /** The place of the group that was swept last. */
  #last = -1

  constructor (groups: ReadonlyMap<string, Pick<GroupState, 'sessions'>>) {
    this.#groups = groups
  }

  run (): void {
    const groups = [...this.#groups.values()]
    for (let [count, work] = [0, 0]; count < groups.length && work < WORK; count++) {
      this.#last = (this.#last + 1) % groups.length
      const { sessions } = groups[this.#last]!
      if (sessions !== undefined && sessions.size > 0) work += sessions.sweep()
    }
  }
}
