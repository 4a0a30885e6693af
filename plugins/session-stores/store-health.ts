import type { FastifyBaseLogger } from 'fastify'
import { LatencyHistogram } from '../../lib/state/latency-histogram.js'
import { errorMessage } from '../../lib/message/error-message.js'
import { redactUrl } from '../../lib/message/redact-url.js'
import type { SessionStore, StoredSession } from './session-store.js'
import { StoreCircuitBreaker, TRIAL } from './store-circuit-breaker.js'

/** Whether all of a store is used, since when (milliseconds since 1970), and why not. */
export interface StoreState {
  readonly isUp: boolean
  readonly since: number
  readonly cause: string | null
}

export interface StoreHealthOptions {
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn'>
  readonly now: () => number
  /** Receives each change of the whole store. */
  readonly onChange: (state: StoreState) => void
}

/**
 * Whether a store works, part by part: where one shard of a cluster is lost, sessions of the others are shared still.
 * A store without parts has one.
 */
export class StoreHealth {
  readonly #store: SessionStore
  readonly #options: StoreHealthOptions
  /** Time of the calls that messages waited for, those that failed included. */
  readonly latency = new LatencyHistogram()
  readonly #breakers = new Map<number, StoreCircuitBreaker>()
  /** Parts that do not work. */
  readonly #down = new Set<number>()
  /** Whether it works for all workers of this gateway, whose primary calls the store rarely. */
  #isUpForWorkers = true
  /** The state in the last log line. */
  #reported: StoreState | undefined

  constructor (store: SessionStore, options: StoreHealthOptions) {
    this.#store = store
    this.#options = options
  }

  /** Whether all of the store is used. */
  get up (): boolean {
    return this.#reported?.isUp === true
  }

  /** Undefined: that is not known yet, or it is closed. */
  get state (): StoreState | undefined {
    return this.#reported
  }

  /** Resolves when it is known whether the store works. @throws Error if it never can */
  async open (): Promise<void> {
    await this.#store.open?.()
    const { id } = this.#store.shardOf?.(TRIAL) ?? WHOLE
    const first = this.#create(id, false, TRIAL.key)
    await first.open()
  }

  async close (): Promise<void> {
    for (const breaker of this.#breakers.values()) breaker.close()
    this.#reported = undefined
    await this.#store.close?.()
  }

  /** @param cause why it does not work for a worker; undefined: it works for all of them */
  noteWorkers (cause: string | undefined): void {
    this.#isUpForWorkers = cause === undefined
    if (this.#reported !== undefined) this.#logChange(cause)
  }

  /** Whether the part that has this session is used. */
  has (session: StoredSession): boolean {
    return this.#breakerOf(session).up
  }

  /** Returns the response of the store. @throws Error if it fails or does not respond in time */
  async call<T>(session: StoredSession, question: () => Promise<T>): Promise<T> {
    const start = performance.now()
    try {
      return await this.#breakerOf(session).call(question)
    } finally {
      this.latency.record(performance.now() - start)
    }
  }

  #breakerOf (session: StoredSession): StoreCircuitBreaker {
    const { id, trialKey } = this.#store.shardOf?.(session) ?? WHOLE
    return this.#breakers.get(id) ?? this.#create(id, this.#breakers.size > 0, trialKey)
  }

  #create (id: number, up: boolean, trialKey: string): StoreCircuitBreaker {
    const report = (isUp: boolean, error?: unknown): void => {
      if (isUp) this.#down.delete(id)
      else this.#down.add(id)
      this.#logChange(error)
    }
    const breaker = new StoreCircuitBreaker(this.#store, report, up, trialKey)
    this.#breakers.set(id, breaker)
    return breaker
  }

  /** Each change of the whole is one line. */
  #logChange (error: unknown): void {
    const isUp = this.#down.size === 0 && this.#isUpForWorkers
    if (this.#reported?.isUp === isUp) return
    const { log, now, onChange } = this.#options
    const cause = isUp ? null : redactUrl(errorMessage(error)).slice(0, 200)
    this.#reported = { isUp, since: now(), cause }
    if (cause === null) log.info('sessions are shared with other gateways')
    else {
      const text = `sessions are not shared with other gateways until their store responds again: ${cause}`
      log.warn({ cause }, text)
    }
    onChange(this.#reported)
  }
}

const WHOLE = { id: 0, trialKey: TRIAL.key }
