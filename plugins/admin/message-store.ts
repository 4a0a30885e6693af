import type { NumberedMessage, Recorded, RecordedMessage, RecordedPart } from '../recording/recorded-message.js'

/** Messages that are kept; the oldest go first. */
export const MAX_MESSAGES = 2_000
/** Bytes of all of them. */
export const MAX_BYTES = 8 * 1024 * 1024
/** What objects and numbers of a message, an attempt or a header take besides their texts. */
const OVERHEAD = 512
const HEADER_OVERHEAD = 64

/** A recorded message with its number in the list. */
export interface StoredMessage {
  readonly id: number
  /** The process that recorded it; null: this one. */
  readonly worker: number | null
  /** Its number at its recorder. */
  readonly number: number
  readonly message: RecordedMessage
  readonly size: number
}

/** The recorded messages of all processes, in the order in which they ended. Bounded in number and bytes. */
export class MessageStore {
  bytes = 0
  #messages: StoredMessage[] = []
  #nextId = 1
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

  /** Adds a message, or replaces it where it comes again. */
  #keep (worker: number | null, { number, message }: NumberedMessage): void {
    const size = sizeOf(message)
    const at = this.#messages.findLastIndex(each => each.worker === worker && each.number === number)
    if (at >= 0) {
      const before = this.#messages[at]!
      this.bytes += size - before.size
      this.#messages[at] = { ...before, message, size }
    } else {
      this.#messages.push({ id: this.#nextId++, worker, number, message, size })
      this.bytes += size
    }
    while (this.#messages.length > MAX_MESSAGES || this.bytes > MAX_BYTES) {
      this.bytes -= this.#messages.shift()!.size
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
    // Numbers of recorders begin anew.
    this.#messages = this.#messages.map(each => ({ ...each, number: 0 }))
  }

  /** Newest first. @param after only those with a greater id @param before only those with a smaller id */
  list (after: number, limit: number, before = Infinity): StoredMessage[] {
    return this.#messages.filter(({ id }) => id > after && id < before).slice(-limit).reverse()
  }

  find (id: number): StoredMessage | undefined {
    return this.#messages.find(each => each.id === id)
  }
}

function sizeOf ({ path, request, response, attempts, notes }: RecordedMessage): number {
  const parts = [request, response, ...attempts.flatMap(({ sent, received }) => [sent, received])]
  return parts.reduce(
    (sum, part) => sum + (part === null ? 0 : sizeOfPart(part)),
    path.length + OVERHEAD * (1 + attempts.length) + HEADER_OVERHEAD * notes.length
  )
}

function sizeOfPart ({ headers, body }: RecordedPart): number {
  const text = typeof body === 'string' ? '' : (body.text ?? '')
  const sizeOfValue = (value: (typeof headers)[number][1]): number =>
    (typeof value === 'string' ? value : value.hidden).length
  return headers.reduce(
    (sum, [name, value]) => sum + name.length + sizeOfValue(value) + HEADER_OVERHEAD,
    isWide(text) ? text.length * 2 : text.length
  )
}

/** Whether each character takes two bytes. */
const isWide = (text: string): boolean => /[^\0-\xff]/.test(text)
