import { BackOff, repeat } from '../timing/back-off.js'
import { within } from '../timing/deadline.js'
import type { SessionStore, StoredSession } from './session-store.js'

/** A busy machine is no reason to bind a session twice: see docs/operations.md, "Several gateways". */
const DEFAULT_TIMEOUT_MS = 1_000
/** Failures in a row that open the circuit. */
const MAX_FAILURES = 3
/** Delays between trials, in milliseconds. */
const FIRST_RETRY_MS = 250
const MAX_RETRY_MS = 4_000
/** Once the store has worked for this long, the delays start again from the first one. */
const STABLE_MS = 10_000

/** What is written as a trial: the store must be able to keep something. */
export const TRIAL: StoredSession = { key: 'trial', timeout: 1_000, expiry: 'absolute', maxSessions: 1 }

/**
 * Tracks whether one part of a store works. While it does not, no message waits for it:
 *
 *      closed ──3 failures in a row──▶ open
 *       ▲                               │ after 250 ms, then twice as long each time, up to 4 s
 *       └─────────a trial is written────┘
 */
export class StoreCircuitBreaker {
  readonly #store: SessionStore
  readonly #report: (up: boolean, error?: unknown) => void
  readonly #backOff = new BackOff(FIRST_RETRY_MS, MAX_RETRY_MS)
  /** Whether this part of the store is used. */
  up: boolean
  /** What a trial writes. */
  readonly #trialKey: string
  #failures = 0
  /** When it began to work, by a monotonic clock. */
  #upSince = 0
  #ended = false
  #stopTrials = (): void => {}

  /**
   * @param report receives whether it works after each trial, and when it works no more
   * @param up whether it is taken to work before the first call
   */
  constructor (store: SessionStore, report: (up: boolean, error?: unknown) => void, up: boolean, trialKey: string) {
    this.#store = store
    this.#report = report
    this.up = up
    this.#trialKey = trialKey
  }

  /** Resolves after one trial. */
  async open (): Promise<void> {
    const delay = await this.#try()
    if (delay !== undefined) this.#retryAfter(delay)
  }

  close (): void {
    this.#ended = true
    this.up = false
    this.#stopTrials()
  }

  /** Returns the response of the store. @throws Error if it fails or does not respond in time */
  async call<T>(operation: () => Promise<T>): Promise<T> {
    try {
      const result = await within(this.#timeout, operation())
      this.#failures = 0
      return result
    } catch (error) {
      if (++this.#failures >= MAX_FAILURES && this.up) this.#retryAfter(this.#down(error))
      throw error
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
      await within(this.#timeout, this.#store.bind({ ...TRIAL, key: this.#trialKey }, 'trial', null))
    } catch (error) {
      return this.#ended ? undefined : this.#down(error)
    }
    if (this.#ended) return undefined
    this.#failures = 0
    this.#upSince = performance.now()
    this.up = true
    this.#report(true)
    return undefined
  }

  /** Returns when to try again, in milliseconds. */
  #down (error: unknown): number {
    if (this.up && performance.now() - this.#upSince > STABLE_MS) this.#backOff.reset()
    this.up = false
    this.#report(false, error)
    return this.#backOff.next()
  }
}
