import { hash } from 'node:crypto'
import type { Seed } from '../../lib/state/half-sip-hash.js'
import type { SessionGroup } from '../../lib/state/group-state.js'
import { createSessionTable, type SessionTable } from '../../lib/state/session-table.js'
import { redactUrl } from '../logging/redact.js'
import type { StoredSession } from './session-store.js'

/** Characters of a fingerprint: 128 bits as base64url. */
const FINGERPRINT_LENGTH = 22

export interface KeyspaceOptions {
  /** How long a look-up is cached, in milliseconds. */
  readonly cacheTtl: number
  readonly now: () => number
  readonly seed: Seed | undefined
}

/**
 * Maps the sessions of one group between the table of this gateway (ids, indexes) and a store (fingerprints, names).
 */
export class GroupKeyspace {
  readonly group: SessionGroup
  /** Recent look-ups; undefined: nothing is cached. */
  readonly cache: SessionTable | undefined
  /** Sessions that were prolonged recently; undefined: each is prolonged each time. */
  readonly prolonged: SessionTable | undefined
  readonly #groupName: string
  readonly #timeout: number
  readonly #names: string[] = []
  readonly #indexes = new Map<string, number>()

  constructor (group: SessionGroup, { cacheTtl, now, seed }: KeyspaceOptions) {
    const { timeout, expiry, maxSessions } = group.sessionPolicy
    const ttl = expiry === 'sliding' ? Math.min(cacheTtl, Math.floor(timeout / 10)) : 0
    this.group = group
    const recent = (): SessionTable | undefined =>
      ttl > 0 ? createSessionTable({ timeout: ttl, expiry: 'absolute', maxSessions }, now, seed) : undefined
    this.cache = recent()
    this.prolonged = recent()
    this.#groupName = encodeURIComponent(storedName(group.name))
    // The store does not see uses that the cache answers: a session must outlive the last of them.
    this.#timeout = timeout + ttl
  }

  /**
   * Returns the session as the store knows it. An id is often as good as a password, hence its fingerprint; it includes
   * the name of the group, so that fingerprints of two groups cannot be compared.
   */
  session (id: string): StoredSession {
    const { name, sessionPolicy: { expiry } } = this.group
    return { key: `${this.#groupName}:${fingerprint(`${name}\0${id}`)}`, timeout: this.#timeout, expiry }
  }

  /** What the keys of all sessions of the group begin with. */
  get prefix (): string { return `${this.#groupName}:` }

  /** Keeps in this gateway that sessions have no owner: this one, or all of a member. */
  release (id: string): void {
    for (const table of this.#tables) table.set(id, -1)
  }

  releaseMember (index: number): void {
    for (const table of this.#tables) table.release(index)
  }

  get #tables (): SessionTable[] {
    return [this.group.sessions, this.cache, this.prolonged].filter(table => table !== undefined)
  }

  nameOf (index: number): string {
    this.#update()
    return this.#names[index]!
  }

  /** Returns undefined for a member that this gateway has never had. */
  indexOf (name: string): number | undefined {
    this.#update()
    return this.#indexes.get(name)
  }

  isMember (index: number): boolean {
    return this.group.members.includes(this.group.memberIds[index]!)
  }

  /** Keeps in this gateway what the store says. A negative index: the session has no owner. */
  keep (id: string, index: number): void {
    this.cache?.set(id, index)
    const { sessions } = this.group
    if (index < 0 || sessions.get(id) !== index) sessions.set(id, index)
  }

  /** Adds new members; indexes are never reused. */
  #update (): void {
    const { memberIds } = this.group
    for (let index = this.#names.length; index < memberIds.length; index++) {
      const stored = storedName(memberIds[index]!)
      let name = stored
      for (let count = 2; this.#indexes.has(name); count++) name = `${stored} #${count}`
      this.#names.push(name)
      this.#indexes.set(name, index)
    }
  }
}

const fingerprint = (text: string): string => hash('sha256', text, 'base64url').slice(0, FINGERPRINT_LENGTH)

/** Returns a name as it is, so that it can be read in the store; its fingerprint where it contains a secret. */
const storedName = (name: string): string =>
  redactUrl(name) === name && name !== '' ? name : `sha256:${fingerprint(name)}`
