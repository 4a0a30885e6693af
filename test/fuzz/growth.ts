import { processorTime } from '../support/timing/processor-time.js'
import type { Random } from '../support/random.js'
import type { Execution } from './execution.js'

const SMALL = 8 * 1024
const LARGE = 64 * 1024
/** An input that is eight times as long may take this many times as long: linear, with a tolerance. */
const TOLERANCE = 24
/** Costs below this, in milliseconds, are not compared. */
const NEGLIGIBLE = 100
const REPEATS = 6

/**
 * Repeats a part of an input to two sizes, and compares what both cost. Returns the larger input if its cost grows
 * faster than its length, by the best of several measurements of processor time: the machine may be busy.
 */
export function superlinearInput (input: Buffer, execution: Execution, { below }: Random): Buffer | undefined {
  if (input.length === 0) return undefined
  const from = below(input.length)
  const to = from + 1 + below(Math.min(64, input.length - from))
  const repeated = (size: number): Buffer => {
    const times = Math.ceil(size / (to - from))
    const parts = [
      input.subarray(0, from),
      ...Array.from({ length: times }, () => input.subarray(from, to)),
      input.subarray(to)
    ]
    return Buffer.concat(parts)
  }
  const [small, large] = [repeated(SMALL), repeated(LARGE)]
  let [smallest, largest] = [Infinity, Infinity]
  for (let left = REPEATS; left > 0; left--) {
    largest = Math.min(largest, costOf(large, execution))
    if (largest < NEGLIGIBLE) return undefined
    smallest = Math.min(smallest, costOf(small, execution))
    if (largest < TOLERANCE * smallest) return undefined
  }
  return large
}

/** Processor time in milliseconds. Failures of the target are ignored: they are found on their own. */
const costOf = (input: Buffer, execution: Execution): number =>
  processorTime(() => execution.failureOf(input, false))
