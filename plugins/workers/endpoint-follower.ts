import type { EndpointState } from '../../lib/state/endpoint-state.js'
import type { Registry } from '../../lib/state/registry.js'
import type { IpcChannel } from '../ipc/ipc-channel.js'
import { CounterReporter } from './counters.js'
import {
  TOPICS,
  workerEndpoint,
  type EndpointHealth,
  type EndpointSignal,
  type TrialReply,
  type TrialRequest,
  type WorkerEndpoint
} from './worker-protocol.js'

/** How often a worker reports what its endpoints have counted, in milliseconds. */
const REPORT_INTERVAL_MS = 100

/** States of endpoints that this worker does not have yet; more are forgotten. */
const MAX_AHEAD = 10_000

/** The side of a worker: sends what has changed its states, and adopts the decisions of the primary. */
export class EndpointFollower {
  readonly #registry: Registry
  readonly #channel: IpcChannel
  readonly #reporter: CounterReporter
  readonly #timer: NodeJS.Timeout
  /** States of endpoints that this worker does not have yet, by name: the primary runs a configuration first. */
  readonly #statesAhead = new Map<string, EndpointHealth>()

  constructor (registry: Registry, channel: IpcChannel) {
    this.#registry = registry
    this.#channel = channel
    this.#reporter = new CounterReporter(registry)
    registry.requestTrial = async (endpoint, duration) => await this.#requestTrial(endpoint, duration)
    registry.onSignal = (endpoint, signal) => {
      // A trial is requested before it begins.
      if (signal.kind === 'trial') return
      channel.notify(TOPICS.signal, { ...this.#announce(endpoint), signal } satisfies EndpointSignal)
    }
    registry.knownHealth = endpoint => {
      const { name, address } = endpoint
      const state = this.#statesAhead.get(name)
      this.#statesAhead.delete(name)
      if (state?.address !== address) return undefined
      registry.adoptCheck(endpoint, state.checked)
      return state.health.state === 'active' ? undefined : state.health
    }
    channel.handle(TOPICS.state, (state: EndpointHealth) => {
      this.adopt([state])
    })
    this.#timer = setInterval(() => {
      this.report()
    }, REPORT_INTERVAL_MS).unref()
  }

  /** Takes over the states that the primary has decided. */
  adopt (states: readonly EndpointHealth[]): void {
    for (const state of states) {
      const { name, address, health, checked } = state
      const endpoint = this.#registry.endpoints.get(name)
      if (endpoint?.address !== address) {
        if (health.state === 'active' && checked === undefined) this.#statesAhead.delete(name)
        else if (this.#statesAhead.size < MAX_AHEAD) this.#statesAhead.set(name, state)
        continue
      }
      this.#registry.adopt(endpoint, health)
      this.#registry.adoptCheck(endpoint, checked)
    }
  }

  /** Requests the trial of a half-open endpoint from the primary. Returns when it started; undefined: it is refused. */
  async #requestTrial (endpoint: EndpointState, duration: number): Promise<number | undefined> {
    const request: TrialRequest = { ...this.#announce(endpoint), duration }
    const reply = (await this.#channel.request(TOPICS.trial, request).catch(() => null)) as TrialReply
    // An endpoint that only this worker has is its own.
    return reply === 'unknown' ? this.#registry.startTrial(endpoint, duration) : (reply ?? undefined)
  }

  /** An endpoint as it is reported to the primary, perhaps for the first time. */
  #announce (endpoint: EndpointState): WorkerEndpoint {
    this.#reporter.announce(endpoint)
    return workerEndpoint(endpoint)
  }

  /** Sends what has been counted since the last report. */
  report (): void {
    const report = this.#reporter.next()
    if (report.length > 0) this.#channel.notify(TOPICS.counters, report)
  }

  close (): void {
    clearInterval(this.#timer)
    this.report()
  }
}
