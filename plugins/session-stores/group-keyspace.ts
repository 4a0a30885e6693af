import type { Seed } from '../../lib/state/half-sip-hash.js'
import type { SessionGroup } from '../../lib/state/group-state.js'
import { createSessionTable } from '../../lib/state/session-table.js'
import { KnownSessions } from './known-sessions.js'
import { StoredGroup } from './stored-group.js'

export interface KeyspaceOptions {
  /** How long a look-up is cached, in milliseconds. */
  readonly cacheTtl: number
  readonly now: () => number
  readonly seed: Seed | undefined
  /** Whether the store reports which sessions have moved, and receives reports of those that are used. */
  readonly isCoherent: boolean
}

/**
 * Maps the sessions of one group between the table of this gateway (ids, indexes) and a store (fingerprints, names).
 */
export class GroupKeyspace extends StoredGroup {
  readonly group: SessionGroup
  readonly #createKnown: () => KnownSessions | undefined
  #known: KnownSessions | undefined

  constructor (group: SessionGroup, { cacheTtl, now, seed, isCoherent }: KeyspaceOptions) {
    super(group, group.sessionPolicy, cacheTtl)
    this.group = group
    this.#createKnown = () => {
      const { cacheTtl } = this
      const { timeout, maxSessions } = group.sessionPolicy
      if (cacheTtl === 0) return undefined
      return new KnownSessions(policy => createSessionTable({ ...policy, maxSessions }, now, seed),
        { cacheTtl, timeout, isCoherent })
    }
  }

  /** The near cache; undefined: nothing is cached. Another one after `emptyNearCache`. */
  get known (): KnownSessions | undefined {
    return (this.#known ??= this.#createKnown())
  }

  /**
   * Empties the near cache: a session of the group has moved. Results of look-ups that are under way belong to the one
   * from before.
   */
  emptyNearCache (): void {
    this.#known = undefined
  }

  /** Keeps in this gateway that a session has no owner. */
  release (id: string): void {
    this.group.sessions.set(id, -1)
    this.known?.release(id)
  }

  /** Keeps in this gateway that no session of a member has an owner. */
  releaseMember (index: number): void {
    this.group.sessions.release(index)
    this.known?.releaseMember(index)
  }

  isMember (index: number): boolean {
    return this.group.members.includes(this.group.memberIds[index]!)
  }

  /**
   * Keeps the response of the store in this gateway. A negative index: the session has no owner.
   * @param known the near cache at the time of the request
   */
  keep (id: string, index: number, known: KnownSessions | undefined): void {
    known?.noteOwner(id, index)
    const { sessions } = this.group
    if (index < 0 || sessions.get(id) !== index) sessions.set(id, index)
  }
}
