import type { Test } from 'tap'
import { processorTime } from './processor-time.js'

const TIMES_AS_LARGE = 16
/** Milliseconds: shorter times vary by themselves. */
const MEASURABLE = 0.5

/**
 * Asserts that the time of a function is linear in a number: sixteen times as many take less than a hundred times as
 * long, where a quadratic function takes 256 times as long. The time is that of the processor: other programs may run.
 */
export function isLinear (t: Test, what: string, run: (count: number) => unknown, count: number): void {
  const small = leastTime(() => run(Math.floor(count / TIMES_AS_LARGE)))
  const large = leastTime(() => run(count))
  t.ok(large < 100 * Math.max(small, MEASURABLE), `${what}: ${small} and ${large} ms`)
}

/** The least of several times, in milliseconds. */
const leastTime = (run: () => unknown): number => Math.min(...Array.from({ length: 5 }, () => processorTime(run)))
