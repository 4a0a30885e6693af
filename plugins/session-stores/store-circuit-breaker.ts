import type { FastifyBaseLogger } from 'fastify'
import { LatencyHistogram } from '../../lib/state/latency-histogram.js'
import { redactUrl } from '../logging/redact.js'
import { BackOff, repeat } from '../timing/back-off.js'
import { within } from '../timing/deadline.js'
import type { SessionStore, StoredSession } from './session-store.js'

const DEFAULT_TIMEOUT_MS = 50
/** Failures in a row that open the circuit. */
const MAX_FAILURES = 3
/** Delays between trials, in milliseconds. */
const FIRST_RETRY_MS = 250
const MAX_RETRY_MS = 4_000
/** Once the store has worked for so long, the delays start again from the first one. */
const STABLE_MS = 10_000

/** What is written as a trial: the store must be able to keep something. */
const TRIAL: StoredSession = { key: 'trial', timeout: 1_000, expiry: 'absolute', maxSessions: 1 }

/**
 * Tells whether a store works. While it does not, no message waits for it:
 *
 *      closed ──3 failures in a row──▶ open
 *       ▲                               │ after 250 ms, then twice as long each time, up to 4 s
 *       └─────────a trial is written────┘
 */
export class StoreCircuitBreaker {
  readonly #store: SessionStore
  readonly #log: FastifyBaseLogger
  /** Time of the calls that messages waited for, those that failed included. */
  readonly latency = new LatencyHistogram()
  readonly #backOff = new BackOff(FIRST_RETRY_MS, MAX_RETRY_MS)
  /** Whether the store is used. False until a trial has succeeded. */
  up = false
  #failures = 0
  /** When it began to work, by a monotonic clock. */
  #upSince = 0
  #reported: boolean | undefined
  #ended = false
  #stopTrials = (): void => {}

  constructor (store: SessionStore, log: FastifyBaseLogger) {
    this.#store = store
    this.#log = log
  }

  /** @throws Error if the store can never work */
  async open (): Promise<void> {
    await this.#store.open?.()
    const delay = await this.#try()
    if (delay !== undefined) this.#retryAfter(delay)
  }

  async close (): Promise<void> {
    this.#ended = true
    this.up = false
    this.#stopTrials()
    await this.#store.close?.()
  }

  /** Returns the response of the store. @throws Error if it fails or does not respond in time */
  async call<T>(question: () => Promise<T>): Promise<T> {
    const start = performance.now()
    try {
      const answer = await within(this.#timeout, question())
      this.#failures = 0
      return answer
    } catch (error) {
      if (++this.#failures >= MAX_FAILURES && this.up) this.#retryAfter(this.#down(error))
      throw error
    } finally {
      this.latency.record(performance.now() - start)
    }
  }

  get #timeout (): number {
    return this.#store.timeout ?? DEFAULT_TIMEOUT_MS
  }

  #retryAfter (delay: number): void {
    this.#stopTrials()
    if (!this.#ended) this.#stopTrials = repeat(() => this.#try(), delay)
  }

  /** Returns when to try again, in milliseconds; undefined: not needed. */
  async #try (): Promise<number | undefined> {
    if (this.#ended) return undefined
    try {
      await within(this.#timeout, this.#store.bind(TRIAL, 'trial', null))
    } catch (error) {
      return this.#ended ? undefined : this.#down(error)
    }
    if (this.#ended) return undefined
    this.#failures = 0
    this.#upSince = performance.now()
    this.up = true
    if (this.#isChange()) this.#log.info('sessions are shared with other gateways')
    return undefined
  }

  /** Returns when to try again, in milliseconds. */
  #down (error: unknown): number {
    if (this.up && performance.now() - this.#upSince > STABLE_MS) this.#backOff.reset()
    this.up = false
    if (this.#isChange()) {
      const cause = redactUrl(error instanceof Error ? error.message : String(error)).slice(0, 200)
      const text = `sessions are not shared with other gateways until their store responds again: ${cause}`
      this.#log.warn({ cause }, text)
    }
    return this.#backOff.next()
  }

  /** Whether it differs from what was logged last: each change is one line. */
  #isChange (): boolean {
    if (this.#reported === this.up) return false
    this.#reported = this.up
    return true
  }
}
