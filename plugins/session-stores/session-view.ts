import type { MemberSessions, SessionTable } from '../../lib/state/session-table.js'
import type { GroupSessions, MemorySessions } from './memory-sessions.js'
import type { StoredGroup } from './stored-group.js'

/**
 * The sessions of one group in a store of this process, as the table of the group. Members have the indexes of the
 * group; sessions are found by their ids, although the store has fingerprints only.
 */
export class SessionView implements SessionTable {
  readonly #store: MemorySessions
  readonly #group: StoredGroup

  constructor (store: MemorySessions, group: StoredGroup) {
    this.#store = store
    this.#group = group
  }

  get size (): number {
    return this.#sessions?.sessions.size ?? 0
  }

  get evicted (): number {
    return this.#sessions?.sessions.evicted ?? 0
  }

  get moved (): number {
    return this.#sessions?.sessions.moved ?? 0
  }

  get (id: string): number | undefined {
    const owner = this.#store.ownerOf(this.#group.session(id))
    return owner === null ? undefined : this.#group.indexOf(owner)
  }

  set (id: string, member: number, from?: number): number {
    const nameOf = (index: number): string | null => (index < 0 ? null : this.#group.nameOf(index))
    const owner = this.#store.assign(
      this.#group.session(id),
      nameOf(member),
      from === undefined ? undefined : nameOf(from)
    )
    return owner === null ? -1 : (this.#group.indexOf(owner) ?? -1)
  }

  endsAt (id: string): number | undefined {
    const endsAt = this.#sessions?.sessions.endsAt(this.#group.session(id).key)
    // The store keeps it for longer than it lasts.
    return endsAt === undefined ? undefined : endsAt - this.#group.cacheTtl
  }

  byMember (): ReadonlyMap<number, MemberSessions> {
    const found = new Map<number, MemberSessions>()
    const group = this.#sessions
    if (group === undefined) return found
    for (const [number, owned] of group.sessions.byMember()) {
      const index = this.#group.indexOf(group.names[number]!)
      if (index !== undefined) found.set(index, owned)
    }
    return found
  }

  countOf (member: number): number {
    const group = this.#sessions
    const number = group?.numbers.get(this.#group.nameOf(member))
    return group === undefined || number === undefined ? 0 : group.sessions.countOf(number)
  }

  release (member: number): number {
    const group = this.#sessions
    const number = group?.numbers.get(this.#group.nameOf(member))
    if (group === undefined || number === undefined) return 0
    const released = group.sessions.release(number)
    if (released > 0) this.#store.reportMove(this.#group.session(''))
    return released
  }

  /** The store evicts expired sessions of all groups. */
  sweep (): number {
    return 0
  }

  get #sessions (): GroupSessions | undefined {
    return this.#store.groupOf(this.#group.session(''))
  }
}
