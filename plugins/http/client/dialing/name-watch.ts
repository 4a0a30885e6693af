import { performance } from 'node:perf_hooks'
import type { NameResolver } from '../names/name-resolver.js'
import { addressOf } from '../names/system-names.js'
import type { ConnectionTarget } from './target.js'

/**
 * Looks the host of an origin up again while there is traffic: a name may move to other addresses, and connections to
 * the old ones remain valid.
 */
export class NameWatch {
  readonly #host: string | undefined
  readonly #resolver: NameResolver
  readonly #interval: number
  #dueAt = 0
  #isPending = false

  /** @param interval the time between two look-ups, in milliseconds; 0: never */
  constructor ({ host, socketPath }: ConnectionTarget, resolver: NameResolver, interval: number) {
    const isName = socketPath === undefined && addressOf(host) === undefined
    this.#host = isName && interval > 0 ? host : undefined
    this.#resolver = resolver
    this.#interval = interval
  }

  /** Calls back with the addresses if a look-up is due and succeeds; perhaps at once. */
  look (onFound: (addresses: ReadonlySet<string>) => void): void {
    if (this.#host === undefined || this.#isPending) return
    const now = performance.now()
    if (now < this.#dueAt) return
    this.#dueAt = now + this.#interval
    this.#isPending = true
    this.#resolver.resolve(this.#host, (failed, addresses) => {
      this.#isPending = false
      // While no name server responds, the connections that work are kept.
      if (failed === undefined) onFound(new Set(addresses.map(({ address }) => address)))
    })
  }
}
