import { hash } from 'node:crypto'
import type { GroupState } from '../../lib/state/group-state.js'
import type { SessionPolicy } from '../../lib/state/session-table.js'
import { redactUrl } from '../../lib/message/redact-url.js'
import type { StoredSession } from './session-store.js'

/** Characters of a fingerprint: 128 bits as base64url. */
const FINGERPRINT_LENGTH = 22

/** What a store needs of a group: its name, how long its sessions last, the names of its members. */
export class StoredGroup {
  /** How long a gateway may use what it knows of a session without a look-up, in milliseconds. 0: never. */
  readonly cacheTtl: number
  /** Its name in keys. */
  readonly storedName: string
  readonly #name: string
  readonly #policy: SessionPolicy
  readonly #memberIds: readonly string[]
  /** The members that `#names` and `#indexes` are of. */
  #members: readonly string[] = []
  #names: string[] = []
  readonly #indexes = new Map<string, number>()

  /** @param cacheTtl what the store allows, in milliseconds; at most a tenth of the time of a session is used */
  constructor ({ name, memberIds }: Pick<GroupState, 'name' | 'memberIds'>, policy: SessionPolicy, cacheTtl: number) {
    this.#name = name
    this.storedName = encodeURIComponent(storedName(name))
    this.#policy = policy
    this.#memberIds = memberIds
    this.cacheTtl = policy.expiry === 'sliding' ? Math.min(cacheTtl, Math.floor(policy.timeout / 10)) : 0
  }

  /**
   * Returns the session as the store knows it. An id is often as good as a password, hence its fingerprint; it includes
   * the name of the group, so that fingerprints of two groups cannot be compared.
   */
  session (id: string): StoredSession {
    const { timeout, expiry, maxSessions } = this.#policy
    return {
      key: `${this.prefix}${fingerprint(`${this.#name}\0${id}`)}`,
      // The store does not see uses that the cache serves: a session must outlive the last of them.
      timeout: timeout + this.cacheTtl,
      expiry,
      maxSessions
    }
  }

  /** What the keys of all its sessions begin with. */
  get prefix (): string {
    return `${this.storedName}:`
  }

  nameOf (index: number): string {
    if (this.#members[index] !== this.#memberIds[index]) this.#update()
    return this.#names[index]!
  }

  /** Returns undefined for a member that this gateway does not know. */
  indexOf (name: string): number | undefined {
    const index = this.#indexes.get(name)
    if (index !== undefined && this.#members[index] === this.#memberIds[index]) return index
    this.#update()
    return this.#indexes.get(name)
  }

  /** Another member may have the index of one that has left. */
  #update (): void {
    if (this.#members.length === this.#memberIds.length && this.#members.every(this.#isCurrent)) return
    this.#members = [...this.#memberIds]
    this.#names = []
    this.#indexes.clear()
    for (const [index, member] of this.#members.entries()) {
      const stored = storedName(member)
      let name = stored
      for (let count = 2; this.#indexes.has(name); count++) name = `${stored} #${count}`
      this.#names.push(name)
      this.#indexes.set(name, index)
    }
  }

  readonly #isCurrent = (member: string, index: number): boolean => member === this.#memberIds[index]
}

const fingerprint = (text: string): string => hash('sha256', text, 'base64url').slice(0, FINGERPRINT_LENGTH)

/** Returns a name as it is, so that it can be read in the store; its fingerprint where it contains a secret. */
const storedName = (name: string): string =>
  redactUrl(name) === name && name !== '' ? name : `sha256:${fingerprint(name)}`
