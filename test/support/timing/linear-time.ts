import type { Test } from 'tap'
import { processorTime } from './processor-time.js'

/** How much larger the larger number is, and how many times as long it may take. */
interface Growth {
  readonly times: number
  readonly limit: number
}

const SIXTEEN_TIMES: Growth = { times: 16, limit: 100 }
/** Milliseconds: shorter times vary by themselves. */
const MEASURABLE = 0.5

/**
 * Asserts that the time of a function is linear in a number: sixteen times as many take less than a hundred times as
 * long, where a quadratic function takes 256 times as long. The time is that of the processor: other programs may run.
 */
export function isLinear (
  t: Test,
  what: string,
  run: (count: number) => unknown,
  count: number,
  { times, limit }: Growth = SIXTEEN_TIMES
): void {
  const small = leastTime(() => run(Math.floor(count / times)))
  const large = leastTime(() => run(count))
  t.ok(large < limit * Math.max(small, MEASURABLE), `${what}: ${small} and ${large} ms`)
}

/** The least of several times, in milliseconds. */
const leastTime = (run: () => unknown): number => Math.min(...Array.from({ length: 5 }, () => processorTime(run)))
