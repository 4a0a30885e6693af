/** Pseudo-random numbers, the same for the same seed (mulberry32). Its functions may be taken from it. */
export class Random {
  #state: number

  constructor (seed: number) {
    this.#state = seed >>> 0
  }

  /** Begins again from another seed, without a new object. */
  restart (seed: number): this {
    this.#state = seed >>> 0
    return this
  }

  /** From 0 to below 1. */
  readonly next = (): number => {
    const state = this.#state = this.#state + 0x6d2b79f5 >>> 0
    let mixed = Math.imul(state ^ state >>> 15, state | 1)
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61)
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
  }

  /** A whole number from 0 to below `count`. */
  readonly below = (count: number): number => Math.floor(this.next() * count)

  /** A whole number from a to b, as likely between 100 and 1,000 as between 1,000 and 10,000. */
  readonly between = (a: number, b: number): number => Math.min(b, Math.floor(a * ((b + 1) / a) ** this.next()))

  /** True in this share of the calls. */
  readonly chance = (share: number): boolean => this.next() < share

  readonly oneOf = <T> (choices: readonly T[]): T => choices[this.below(choices.length)]!

  /** Another generator: what this one returns from now on does not change its numbers. */
  readonly fork = (): Random => new Random(this.below(2 ** 32))
}
