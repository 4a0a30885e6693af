import type { StoredSession } from './session-store.js'

/** How long a use of a session waits for others, so that they travel together, in milliseconds. */
const DELAY_MS = 100

/** Sessions of one group that were used, by their owner: what follows the name of the group in their keys. */
export interface ProlongedGroup extends Omit<StoredSession, 'key'> {
  readonly group: string
  readonly owners: ReadonlyArray<readonly [owner: string, fingerprints: readonly string[]]>
}

interface Waiting {
  readonly session: StoredSession
  readonly group: string
  readonly owners: Map<string, string[]>
}

/** Collects sessions that were used: one message for many of them costs a small part of a message for each. */
export class ProlongBatch {
  readonly #send: (groups: readonly ProlongedGroup[]) => void
  readonly #waiting = new Map<string, Waiting>()
  #timer: NodeJS.Timeout | undefined

  constructor (send: (groups: readonly ProlongedGroup[]) => void) {
    this.#send = send
  }

  add (session: StoredSession, owner: string): void {
    const { key, timeout, expiry, maxSessions } = session
    const colon = key.lastIndexOf(':')
    const group = key.slice(0, Math.max(0, colon))
    const name = `${group} ${timeout} ${expiry} ${maxSessions}`
    let waiting = this.#waiting.get(name)
    if (waiting === undefined) this.#waiting.set(name, (waiting = { session, group, owners: new Map() }))
    const fingerprints = waiting.owners.get(owner)
    if (fingerprints === undefined) waiting.owners.set(owner, [key.slice(colon + 1)])
    else fingerprints.push(key.slice(colon + 1))
    this.#timer ??= setTimeout(() => this.flush(), DELAY_MS).unref()
  }

  /** Forgets the sessions of a group: one of them has moved. */
  drop (group: string): void {
    for (const [name, waiting] of this.#waiting) if (waiting.group === group) this.#waiting.delete(name)
  }

  /** Sends what waits now. */
  flush (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#waiting.size === 0) return
    const groups = [...this.#waiting.values()].map(({ session: { key: _key, ...session }, group, owners }) => ({
      ...session,
      group,
      owners: [...owners]
    }))
    this.#waiting.clear()
    this.#send(groups)
  }
}
