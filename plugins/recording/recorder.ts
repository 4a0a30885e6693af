import { halfSipHash, type Seed } from '../../lib/state/half-sip-hash.js'
import { CaptureBudget } from './capture-budget.js'
import { ConfigurationSecrets } from './configuration-secrets.js'
import { isFailed } from './failed-message.js'
import { MessageCapture, type CapturedRequest } from './message-capture.js'
import type { MessageRecorder } from './message-recorder.js'
import { RateLimit } from './rate-limit.js'
import { recordMessage } from './record-message.js'
import type { Recorded, RecordedMessage } from './recorded-message.js'
import { IdleTasks } from '../timing/idle-tasks.js'

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
  readonly #onFailure: (error: string) => void
  /** Messages of which nothing more is recorded. */
  readonly #failed = new WeakSet<MessageCapture>()
  #hasFailed = false
  /** Messages that have ended, and are not recorded yet: hiding their secrets takes longer than serving one does. */
  readonly #ended = new IdleTasks()
  #dropped = 0
  #isOver = false

  /**
   * @param keep takes what is recorded, and each change of the number of dropped messages
   * @param nextNumber returns a number that is greater than all before
   * @param onFailure called for the first message that cannot be recorded, with the name of the error and where it
   * was thrown. Such messages are dropped, and served as all others
   */
  constructor (
    settings: RecorderSettings,
    keep: (recorded: Recorded) => void,
    nextNumber: () => number,
    onFailure: (error: string) => void
  ) {
    this.#settings = settings
    this.#keep = keep
    this.#nextNumber = nextNumber
    this.#onFailure = onFailure
    this.#proxies = settings.proxies === null ? undefined : new Set(settings.proxies)
    this.#rate = new RateLimit(settings.perSecond)
    this.#secrets = new ConfigurationSecrets(settings.hide)
  }

  /** Messages on their way are not kept any more. */
  stop (): void {
    this.flush()
    this.#isOver = true
  }

  /** Records all messages that have ended at once. */
  flush (): void {
    this.#ended.flush()
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
    if (!isPending()) return this.#record(number, message, true)
    this.#record(number, message)
    message.onSettled = () => {
      if (!isPending()) this.#record(number, message, true)
    }
  }

  /** @param isLast whether nothing of the message is needed any more */
  #record (number: number, message: MessageCapture, isLast = false): void {
    this.#ended.add(() => {
      try {
        if (!this.#isOver && !this.#failed.has(message)) this.#keep({ number, message: this.#recorded(message) })
      } catch (error) {
        this.#failed.add(message)
        this.#drop()
        if (!this.#hasFailed) this.#onFailure(errorWithoutMessage(error))
        this.#hasFailed = true
      }
      if (isLast) message.release()
    })
  }

  #drop (): void {
    this.#keep({ dropped: ++this.#dropped })
  }

  #recorded (message: MessageCapture): RecordedMessage {
    const fingerprint = (id: string): string => fingerprintOf(id, this.#settings.seed)
    return recordMessage(message, this.#secrets.of(message.given.definitions), fingerprint)
  }

  #mayKeep (): boolean {
    const mayKeep = this.#rate.take(performance.now())
    if (!mayKeep) this.#drop()
    return mayKeep
  }

  #isWanted (message: MessageCapture): boolean {
    const { slowerThan } = this.#settings
    return isFailed(message) || (slowerThan !== null && (message.ms ?? 0) > slowerThan)
  }
}

/** The name of an error, and where it was thrown. Its message may quote what is to be hidden. */
function errorWithoutMessage (error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const { name, message, stack = '' } = error
  return `${name} ${/^ +(at .+)$/m.exec(stack.replace(message, ''))?.[1] ?? ''}`.trim()
}

/** Distinguishes sessions without their ids: eight hexadecimal digits. */
export function fingerprintOf (id: string, seed: Seed): string {
  const words = new Int32Array(2)
  halfSipHash(id, seed, words)
  return (words[0]! >>> 0).toString(16).padStart(8, '0')
}
