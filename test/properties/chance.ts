/** Numbers from 0 to below 1, the same for the same start (a linear congruential generator). */
export function chance (start: number): () => number {
  let state = start
  return () => {
    state = Math.imul(state, 0x915f77f5) + 0x6d2b79f5 | 0
    return (state >>> 0) / 2 ** 32
  }
}
