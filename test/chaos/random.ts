/** Pseudo-random numbers, the same for the same seed. */
export interface Random {
  /** From 0 to below 1. */
  next (): number
  /** A whole number from 0 to below n. */
  below (n: number): number
  /** A whole number from a to b, as likely between 100 and 1,000 as between 1,000 and 10,000. */
  between (a: number, b: number): number
  chance (of: number): boolean
  pick<T> (from: readonly T[]): T
  /** Another generator: what this one returns from now on does not change its numbers. */
  fork (): Random
}

/** mulberry32: 32 bits of state. */
export function seeded (seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = state + 0x6d2b79f5 >>> 0
    let mixed = Math.imul(state ^ state >>> 15, state | 1)
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61)
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
  }
  const below = (n: number): number => Math.floor(next() * n)
  return {
    next,
    below,
    between: (a, b) => Math.min(b, Math.floor(a * ((b + 1) / a) ** next())),
    chance: of => next() < of,
    pick: from => from[below(from.length)]!,
    fork: () => seeded(below(2 ** 32))
  }
}
