import { setImmediate } from 'node:timers/promises'

/** How long messages wait for a slice, in milliseconds. */
const SLICE_MS = 5

/**
 * Runs steps in slices of 5 ms. The event loop turns after each slice, so that messages are served.
 * @param signal ends the steps; then rejects with its reason
 */
export async function inSlices<T> (steps: Generator<undefined, T, undefined>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    const end = performance.now() + SLICE_MS
    let step
    do step = steps.next()
    while (step.done !== true && performance.now() < end)
    await setImmediate()
    if (step.done === true) return step.value
    if (signal?.aborted === true) steps.throw(signal.reason)
  }
}
