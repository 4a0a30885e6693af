import type { Seed } from '../../lib/state/half-sip-hash.js'
import type { SessionGroup } from '../../lib/state/group-state.js'
import { createSessionTable, type SessionTable } from '../../lib/state/session-table.js'
import { StoredGroup } from './stored-group.js'

export interface KeyspaceOptions {
  /** How long a look-up is cached, in milliseconds. */
  readonly cacheTtl: number
  readonly now: () => number
  readonly seed: Seed | undefined
}

/**
 * Maps the sessions of one group between the table of this gateway (ids, indexes) and a store (fingerprints, names).
 */
export class GroupKeyspace extends StoredGroup {
  readonly group: SessionGroup
  /** Sessions that were prolonged recently; undefined: each is prolonged each time. */
  readonly prolonged: SessionTable | undefined
  readonly #recent: () => SessionTable | undefined
  #cache: SessionTable | undefined

  constructor (group: SessionGroup, { cacheTtl, now, seed }: KeyspaceOptions) {
    super(group, group.sessionPolicy, cacheTtl)
    this.group = group
    this.#recent = () => {
      const timeout = this.cacheTtl
      const { maxSessions } = group.sessionPolicy
      return timeout > 0 ? createSessionTable({ timeout, expiry: 'absolute', maxSessions }, now, seed) : undefined
    }
    this.prolonged = this.#recent()
  }

  /** Recent look-ups; undefined: nothing is cached. Another table after `clearCache`. */
  get cache (): SessionTable | undefined {
    return (this.#cache ??= this.#recent())
  }

  /**
   * Drops all look-ups: a session of the group has moved. Results of look-ups that are under way belong to the cache
   * from before.
   */
  clearCache (): void {
    this.#cache = undefined
  }

  /** Keeps in this gateway that a session has no owner. */
  release (id: string): void {
    for (const table of this.#tables) table.set(id, -1)
  }

  /** Keeps in this gateway that no session of a member has an owner. */
  releaseMember (index: number): void {
    for (const table of this.#tables) table.release(index)
  }

  get #tables (): SessionTable[] {
    return [this.group.sessions, this.cache, this.prolonged].filter(table => table !== undefined)
  }

  isMember (index: number): boolean {
    return this.group.members.includes(this.group.memberIds[index]!)
  }

  /**
   * Keeps in this gateway what the store says. A negative index: the session has no owner.
   * @param cache the one at the time of the request
   */
  keep (id: string, index: number, cache: SessionTable | undefined): void {
    cache?.set(id, index)
    const { sessions } = this.group
    if (index < 0 || sessions.get(id) !== index) sessions.set(id, index)
  }
}
