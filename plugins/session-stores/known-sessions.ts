import type { SessionPolicy, SessionTable } from '../../lib/state/session-table.js'

export interface KnownSessionsOptions {
  /** How long the result of a look-up is used, in milliseconds. */
  readonly cacheTtl: number
  /** How long a session lasts after its last response, in milliseconds. */
  readonly timeout: number
  /** Whether the store reports which sessions have moved, and receives reports of those that are used. */
  readonly isCoherent: boolean
}

type MakeTable = (policy: Omit<SessionPolicy, 'maxSessions'>) => SessionTable

/**
 * The near cache: what one gateway knows of the sessions of a group in a store. The result of a look-up is used for
 * `cacheTtl`. A session whose member has responded here is known for as long as it lasts, if the store is coherent: it
 * has the session for at least as long, and would report if the session moved.
 */
export class KnownSessions {
  readonly #lookedUp: SessionTable
  /** Sessions whose members have responded here. */
  readonly #used: SessionTable | undefined
  /** Sessions whose use was reported to the store. */
  readonly #prolonged: SessionTable

  constructor (makeTable: MakeTable, { cacheTtl, timeout, isCoherent }: KnownSessionsOptions) {
    this.#lookedUp = makeTable({ timeout: cacheTtl, expiry: 'absolute' })
    this.#prolonged = makeTable({ timeout: cacheTtl, expiry: 'absolute' })
    this.#used = isCoherent ? makeTable({ timeout, expiry: 'sliding' }) : undefined
  }

  /** Returns the owner of a session; undefined: it has to be looked up. */
  ownerOf (id: string): number | undefined {
    return this.#used?.get(id) ?? this.#lookedUp.get(id)
  }

  /** The store has reported the owner of a session. A negative index: it has no owner. */
  noteOwner (id: string, index: number): void {
    this.#lookedUp.set(id, index)
    if (this.#used !== undefined && this.#used.get(id) !== index) this.#used.set(id, -1)
  }

  /** The member has responded to a message of this session. */
  use (id: string, member: number): void {
    if (this.#used !== undefined && this.ownerOf(id) === member) this.#used.set(id, member)
  }

  /** Whether the use of the session was reported within `cacheTtl`. */
  wasProlonged (id: string): boolean {
    return this.#prolonged.get(id) !== undefined
  }

  /** The use of the session is reported to the store. */
  prolong (id: string, member: number): void {
    this.#prolonged.set(id, member)
  }

  /** The session has no owner. */
  release (id: string): void {
    for (const table of this.#tables) table.set(id, -1)
  }

  /** No session of this member has an owner. */
  releaseMember (index: number): void {
    for (const table of this.#tables) table.release(index)
  }

  get #tables (): readonly SessionTable[] {
    return [this.#lookedUp, this.#prolonged, this.#used].filter(table => table !== undefined)
  }
}
