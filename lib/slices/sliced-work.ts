/** Work in slices, between which it may be interrupted: a generator that yields after each, and returns the result. */
export type Sliced<T> = Generator<undefined, T, undefined>

/** Runs sliced work: at once, or with pauses between its slices. */
export type RunSliced = <T>(work: Sliced<T>) => Promise<T>

/** Runs all slices at once. */
export function completed<T> (work: Sliced<T>): T {
  let slice = work.next()
  while (slice.done !== true) slice = work.next()
  return slice.value
}

export const atOnce: RunSliced = async work => completed(work)
