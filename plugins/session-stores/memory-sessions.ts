import type { Seed } from '../../lib/state/half-sip-hash.js'
import { createSessionTable, type SessionTable } from '../../lib/state/session-table.js'
import { SessionView } from './session-view.js'
import type { SessionStore, StoredSession } from './session-store.js'
import type { StoredGroup } from './stored-group.js'

/** Numbers of members that a table has; a group that has had more names starts a new one. */
const MAX_NAMES = 65_536

/** The sessions of one group. A table knows members by number, a store by name. */
export interface GroupSessions {
  readonly sessions: SessionTable
  readonly names: string[]
  readonly numbers: Map<string, number>
}

export interface MemorySessionsOptions {
  /** Milliseconds since 1970. Default: the clock of the system */
  readonly now?: () => number
  readonly seed?: Seed | undefined
}

/** Sessions of several processes of one machine, in the memory of one of them. */
export class MemorySessions implements SessionStore {
  readonly reliable = true
  readonly #now: () => number
  readonly #seed: Seed | undefined
  readonly #groups = new Map<string, GroupSessions>()
  readonly #onMove = new Set<(group: string) => void>()

  constructor ({ now = Date.now, seed }: MemorySessionsOptions = {}) {
    this.#now = now
    this.#seed = seed
  }

  onMove (listener: (group: string) => void): () => void {
    this.#onMove.add(listener)
    return () => {
      this.#onMove.delete(listener)
    }
  }

  async lookup (session: StoredSession): Promise<string | null> {
    return this.ownerOf(session)
  }

  async bind (session: StoredSession, member: string | null, expectedOwner?: string | null): Promise<string | null> {
    return this.assign(session, member, expectedOwner)
  }

  /** Returns what `lookup` resolves with. */
  ownerOf (session: StoredSession): string | null {
    const group = this.groupOf(session)
    return group === undefined ? null : memberName(group, group.sessions.get(session.key))
  }

  /** Does what `bind` does, and returns what it resolves with. */
  assign (session: StoredSession, member: string | null, expectedOwner?: string | null): string | null {
    const group = this.#createGroup(session)
    const { sessions } = group
    const before = sessions.get(session.key)
    const number = member === null ? -1 : numberOf(group, member)
    const expected =
      expectedOwner === null ? -1 : expectedOwner === undefined ? undefined : (group.numbers.get(expectedOwner) ?? -1)
    const after = sessions.set(session.key, number, expected)
    if (before !== undefined && after !== before) this.reportMove(session)
    return memberName(group, after)
  }

  /** The sessions of a group as the table that its gateway expects. */
  view (group: StoredGroup): SessionTable {
    return new SessionView(this, group)
  }

  /** Returns what is kept of the group of a session, if anything is. */
  groupOf (session: StoredSession): GroupSessions | undefined {
    return this.#groups.get(keyOf(session))
  }

  /** Evicts expired sessions, and the tables of groups without sessions. Bounded work. */
  sweep (): void {
    for (const [key, { sessions }] of this.#groups) {
      sessions.sweep()
      if (sessions.size === 0) this.#groups.delete(key)
    }
  }

  #createGroup (session: StoredSession): GroupSessions {
    const key = keyOf(session)
    let group = this.#groups.get(key)
    if (group === undefined || group.names.length >= MAX_NAMES) {
      const { timeout, expiry, maxSessions = Infinity } = session
      const sessions = createSessionTable({ timeout, expiry, maxSessions }, this.#now, this.#seed)
      this.#groups.set(key, (group = { sessions, names: [], numbers: new Map() }))
    }
    return group
  }

  /** Notifies the other processes that sessions of this group have another owner, or none. */
  reportMove ({ key }: StoredSession): void {
    for (const listener of this.#onMove) listener(groupNameOf(key))
  }
}

const keyOf = ({ key, timeout, expiry, maxSessions }: StoredSession): string =>
  `${groupNameOf(key)} ${timeout} ${expiry} ${maxSessions}`

/** The part of a key before the fingerprint of the id. */
const groupNameOf = (key: string): string => key.slice(0, Math.max(0, key.lastIndexOf(':')))

const memberName = ({ names }: GroupSessions, number: number | undefined): string | null => names[number ?? -1] ?? null

function numberOf ({ names, numbers }: GroupSessions, name: string): number {
  let number = numbers.get(name)
  if (number === undefined) numbers.set(name, (number = names.push(name) - 1))
  return number
}
