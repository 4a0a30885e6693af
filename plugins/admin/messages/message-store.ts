import type { NumberedMessage, Recorded, RecordedMessage } from '../../recording/recorded-message.js'

/** Messages that are kept; the oldest go first. */
export const MAX_MESSAGES = 2_000
/** Bytes of all of them. */
export const MAX_BYTES = 8 * 1024 * 1024

/** A recorded message with its number in the list. */
export interface StoredMessage {
  readonly id: number
  /** The process that recorded it; null: this one. */
  readonly worker: number | null
  readonly message: RecordedMessage
}

interface PackedMessage {
  readonly id: number
  readonly worker: number | null
  /** Its number in its process. */
  readonly number: number
  /**
   * As JSON outside of V8's heap: thousands of objects that live for minutes would be copied by its collections, and
   * texts in them could be parts of longer ones, with secrets in these.
   */
  readonly json: Buffer
}

/** The recorded messages of all processes, in the order in which they ended. Bounded in number and bytes. */
export class MessageStore {
  bytes = 0
  #messages: PackedMessage[] = []
  #nextId = 1
  /** The highest number of each process, whose numbers rise. */
  readonly #highest = new Map<number | null, number>()
  /** Messages that each process has not kept. */
  readonly #dropped = new Map<number | null, number>()

  get count (): number {
    return this.#messages.length
  }

  get dropped (): number {
    return [...this.#dropped.values()].reduce((sum, each) => sum + each, 0)
  }

  /** Takes what a process reports. */
  add (worker: number | null, recorded: Recorded): void {
    if ('dropped' in recorded) this.#dropped.set(worker, recorded.dropped)
    else this.#keep(worker, recorded)
  }

  /** Adds a message, or replaces it where it comes again; one that was dropped meanwhile stays dropped. */
  #keep (worker: number | null, { number, message }: NumberedMessage): void {
    const isNew = number > (this.#highest.get(worker) ?? 0)
    const at = isNew ? -1 : this.#messages.findLastIndex(each => each.worker === worker && each.number === number)
    const before = this.#messages[at]
    if (!isNew && before === undefined) return
    const json = Buffer.from(JSON.stringify(message))
    this.bytes += json.length - (before?.json.length ?? 0)
    if (before === undefined) {
      this.#highest.set(worker, number)
      this.#messages.push({ id: this.#nextId++, worker, number, json })
    } else this.#messages[at] = { ...before, json }
    while (this.#messages.length > MAX_MESSAGES || this.bytes > MAX_BYTES) {
      this.bytes -= this.#messages.shift()!.json.length
    }
  }

  clear (): void {
    this.#messages = []
    this.bytes = 0
    this.#dropped.clear()
  }

  /** A new recording begins to count; its messages follow those that are kept. */
  restart (): void {
    this.#dropped.clear()
  }

  /** Newest first. @param after only those with a greater id @param before only those with a smaller id */
  list (after: number, limit: number, before = Infinity): StoredMessage[] {
    return this.#messages.filter(({ id }) => id > after && id < before).slice(-limit).reverse().map(stored)
  }

  find (id: number): StoredMessage | undefined {
    const entry = this.#messages.find(each => each.id === id)
    return entry && stored(entry)
  }
}

const stored = ({ id, worker, json }: PackedMessage): StoredMessage =>
  ({ id, worker, message: JSON.parse(json.toString()) as RecordedMessage })
