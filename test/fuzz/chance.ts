/** Seeded chance (mulberry32). */
export interface Chance {
  /** From 0 to below `count`. */
  below (count: number): number
  oneOf<T> (choices: readonly T[]): T
}

export function chanceOf (seed: number): Chance {
  let state = seed >>> 0
  const below = (count: number): number => {
    state = (state + 0x6D2B79F5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count)
  }
  return { below, oneOf: choices => choices[below(choices.length)]! }
}
