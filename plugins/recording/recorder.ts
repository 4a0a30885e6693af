import { halfSipHash, type Seed } from '../../lib/state/half-sip-hash.js'
import { CaptureBudget } from './capture-budget.js'
import { ConfigurationSecrets } from './configuration-secrets.js'
import { isFailed } from './failed-message.js'
import { MessageCapture, type CapturedRequest } from './message-capture.js'
import type { MessageRecorder } from './message-recorder.js'
import { RateLimit } from './rate-limit.js'
import { recordMessage } from './record-message.js'
import type { Recorded } from './recorded-message.js'

/** Bytes of bodies that are captured at once; messages beyond are recorded without their bodies. */
export const MAX_CAPTURED = 16 * 1024 * 1024

/** What one process records. Survives JSON. */
export interface RecorderSettings {
  /** `failed`: those that count as failed. */
  readonly only: 'all' | 'failed'
  /** Milliseconds; slower messages count as failed, too. Null: no limit. */
  readonly slowerThan: number | null
  /** Names of proxies; null: all. */
  readonly proxies: readonly string[] | null
  /** Bytes of each body that are kept; 0: only heads. */
  readonly bytes: number
  /** Names of headers, elements and the like whose values are hidden besides those that look secret. */
  readonly hide: readonly string[]
  /** Messages that are kept within a second. */
  readonly perSecond: number
  /** The key of the fingerprints of session ids. */
  readonly seed: Seed
}

/** Records messages of one process: those that are wanted, as many as may be, with secrets hidden. */
export class Recorder implements MessageRecorder {
  readonly #settings: RecorderSettings
  readonly #keep: (recorded: Recorded) => void
  readonly #proxies: ReadonlySet<string> | undefined
  readonly #rate: RateLimit
  readonly #budget = new CaptureBudget(MAX_CAPTURED)
  readonly #secrets: ConfigurationSecrets
  readonly #nextNumber: () => number
  #dropped = 0
  #isOver = false

  /**
   * @param keep takes what is recorded, and each change of the number of dropped messages
   * @param nextNumber returns a number that is greater than all before
   */
  constructor (settings: RecorderSettings, keep: (recorded: Recorded) => void, nextNumber: () => number) {
    this.#settings = settings
    this.#keep = keep
    this.#nextNumber = nextNumber
    this.#proxies = settings.proxies === null ? undefined : new Set(settings.proxies)
    this.#rate = new RateLimit(settings.perSecond)
    this.#secrets = new ConfigurationSecrets(settings.hide)
  }

  /** Messages on their way are not kept any more. */
  stop (): void {
    this.#isOver = true
  }

  begin (request: CapturedRequest): MessageCapture | undefined {
    const { only, bytes } = this.#settings
    if (this.#proxies?.has(request.proxy) === false) return undefined
    // Before it is captured: a message that is dropped costs next to nothing.
    if (only === 'all' && !this.#mayKeep()) return undefined
    return new MessageCapture(request, bytes, this.#budget)
  }

  finished (message: MessageCapture, delivery?: Promise<void>): void {
    if (delivery === undefined) return this.#complete(message)
    // It is shown while it is on its way; whether it fails is known at the end.
    const number = this.#settings.only === 'all' ? this.#nextNumber() : undefined
    if (number !== undefined) this.#record(number, message)
    void delivery.then(() => this.#complete(message, number))
  }

  /**
   * No attempts follow; some may still be on their way.
   * @param known the number of a message that is recorded already
   */
  #complete (message: MessageCapture, known?: number): void {
    const isWanted = this.#settings.only === 'all' || (this.#isWanted(message) && this.#mayKeep())
    if (this.#isOver || !isWanted) return message.release()
    const number = known ?? this.#nextNumber()
    const isPending = (): boolean => message.attempts.some(({ outcome }) => outcome === undefined)
    this.#record(number, message)
    if (!isPending()) return message.release()
    message.onSettled = () => {
      if (isPending()) return
      this.#record(number, message)
      message.release()
    }
  }

  #record (number: number, message: MessageCapture): void {
    if (this.#isOver) return
    const fingerprint = (id: string): string => fingerprintOf(id, this.#settings.seed)
    const recorded = recordMessage(message, this.#secrets.of(message.given.definitions), fingerprint)
    this.#keep({ number, message: recorded })
  }

  #mayKeep (): boolean {
    const mayKeep = this.#rate.take(performance.now())
    if (!mayKeep) this.#keep({ dropped: ++this.#dropped })
    return mayKeep
  }

  #isWanted (message: MessageCapture): boolean {
    const { slowerThan } = this.#settings
    return isFailed(message) || (slowerThan !== null && (message.ms ?? 0) > slowerThan)
  }
}

/** Tells sessions apart without their ids: eight hexadecimal digits. */
export function fingerprintOf (id: string, seed: Seed): string {
  const words = new Int32Array(2)
  halfSipHash(id, seed, words)
  return (words[0]! >>> 0).toString(16).padStart(8, '0')
}
