import { setImmediate } from 'node:timers/promises'

/** How long messages wait for a slice, in milliseconds. */
const SLICE_MS = 8

/** Runs steps in slices of 8 ms. Between two slices the event loop turns, so that messages are served. */
export async function inSlices<T> (steps: Generator<undefined, T, undefined>): Promise<T> {
  for (;;) {
    const end = performance.now() + SLICE_MS
    do {
      const step = steps.next()
      if (step.done === true) return step.value
    } while (performance.now() < end)
    await setImmediate()
  }
}
