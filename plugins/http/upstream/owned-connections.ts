import type { OwnerHolder } from './connection-owner.js'
import type { UndiciConnection } from './undici-connection.js'

/** Connections of undici that their owners authenticate (NTLM, Negotiate). Each serves its owner alone. */
export class OwnedConnections implements OwnerHolder {
  readonly #byOwner = new Map<object, Set<UndiciConnection>>()
  readonly #end: (connection: UndiciConnection) => void

  /** @param end ends a connection with its requests */
  constructor (end: (connection: UndiciConnection) => void) {
    this.#end = end
  }

  add (owner: object, connection: UndiciConnection): void {
    const own = this.#byOwner.get(owner)
    if (own === undefined) this.#byOwner.set(owner, new Set([connection]))
    else own.add(connection)
  }

  /** An open connection of this owner that carries no request. */
  idleOf (owner: object): UndiciConnection | undefined {
    for (const connection of this.#byOwner.get(owner) ?? []) {
      const { size, connected } = connection.stats
      if (size > 0) continue
      if (connected) return connection
      this.#byOwner.get(owner)!.delete(connection)
      this.#end(connection)
    }
    return undefined
  }

  releaseOwner (owner: object): void {
    const own = this.#byOwner.get(owner)
    this.#byOwner.delete(owner)
    for (const connection of own ?? []) this.#end(connection)
  }
}
