import { redactUrl } from '../../../lib/message/redact-url.js'
import type { EndpointState } from '../../../lib/state/endpoint-state.js'
import type { Registry } from '../../../lib/state/registry.js'
import { endpointIdentity, endpointStatus } from '../endpoints/endpoint-views.js'
import type { LiveEndpoint, LiveStatus, States } from '../contract/live-protocol.js'

interface Tracked {
  readonly index: number
  readonly name: string
  /** The versions at which it came, and at which it changed last. */
  readonly cameAt: number
  changedAt: number
}

/**
 * The endpoints as streams name and follow them. Each has an index, and the version of its last change; a page that has
 * had a version gets what is newer, so that nothing waits for a page that reads slowly.
 */
export class LiveEndpoints {
  readonly #registry: Registry
  readonly #byName = new Map<string, Tracked>()
  readonly #byIndex = new Map<number, Tracked>()
  /** Indexes of endpoints that were removed, and the version at which they went. */
  readonly #removed = new Map<number, number>()
  /** What has changed since the version of the last call of `endFrame`: what all pages but slow ones get. */
  readonly #changed = new Set<Tracked>()
  #frameBegan = 0
  #version = 0
  #nextIndex = 0

  constructor (registry: Registry) {
    this.#registry = registry
  }

  /** The version of the last change. */
  get version (): number { return this.#version }

  /** All endpoints, in the order of the registry. */
  all (): LiveEndpoint[] {
    this.#findNew()
    return [...this.#registry.endpoints.values()].map(endpoint => this.#viewOf(this.#track(endpoint.name), endpoint))
  }

  /** The name of the endpoint with an index; undefined: it was removed. */
  nameOf (index: number): string | undefined {
    return this.#byIndex.get(index)?.name
  }

  /** The index of an endpoint by its name, or by its name as pages show it. */
  indexOf (name: string): number | undefined {
    const found = this.#byName.get(name) ?? [...this.#byName.values()].find(each => redactUrl(each.name) === name)
    return found?.index
  }

  /** Notes that an endpoint has changed. */
  change (name: string): void {
    const tracked = this.#track(name)
    tracked.changedAt = ++this.#version
    this.#changed.add(tracked)
  }

  /** Finds endpoints that came or went, for which there is no event. @returns the names of those that went */
  compare (): string[] {
    this.#findNew()
    const { endpoints } = this.#registry
    if (this.#byName.size === endpoints.size) return []
    const removed = [...this.#byName.values()].filter(({ name }) => !endpoints.has(name))
    for (const each of removed) {
      this.#byName.delete(each.name)
      this.#byIndex.delete(each.index)
      this.#changed.delete(each)
      this.#removed.set(each.index, ++this.#version)
    }
    return removed.map(({ name }) => name)
  }

  /** What a page that has had this version does not know yet. */
  since (version: number): States {
    const newer: Iterable<Tracked> = version >= this.#frameBegan ? this.#changed : this.#byName.values()
    const [changed, added, removed]: [LiveStatus[], LiveEndpoint[], number[]] = [[], [], []]
    for (const tracked of newer) {
      const endpoint = tracked.changedAt > version ? this.#registry.endpoints.get(tracked.name) : undefined
      if (endpoint === undefined) continue
      if (tracked.cameAt > version) added.push(this.#viewOf(tracked, endpoint))
      else changed.push({ index: tracked.index, ...endpointStatus(endpoint, this.#registry) })
    }
    for (const [index, at] of this.#removed) if (at > version) removed.push(index)
    return { now: this.#registry.now(), changed, added, removed }
  }

  /** Ends a frame: all pages have been sent what is new. @param sent the lowest version that a page has had */
  endFrame (sent: number): void {
    this.#changed.clear()
    this.#frameBegan = this.#version
    for (const [index, at] of this.#removed) if (at <= sent) this.#removed.delete(index)
  }

  #findNew (): void {
    for (const name of this.#registry.endpoints.keys()) if (!this.#byName.has(name)) this.change(name)
  }

  #track (name: string): Tracked {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const tracked: Tracked = { index: this.#nextIndex++, name, cameAt: this.#version + 1, changedAt: 0 }
    this.#byName.set(name, tracked)
    this.#byIndex.set(tracked.index, tracked)
    return tracked
  }

  #viewOf ({ index }: Tracked, endpoint: EndpointState): LiveEndpoint {
    return { index, ...endpointIdentity(endpoint), ...endpointStatus(endpoint, this.#registry) }
  }
}
