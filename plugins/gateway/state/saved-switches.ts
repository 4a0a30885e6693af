import { hash } from 'node:crypto'
import type { EndpointState } from '../../../lib/state/endpoint-state.js'
import type { Health } from '../../../lib/state/suspension.js'
import { redactUrl } from '../../../lib/message/redact-url.js'
import { isObject } from '../configuration/option-checks.js'

/** Entries of a file; the oldest ones beyond are dropped. */
const MAX_ENTRIES = 2_000
/** Characters of a name; it is found by its fingerprint. */
const MAX_NAME = 200
const VERSION = 1

type Switched = Extract<Health, { state: 'off' | 'draining' }>

/** One endpoint that is off or draining by hand, as a file has it. */
interface SavedSwitch {
  /** For readers: its name, secrets hidden. */
  readonly endpoint: string
  /** What it is found by: a fingerprint of its name and its address, which may contain secrets. */
  readonly id: string
  readonly state: Switched['state']
  /** ISO 8601, UTC. */
  readonly since: string
}

/**
 * Which endpoints are off or draining by hand. Those that the configuration does not have stay: it may have them again.
 * An endpoint of the same name at another address is another endpoint.
 */
export class SavedSwitches {
  readonly #entries = new Map<string, SavedSwitch>()

  /** Reads what `text` has written. @throws Error with what is wrong */
  static parse (text: string): SavedSwitches {
    const content: unknown = JSON.parse(text)
    if (!isObject(content)) throw new Error('it is not a JSON object')
    if (content['version'] !== VERSION) {
      throw new Error(`it has the version ${String(content['version'])}, not ${VERSION}`)
    }
    const { switches } = content
    if (!Array.isArray(switches)) throw new Error('"switches" is not a list')
    const found = new SavedSwitches()
    for (const each of switches.slice(0, MAX_ENTRIES)) {
      if (!isEntry(each)) throw new Error('an entry of "switches" is malformed')
      found.#entries.set(each.id, each)
    }
    return found
  }

  /** The state that an endpoint was switched to; undefined: none. */
  get (endpoint: EndpointState): Health | undefined {
    const entry = this.#entries.get(idOf(endpoint))
    return entry && { state: entry.state, since: Date.parse(entry.since) }
  }

  /** Notes the state of an endpoint. Returns whether that changes anything. */
  note (endpoint: EndpointState, health: Health): boolean {
    const id = idOf(endpoint)
    const before = this.#entries.get(id)
    if (health.state !== 'off' && health.state !== 'draining') return this.#entries.delete(id)
    const since = new Date(health.since).toISOString()
    if (before?.state === health.state && before.since === since) return false
    this.#entries.delete(id)
    this.#entries.set(id, { endpoint: redactUrl(endpoint.name).slice(0, MAX_NAME), id, state: health.state, since })
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > MAX_ENTRIES) this.#entries.delete(oldest!)
    return true
  }

  get text (): string {
    return `${JSON.stringify({ version: VERSION, switches: [...this.#entries.values()] }, null, 2)}\n`
  }
}

const idOf = ({ name, address }: EndpointState): string =>
  hash('sha256', `${name}\0${address}`, 'base64url').slice(0, 22)

const isEntry = (value: unknown): value is SavedSwitch =>
  isObject(value) &&
  typeof value['endpoint'] === 'string' &&
  typeof value['id'] === 'string' &&
  (value['state'] === 'off' || value['state'] === 'draining') &&
  !Number.isNaN(Date.parse(String(value['since'])))
