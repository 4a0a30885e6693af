import type { Registry } from '../../../lib/state/registry.js'
import type { ProxyServices } from '../../gateway/proxy-services.js'

/**
 * Notices that groups or proxies have changed, for which there is no event. Compares what a change replaces, without
 * reading it.
 */
export class LiveStructure {
  readonly #registry: Registry
  readonly #proxyServices: ProxyServices | undefined
  #last: readonly unknown[] = []
  #version = 0

  constructor (registry: Registry, proxyServices: ProxyServices | undefined) {
    this.#registry = registry
    this.#proxyServices = proxyServices
  }

  /** Looks for a change. @returns a number that rises with each */
  look (): number {
    const parts = [...this.#parts()]
    const isSame = parts.length === this.#last.length && parts.every((part, at) => part === this.#last[at])
    if (!isSame) this.#version++
    this.#last = parts
    return this.#version
  }

  * #parts (): Generator {
    // A reload replaces all of it.
    yield this.#proxyServices?.loadedAt
    for (const { name, members } of this.#registry.groups.values()) {
      yield name
      yield members
    }
    for (const { configuration, publisher } of this.#proxyServices ?? []) {
      for (const { name, isRunning } of configuration.services.values()) {
        yield name
        yield isRunning
        yield publisher.problem(name)
      }
    }
  }
}
