import type { EndpointState } from '../../lib/state/endpoint-state.js'
import { failureLogOf, type FailureMark, type FailureReport } from '../../lib/state/failure-log.js'
import { LatencyHistogram } from '../../lib/state/latency-histogram.js'
import type { Registry } from '../../lib/state/registry.js'
import type { StateLease } from '../../lib/state/state-lease.js'
import type { WaitingRequest } from '../../lib/state/waiting-requests.js'
import { workerEndpoint, type EndpointKey, type WorkerEndpoint } from './worker-protocol.js'

/** What only grows, and is added up over all workers. */
const COUNTS = ['responses', 'failures', 'retries', 'cancelled', 'refused'] as const

/** What one endpoint of a worker has counted since the last report. */
interface EndpointCounts extends WorkerEndpoint {
  /** Requests in flight now. */
  readonly inFlight: number
  /** Messages that wait for a place now. */
  readonly queued: number
  /** When the oldest of them was sent, in milliseconds since 1970. */
  readonly oldestStart: number | undefined
  /** In the order of `COUNTS`. */
  readonly counts: readonly number[]
  readonly latency: { readonly buckets: readonly (readonly [bucket: number, count: number])[]; readonly sum: number }
  readonly failed?: FailureReport | undefined
}

/** The counts of endpoints that have changed; `gone`: the worker no longer has it. */
export type CounterReport = readonly (EndpointCounts | (EndpointKey & { readonly gone: true }))[]

interface Sent {
  readonly endpoint: EndpointState
  inFlight: number
  queued: number
  oldestStart: number | undefined
  counts: readonly number[]
  latency: LatencyHistogram
  failures: FailureMark | undefined
}

/** The side of a worker: what has changed since the last report. */
export class CounterReporter {
  readonly #registry: Registry
  readonly #sent = new Map<string, Sent>()

  constructor (registry: Registry) {
    this.#registry = registry
  }

  /** The primary learns of this endpoint before it has counted anything: its end is reported. */
  announce (endpoint: EndpointState): void {
    const { name } = endpoint
    if (this.#sent.has(name)) return
    const counts = COUNTS.map(() => 0)
    const latency = new LatencyHistogram()
    const failures = undefined
    this.#sent.set(name, { endpoint, inFlight: 0, queued: 0, oldestStart: undefined, counts, latency, failures })
  }

  next (): CounterReport {
    const report: CounterReport[number][] = []
    for (const [name, { endpoint }] of this.#sent) {
      if (this.#registry.endpoints.get(name) === endpoint) continue
      this.#sent.delete(name)
      report.push({ name, address: endpoint.address, gone: true })
    }
    for (const endpoint of this.#registry.endpoints.values()) {
      const changed = this.#changesOf(endpoint)
      if (changed !== undefined) report.push(changed)
    }
    return report
  }

  #changesOf (endpoint: EndpointState): EndpointCounts | undefined {
    const { name, inFlight, queued, latency, failureLog } = endpoint
    const { oldestStart } = endpoint.waiting
    const counts = COUNTS.map(key => endpoint[key])
    const sent = this.#sent.get(name)
    const isUnchanged =
      sent === undefined
        ? counts.every(count => count === 0) && inFlight + queued === 0
        : isSame(sent, endpoint, counts)
    if (isUnchanged) return undefined
    const before = sent ?? { counts: COUNTS.map(() => 0), latency: new LatencyHistogram(), failures: undefined }
    const since = latency.since(before.latency)
    const failures = failureLog?.mark()
    this.#sent.set(name, { endpoint, inFlight, queued, oldestStart, counts, latency: latency.copy(), failures })
    return {
      ...workerEndpoint(endpoint),
      inFlight,
      queued,
      oldestStart,
      counts: counts.map((count, index) => count - before.counts[index]!),
      latency: { buckets: since.buckets(), sum: since.sum },
      failed: failureLog?.since(before.failures)
    }
  }
}

const isSame = (sent: Sent, { inFlight, queued, waiting }: EndpointState, counts: readonly number[]): boolean =>
  sent.inFlight === inFlight &&
  sent.queued === queued &&
  sent.oldestStart === waiting.oldestStart &&
  counts.every((count, index) => count === sent.counts[index])

/** What one worker has in flight at one endpoint, as part of the whole. */
class WorkerPart {
  readonly #endpoint: EndpointState
  #inFlight = 0
  #queued = 0
  #oldest: WaitingRequest | undefined

  constructor (endpoint: EndpointState) {
    this.#endpoint = endpoint
  }

  update ({ inFlight, queued, oldestStart }: Pick<EndpointCounts, 'inFlight' | 'queued' | 'oldestStart'>): void {
    const endpoint = this.#endpoint
    endpoint.inFlight += inFlight - this.#inFlight
    this.#inFlight = inFlight
    endpoint.queued += queued - this.#queued
    this.#queued = queued
    if (this.#oldest !== undefined) endpoint.waiting.remove(this.#oldest)
    this.#oldest =
      oldestStart === undefined ? undefined : { startedAt: oldestStart, before: undefined, after: undefined }
    if (this.#oldest !== undefined) endpoint.waiting.add(this.#oldest)
  }
}

const NOTHING_IN_FLIGHT = { inFlight: 0, queued: 0, oldestStart: undefined }

/** The endpoints of one worker, as the primary has them. */
export interface WorkerEndpoints {
  /** Returns the endpoint, which begins here where its address came with a message; undefined: there is none. */
  endpointOf (given: WorkerEndpoint): EndpointState | undefined
  add (report: CounterReport): void
  /** The worker has ended. */
  remove (): void
}

/**
 * The side of the primary: has the endpoints of all workers in its registry, and adds their reports. An endpoint whose
 * address came with a message is there from the first notice of a worker that names it, with the policy that it has
 * there, until no worker has it.
 */
export class CounterTotals {
  readonly #registry: Registry
  /** Endpoints whose addresses came with messages to workers, and the number of workers that have them. */
  readonly #fromMessages = new Map<string, number>()
  readonly #lease: StateLease

  constructor (registry: Registry) {
    this.#registry = registry
    this.#lease = registry.lease()
    this.#lease.commit()
  }

  worker (): WorkerEndpoints {
    const parts = new Map<EndpointState, WorkerPart>()
    const removeEndpoint = (endpoint: EndpointState): void => {
      parts.get(endpoint)?.update(NOTHING_IN_FLIGHT)
      parts.delete(endpoint)
      if (endpoint.addressFromMessage) this.#release(endpoint.name)
    }
    const endpointOf = (given: WorkerEndpoint): EndpointState | undefined => {
      const endpoint = this.#endpointOf(given)
      if (endpoint === undefined || parts.has(endpoint)) return endpoint
      if (endpoint.addressFromMessage) this.#claim(endpoint.name)
      parts.set(endpoint, new WorkerPart(endpoint))
      return endpoint
    }
    return {
      endpointOf,
      add: report => {
        for (const change of report) {
          if ('gone' in change) {
            const endpoint = [...parts.keys()].find(({ name, address }) => isKeyOf(change, name, address))
            if (endpoint !== undefined) removeEndpoint(endpoint)
            continue
          }
          const endpoint = endpointOf(change)
          if (endpoint === undefined) continue
          parts.get(endpoint)!.update(change)
          for (const [index, key] of COUNTS.entries()) endpoint[key] += change.counts[index] ?? 0
          if (change.failed !== undefined) failureLogOf(endpoint).add(change.failed)
          endpoint.latency.add(LatencyHistogram.of(change.latency.buckets, change.latency.sum))
        }
      },
      remove: () => {
        for (const endpoint of [...parts.keys()]) removeEndpoint(endpoint)
      }
    }
  }

  #endpointOf ({ name, address, policy }: WorkerEndpoint): EndpointState | undefined {
    const endpoint = this.#registry.endpoints.get(name)
    // The configuration of the primary no longer has it, or does not have it yet.
    if (endpoint === undefined) return policy && this.#lease.endpoint(name, address, policy)
    if (endpoint.address !== address) return undefined
    if (policy !== undefined && endpoint.addressFromMessage) endpoint.policy = policy
    return endpoint
  }

  #claim (name: string): void {
    this.#fromMessages.set(name, (this.#fromMessages.get(name) ?? 0) + 1)
  }

  #release (name: string): void {
    const left = (this.#fromMessages.get(name) ?? 1) - 1
    if (left > 0) this.#fromMessages.set(name, left)
    else {
      this.#fromMessages.delete(name)
      this.#lease.forgetEndpoint(name)
    }
  }
}

const isKeyOf = (key: EndpointKey, name: string, address: string): boolean =>
  key.name === name && key.address === address
