/** Figures of several rounds, and what is said of them. */
export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN

/** Median [lower quartile-upper quartile]. */
export const quartiles = (numbers: readonly number[], digits = 2): string => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const at = (share: number): string => sorted[Math.floor(sorted.length * share)]?.toFixed(digits) ?? 'NaN'
  return `${median(sorted).toFixed(digits)} [${at(1 / 4)}-${at(3 / 4)}]`
}

/** One against another, round by round. */
export const ratios = (of: readonly number[], to: readonly number[]): number[] =>
  of.map((each, round) => each / to[round]!)

/** One beyond another, round by round. */
export const differences = (of: readonly number[], to: readonly number[]): number[] =>
  of.map((each, round) => each - to[round]!)

/** A line for what was wanted: `at least` or `at most` so much, and what it is. */
export function verdict (what: string, wanted: 'at least' | 'at most', limit: number, is: number, unit = ''): void {
  const met = wanted === 'at least' ? is >= limit : is <= limit
  console.log(
    `${met ? 'met    ' : 'NOT MET'}  ${what}: wanted ${wanted} ${round(limit)}${unit}, is ${round(is)}${unit}`
  )
}

const round = (number: number): number => Math.round(number * 100) / 100
