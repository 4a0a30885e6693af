import { MAX_MEMBER } from './session-slots.js'
import type { SessionTable } from './session-table.js'

/** Members of a group that keeps sessions in a table, at most. */
export const MAX_MEMBERS = MAX_MEMBER + 1
/** So many members that have left last keep their numbers: messages in flight may still bind sessions there. */
const KEPT_NUMBERS = 1000

/**
 * The numbers by which the session table of a group knows its members. A member that comes back has the number that it
 * had before. The number of a member that has left is given to another one when a thousand others have left after it,
 * and no session is left there.
 */
export class MemberNumbers {
  /** The name of the member that has a number, or had it last. */
  readonly names: string[] = []
  /** The numbers of members that have left, in the order in which they left. */
  readonly #left = new Set<number>()

  /**
   * Returns the number of each member. Where all 65,536 numbers have sessions, the sessions of the member that left
   * first are released.
   * @param members at most 65,536, if there is a table
   * @param sessions the table; undefined: the group has none
   */
  assign (members: readonly string[], sessions: Pick<SessionTable, 'countOf' | 'release'> | undefined): number[] {
    const known = new Map<string, number[]>()
    for (const [number, name] of this.names.entries()) {
      const numbers = known.get(name)
      if (numbers === undefined) known.set(name, [number])
      else numbers.push(number)
    }
    const kept = members.map(name => known.get(name)?.shift())
    const present = new Set(kept)
    for (const number of this.names.keys()) {
      if (present.has(number)) this.#left.delete(number)
      else this.#left.add(number)
    }
    const free = (kept.includes(undefined) ? this.#free(sessions) : []).values()
    return kept.map((number, at) => number ?? this.#give(members[at]!, free.next().value, sessions))
  }

  #give (name: string, free: number | undefined, sessions: Pick<SessionTable, 'release'> | undefined): number {
    const number = free ?? (this.names.length < MAX_MEMBERS ? this.names.length : this.#takeBack(sessions))
    this.#left.delete(number)
    this.names[number] = name
    return number
  }

  /** The numbers that may be given to other members. */
  #free (sessions: Pick<SessionTable, 'countOf'> | undefined): number[] {
    const left = [...this.#left].slice(0, Math.max(0, this.#left.size - KEPT_NUMBERS))
    return left.filter(number => sessions === undefined || sessions.countOf(number) === 0)
  }

  #takeBack (sessions: Pick<SessionTable, 'release'> | undefined): number {
    const [number = this.names.length] = this.#left
    sessions?.release(number)
    return number
  }
}
