import type { Chance } from './chance.js'
import type { Execution } from './execution.js'

const SMALL = 8 * 1024
const LARGE = 64 * 1024
/** An input that is eight times as long may take this many times as long: linear, with a tolerance. */
const TOLERANCE = 24
/** Below this time, in milliseconds, nothing is said. */
const NEGLIGIBLE = 100
const REPEATS = 4

/**
 * Repeats a part of an input to two sizes, and compares what both cost. Returns the larger input if its cost grows
 * faster than its length, again and again: a busy machine makes one measurement slow, not each.
 */
export function superlinearInput (input: Buffer, execution: Execution, { below }: Chance): Buffer | undefined {
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
  for (let left = REPEATS; left > 0; left--) {
    const cost = costOf(large, execution)
    if (cost < NEGLIGIBLE || cost < TOLERANCE * costOf(small, execution)) return undefined
  }
  return large
}

/** Milliseconds. A failure is none of growth: it is found on its own. */
function costOf (input: Buffer, execution: Execution): number {
  const begin = performance.now()
  execution.failureOf(input, false)
  return performance.now() - begin
}
