import type { FastifyBaseLogger } from 'fastify'
import { redactUrl } from '../logging/redact.js'
import type { SessionStore, StoredSession } from './session-store.js'

const TIMEOUT = 50
/** After so many failures in a row the store is left alone. */
const FAILURES = 3
/** Then it is tried again soon, and less and less often, in milliseconds; soon again once it has worked for a while. */
const [SOON, SELDOM, A_WHILE] = [250, 4_000, 10_000]

/** What is written to try it: it must be able to keep something. */
const TRIAL: StoredSession = { key: 'trial', timeout: 1_000, expiry: 'absolute' }

/**
 * A store, and whether it works. While it does not, nobody waits for it:
 *
 *      up ──3 failures in a row──▶ down
 *       ▲                           │ in 250 ms, then twice as long each time, up to 4 s
 *       └────────it kept something──┘
 */
export class StoreCircuitBreaker {
  readonly #store: SessionStore
  readonly #log: FastifyBaseLogger
  /** Until it has been tried, nobody waits for it. */
  up = false
  #failures = 0
  #pause = SOON
  /** When it went up, by a clock that only goes forward. */
  #since = 0
  #said: boolean | undefined
  #closed = false
  #timer: NodeJS.Timeout | undefined

  constructor (store: SessionStore, log: FastifyBaseLogger) {
    this.#store = store
    this.#log = log
  }

  /** @throws Error if the store says that it can never work */
  async open (): Promise<void> {
    await this.#store.open?.()
    await this.#try()
  }

  async close (): Promise<void> {
    this.#closed = true
    this.up = false
    clearTimeout(this.#timer)
    await this.#store.close?.()
  }

  /** What the store answers. @throws Error if it fails, or has not answered in time */
  async call<T> (question: () => Promise<T>): Promise<T> {
    try {
      const answer = await within(this.#store.timeout ?? TIMEOUT, question())
      this.#failures = 0
      return answer
    } catch (error) {
      if (++this.#failures >= FAILURES && this.up) this.#down(error)
      throw error
    }
  }

  async #try (): Promise<void> {
    if (this.#closed) return
    try {
      await within(this.#store.timeout ?? TIMEOUT, this.#store.bind(TRIAL, 'trial', null))
      if (this.#closed) return
      this.#failures = 0
      this.#since = performance.now()
      this.up = true
      if (this.#isNews()) this.#log.info('sessions are shared with other gateways')
    } catch (error) {
      this.#down(error)
    }
  }

  #down (error: unknown): void {
    if (this.#closed) return
    if (this.up && performance.now() - this.#since > A_WHILE) this.#pause = SOON
    this.up = false
    this.#timer = setTimeout(() => { void this.#try() }, this.#pause).unref()
    this.#pause = Math.min(this.#pause * 2, SELDOM)
    if (!this.#isNews()) return
    const cause = redactUrl(error instanceof Error ? error.message : String(error)).slice(0, 200)
    this.#log.warn({ cause }, `sessions are not shared with other gateways until their store answers again: ${cause}`)
  }

  /** Whether it is otherwise than was said last: each change is one line in the log. */
  #isNews (): boolean {
    if (this.#said === this.up) return false
    this.#said = this.up
    return true
  }
}

/** @throws Error what it is rejected with, or that it took too long */
const within = <T>(milliseconds: number, answer: Promise<T>): Promise<T> => new Promise((resolve, reject) => {
  // Where this process itself was late, the answer may be there already, unread: it is read before the time is up.
  const timer = setTimeout(() => setImmediate(() => reject(new Error(`no answer within ${milliseconds} ms`))), milliseconds)
  const settle = <V>(then: (value: V) => void) => (value: V): void => {
    clearTimeout(timer)
    then(value)
  }
  // A store of somebody else may answer without a promise.
  Promise.resolve(answer).then(settle(resolve), settle(reject))
})
