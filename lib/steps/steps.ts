/** Work that may be interrupted: a generator that yields between its steps, and returns the result. */
export type Steps<T> = Generator<undefined, T, undefined>

/** Runs steps: at once, or with pauses between them. */
export type RunSteps = <T>(steps: Steps<T>) => Promise<T>

/** Runs all steps at once. */
export function completed<T> (steps: Steps<T>): T {
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  return step.value
}

export const atOnce: RunSteps = async steps => completed(steps)
