import { hash } from 'node:crypto'
import type { Seed } from '../../lib/state/half-sip-hash.js'
import type { SessionGroup } from '../../lib/state/registry.js'
import { createSessionTable, type SessionTable } from '../../lib/state/session-table.js'
import { redactUrl } from '../logging/redact.js'
import type { StoredSession } from './session-store.js'

/** Of the fingerprint of an id: 128 bits as base64url. */
const LENGTH = 22

/** The sessions of one group, between the table of this gateway, which has numbers and ids, and a store, which has names and fingerprints. */
export class GroupKeyspace {
  readonly group: SessionGroup
  /** What the store has said a moment ago; undefined: it is always asked. */
  readonly near: SessionTable | undefined
  readonly #name: string
  readonly #timeout: number
  readonly #names: string[] = []
  readonly #numbers = new Map<string, number>()

  /** @param nearCache milliseconds */
  constructor (group: SessionGroup, nearCache: number, now: () => number, seed: Seed | undefined) {
    const { timeout, expiry, maxSessions } = group.sessionPolicy
    const near = expiry === 'sliding' ? Math.min(nearCache, Math.floor(timeout / 10)) : 0
    this.group = group
    this.near = near > 0 ? createSessionTable({ timeout: near, expiry: 'absolute', maxSessions }, now, seed) : undefined
    this.#name = encodeURIComponent(shown(group.name))
    // Uses that the near cache answers are not told to the store: a session must outlive the last one that was.
    this.#timeout = timeout + near
  }

  /** An id is often as good as a password, hence its fingerprint. The name of the group goes in, so that fingerprints of two groups do not compare. */
  session (id: string): StoredSession {
    const { name, sessionPolicy: { expiry } } = this.group
    return { key: `${this.#name}:${hash('sha256', `${name}\0${id}`, 'base64url').slice(0, LENGTH)}`, timeout: this.#timeout, expiry }
  }

  nameOf (number: number): string {
    this.#learn()
    return this.#names[number]!
  }

  /** Undefined: this gateway has never had a member of that name. */
  numberOf (name: string): number | undefined {
    this.#learn()
    return this.#numbers.get(name)
  }

  /** Whether it still is a member. */
  isMember (number: number): boolean {
    return this.group.members.includes(this.group.memberIds[number]!)
  }

  /** What the store says counts here too, while it can be asked and after that. A negative number: nobody has it. */
  keep (id: string, number: number): void {
    this.near?.set(id, number)
    const { sessions } = this.group
    if (number < 0 || sessions.get(id) !== number) sessions.set(id, number)
  }

  /** Slots only ever become more. */
  #learn (): void {
    const { memberIds: slots } = this.group
    for (let number = this.#names.length; number < slots.length; number++) {
      let name = shown(slots[number]!)
      for (let count = 2; this.#numbers.has(name); count++) name = `${shown(slots[number]!)} #${count}`
      this.#names.push(name)
      this.#numbers.set(name, number)
    }
  }
}

/** Names as they are, so that people can read them in the store; a fingerprint where the name holds what must not be shown. */
const shown = (name: string): string => redactUrl(name) === name && name !== '' ? name : `sha256:${hash('sha256', name, 'base64url').slice(0, LENGTH)}`
