import type { Algorithm } from '../contracts/algorithm.js'

/** Values that are read for each member at most, before the order is completed. */
const READS_PER_MEMBER = 16

/**
 * Yields each member of an order once, and every member in the end. An order that repeats members, leaves some out or
 * never ends is safe: at most 16 values are read for each member of the group; the members that did not appear follow
 * in the order of the configuration.
 */
export class UniqueIterator implements IterableIterator<number> {
  readonly #size: number
  readonly #order: Iterator<number>
  #readsLeft: number
  /** The members that were yielded. */
  readonly #seen: boolean[] = []
  /** Members below this one were yielded, or are not in the order; used once the order has ended. */
  #nextMissing = 0

  constructor (order: Iterable<number>, size: number) {
    this.#size = size
    this.#order = order[Symbol.iterator]()
    this.#readsLeft = size * READS_PER_MEMBER
  }

  [Symbol.iterator] (): this {
    return this
  }

  next (): IteratorResult<number, undefined> {
    while (this.#readsLeft > 0) {
      this.#readsLeft--
      const { value: member, done } = this.#order.next()
      if (done === true) this.#readsLeft = 0
      else if (this.#isNew(member)) return this.#yield(member)
    }
    while (this.#nextMissing < this.#size) {
      const member = this.#nextMissing++
      if (this.#isNew(member)) return this.#yield(member)
    }
    return { done: true, value: undefined }
  }

  #isNew (member: number): boolean {
    return Number.isInteger(member) && member >= 0 && member < this.#size && this.#seen[member] !== true
  }

  #yield (member: number): IteratorResult<number, undefined> {
    this.#seen[member] = true
    return { done: false, value: member }
  }
}

/** An algorithm whose orders have each member exactly once. */
export const eachMemberOnce =
  (algorithm: Algorithm): Algorithm =>
    members => {
      const order = algorithm(members)
      return (load, key) => new UniqueIterator(order(load, key), members.length)
    }
