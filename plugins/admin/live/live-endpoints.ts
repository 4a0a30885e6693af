import { redactUrl } from '../../../lib/message/redact-url.js'
import type { EndpointState } from '../../../lib/state/endpoint-state.js'
import type { Registry } from '../../../lib/state/registry.js'
import { endpointIdentity, endpointStatus } from '../endpoints/endpoint-views.js'
import type { LiveEndpoint, LiveStatus, States } from '../contract/live-protocol.js'

interface Tracked {
  readonly i: number
  readonly name: string
  /** The versions at which it came, and at which it changed last. */
  readonly cameAt: number
  changedAt: number
}

/**
 * The endpoints as streams name and follow them. Each has a number, and the version of its last change; a page that has
 * had a version gets what is newer, so that nothing waits for a page that reads slowly.
 */
export class LiveEndpoints {
  readonly #registry: Registry
  readonly #byName = new Map<string, Tracked>()
  readonly #byNumber = new Map<number, Tracked>()
  /** Numbers of endpoints that are gone, and the version at which they went. */
  readonly #gone = new Map<number, number>()
  /** What has changed since the version of the last call of `endFrame`: what all pages but slow ones get. */
  readonly #changed = new Set<Tracked>()
  #frameBegan = 0
  #version = 0
  #nextNumber = 0

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

  /** The name of the endpoint with a number; undefined: it is gone. */
  nameOf (number: number): string | undefined {
    return this.#byNumber.get(number)?.name
  }

  /** The number of an endpoint by its name, or by its name as pages show it. */
  numberOf (name: string): number | undefined {
    const found = this.#byName.get(name) ?? [...this.#byName.values()].find(each => redactUrl(each.name) === name)
    return found?.i
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
    const gone = [...this.#byName.values()].filter(({ name }) => !endpoints.has(name))
    for (const each of gone) {
      this.#byName.delete(each.name)
      this.#byNumber.delete(each.i)
      this.#changed.delete(each)
      this.#gone.set(each.i, ++this.#version)
    }
    return gone.map(({ name }) => name)
  }

  /** What a page that has had this version does not know yet. */
  since (version: number): States {
    const newer: Iterable<Tracked> = version >= this.#frameBegan ? this.#changed : this.#byName.values()
    const [of, added, gone]: [LiveStatus[], LiveEndpoint[], number[]] = [[], [], []]
    for (const tracked of newer) {
      const endpoint = tracked.changedAt > version ? this.#registry.endpoints.get(tracked.name) : undefined
      if (endpoint === undefined) continue
      if (tracked.cameAt > version) added.push(this.#viewOf(tracked, endpoint))
      else of.push({ i: tracked.i, ...endpointStatus(endpoint, this.#registry) })
    }
    for (const [number, at] of this.#gone) if (at > version) gone.push(number)
    return { now: this.#registry.now(), of, new: added, gone }
  }

  /** Ends a frame: all pages have been sent what is new. @param sent the lowest version that a page has had */
  endFrame (sent: number): void {
    this.#changed.clear()
    this.#frameBegan = this.#version
    for (const [number, at] of this.#gone) if (at <= sent) this.#gone.delete(number)
  }

  #findNew (): void {
    for (const name of this.#registry.endpoints.keys()) if (!this.#byName.has(name)) this.change(name)
  }

  #track (name: string): Tracked {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const tracked: Tracked = { i: this.#nextNumber++, name, cameAt: this.#version + 1, changedAt: 0 }
    this.#byName.set(name, tracked)
    this.#byNumber.set(tracked.i, tracked)
    return tracked
  }

  #viewOf ({ i }: Tracked, endpoint: EndpointState): LiveEndpoint {
    return { i, ...endpointIdentity(endpoint), ...endpointStatus(endpoint, this.#registry) }
  }
}
