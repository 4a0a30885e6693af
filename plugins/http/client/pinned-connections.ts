import type { Connection } from './connection.js'

/**
 * Connections that have been authenticated (NTLM, Negotiate), by owner. An endpoint takes whatever comes on such a
 * connection for its owner's.
 *
 * @see RFC 4559, section 6
 */
export class PinnedConnections {
  readonly #byOwner = new Map<object, Set<Connection>>()
  readonly #released = new WeakSet<object>()
  readonly #onPinned: ((owner: object) => void) | undefined

  constructor (onPinned: ((owner: object) => void) | undefined) {
    this.#onPinned = onPinned
  }

  /** Idle connections, those that cool included. */
  get idle (): number {
    let count = 0
    for (const connections of this.#byOwner.values()) for (const { isIdle } of connections) if (isIdle) count++
    return count
  }

  /** Without an owner the connection ends with the exchange that is going on. */
  pin (connection: Connection, owner: object | undefined): void {
    if (owner === undefined || this.#released.has(owner)) {
      connection.closesAfter = true
      return
    }
    connection.owner = owner
    const own = this.#byOwner.get(owner)
    if (own !== undefined) own.add(connection)
    else {
      this.#byOwner.set(owner, new Set([connection]))
      this.#onPinned?.(owner)
    }
  }

  /** An idle connection of this owner, which may still be cooling. */
  idleOf (owner: object): Connection | undefined {
    const own = this.#byOwner.get(owner)
    if (own === undefined) return undefined
    for (const connection of own) if (connection.isIdle) return connection
    return undefined
  }

  remove (connection: Connection): void {
    if (connection.owner === undefined) return
    const own = this.#byOwner.get(connection.owner)
    if (own?.delete(connection) === true && own.size === 0) this.#byOwner.delete(connection.owner)
  }

  release (owner: object): void {
    this.#released.add(owner)
    for (const connection of [...this.#byOwner.get(owner) ?? []]) {
      if (connection.isIdle) connection.close()
      else connection.closesAfter = true
    }
  }
}
