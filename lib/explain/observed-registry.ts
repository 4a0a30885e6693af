import type { EndpointState } from '../state/endpoint-state.js'
import { ACTIVE, type Admission } from '../state/suspension.js'
import { Registry } from '../state/registry.js'
import { createSessionTable } from '../state/session-table.js'

/**
 * The state of a copy of a configuration: it begins like another registry, and what happens to it changes nothing
 * there.
 * Reports each decision about an endpoint.
 */
export class ObservedRegistry extends Registry {
  /** What it begins like; undefined: as if nothing had happened. */
  readonly #like: Registry | undefined
  readonly #seen = new WeakSet<EndpointState>()
  /** Receives each decision whether an endpoint accepts the message. */
  onDecision: (endpoint: EndpointState, isAccepted: boolean) => void = () => {}

  constructor (now: () => number, like?: Registry) {
    // Sessions of the copy are in no table: the trace has them.
    super(now, undefined, (_group, policy) => createSessionTable({ ...policy, maxSessions: 1 }, now))
    this.#like = like
  }

  /** Takes over the states of all endpoints. */
  adoptAll (): void {
    for (const endpoint of this.endpoints.values()) this.#adopt(endpoint)
  }

  override accepts (endpoint: EndpointState, admission: Admission): boolean {
    this.#adopt(endpoint)
    const isAccepted = super.accepts(endpoint, admission)
    this.onDecision(endpoint, isAccepted)
    return isAccepted
  }

  /** Endpoints whose address comes with the message are there when they are first used. */
  #adopt (endpoint: EndpointState): void {
    if (this.#seen.has(endpoint)) return
    this.#seen.add(endpoint)
    const { health = ACTIVE, checked, readySince = -Infinity } = this.#like?.endpoints.get(endpoint.name) ?? {}
    Object.assign(endpoint, { health, checked, readySince })
  }
}
