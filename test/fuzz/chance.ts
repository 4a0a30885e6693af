/** Seeded chance (mulberry32). */
export interface Chance {
  /** From 0 to below `count`. */
  below (count: number): number
  oneOf<T> (choices: readonly T[]): T
}

/** A chance that can begin again from another seed, without a new object. */
export class SeededChance implements Chance {
  #state: number

  constructor (seed: number) {
    this.#state = seed >>> 0
  }

  restart (seed: number): this {
    this.#state = seed >>> 0
    return this
  }

  readonly below = (count: number): number => {
    const state = this.#state = (this.#state + 0x6D2B79F5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count)
  }

  readonly oneOf = <T> (choices: readonly T[]): T => choices[this.below(choices.length)]!
}

export const chanceOf = (seed: number): Chance => new SeededChance(seed)
