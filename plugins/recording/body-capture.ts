import type { BodyObserver } from '../http/message/body-source.js'
import type { CaptureBudget } from './capture-budget.js'

/** Bytes of the first buffer of a body. */
const FIRST_ROOM = 1024
const NOTHING = Buffer.alloc(0)

/** The start of a body that passes, as a copy in one buffer that grows, and its length. */
export class BodyCapture implements BodyObserver {
  /** Bytes that have passed. */
  size = 0
  /** Whether all of it has passed. */
  isComplete = false
  /** Whether its start is not kept, since other messages have all of the budget. */
  isOverBudget = false
  readonly #budget: CaptureBudget
  #limit: number
  #buffer = NOTHING
  #kept = 0

  /** @param limit bytes that are kept */
  constructor (limit: number, budget: CaptureBudget) {
    this.#limit = limit
    this.#budget = budget
  }

  add (chunk: Buffer): void {
    this.size += chunk.length
    const count = Math.min(chunk.length, this.#limit - this.#kept)
    if (count <= 0) return
    if (!this.#reserve(this.#kept + count)) {
      this.release()
      this.isOverBudget = true
      return
    }
    chunk.copy(this.#buffer, this.#kept, 0, count)
    this.#kept += count
  }

  end (): void {
    this.isComplete = true
  }

  /** Drops what is kept, and keeps nothing more. */
  release (): void {
    this.#budget.free(this.#buffer.length)
    this.#buffer = NOTHING
    this.#kept = 0
    this.#limit = 0
  }

  /** The start that is kept. */
  get bytes (): Buffer {
    return this.#buffer.subarray(0, this.#kept)
  }

  /** Whether more than its start has passed, or would have. */
  get isCut (): boolean {
    return !this.isComplete || this.size > this.#kept
  }

  /** Whether the same has passed here as there, as far as it is kept. */
  equals (other: BodyCapture): boolean {
    if (this.isOverBudget || other.isOverBudget) return false
    return this.size === other.size && this.isComplete === other.isComplete && this.bytes.equals(other.bytes)
  }

  /** Makes room for this many bytes; false: the budget does not have it. */
  #reserve (bytes: number): boolean {
    const before = this.#buffer
    if (bytes <= before.length) return true
    const room = Math.min(this.#limit, Math.max(bytes, before.length * 2, FIRST_ROOM))
    if (!this.#budget.reserve(room - before.length)) return false
    this.#buffer = Buffer.allocUnsafeSlow(room)
    before.copy(this.#buffer)
    return true
  }
}
