import type { BodyObserver } from '../http/body-source.js'

/** The start of a body that passes, as a copy, and its length. */
export class BodyCapture implements BodyObserver {
  /** Bytes that have passed. */
  size = 0
  /** Whether all of it has passed. */
  isComplete = false
  readonly #limit: number
  readonly #chunks: Buffer[] = []
  #kept = 0

  /** @param limit bytes that are kept */
  constructor (limit: number) {
    this.#limit = limit
  }

  add (chunk: Buffer): void {
    this.size += chunk.length
    const room = this.#limit - this.#kept
    if (room <= 0) return
    const start = Buffer.from(chunk.subarray(0, room))
    this.#chunks.push(start)
    this.#kept += start.length
  }

  end (): void {
    this.isComplete = true
  }

  /** The start that is kept. */
  get bytes (): Buffer {
    if (this.#chunks.length > 1) this.#chunks.splice(0, Infinity, Buffer.concat(this.#chunks))
    return this.#chunks[0] ?? Buffer.alloc(0)
  }

  /** Whether more than its start has passed, or would have. */
  get isCut (): boolean {
    return !this.isComplete || this.size > this.#kept
  }

  /** Whether the same has passed here as there, as far as it is kept. */
  equals (other: BodyCapture): boolean {
    return this.size === other.size && this.isComplete === other.isComplete && this.bytes.equals(other.bytes)
  }
}
