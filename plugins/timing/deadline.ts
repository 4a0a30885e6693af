/** The longest time that a timer of Node.js can wait, in milliseconds. */
export const MAX_TIMER_MS = 2 ** 31 - 1

/** A result that did not come in time. */
export class DeadlineExceeded extends Error {
  /** @param milliseconds how long it was awaited */
  constructor (milliseconds: number) {
    super(`no result within ${milliseconds} ms`)
    this.name = 'DeadlineExceeded'
  }
}

/**
 * Awaits a result for at most this many milliseconds. What produces it continues.
 * @throws DeadlineExceeded, or the reason of the rejection
 */
export const within = <T>(milliseconds: number, result: Promise<T>): Promise<T> => new Promise((resolve, reject) => {
  // A busy process may see the timer before a result that is already there: the result is read first.
  const timer = setTimeout(() => setImmediate(() => reject(new DeadlineExceeded(milliseconds))), milliseconds)
  const settle = <V>(then: (value: V) => void) => (value: V): void => {
    clearTimeout(timer)
    then(value)
  }
  // Extensions in plain JavaScript may return a value instead of a promise.
  Promise.resolve(result).then(settle(resolve), settle(reject))
})

/** Waits until something is done, but for no longer than this many milliseconds. */
export async function waitAtMost (milliseconds: number, done: Promise<unknown>): Promise<void> {
  try {
    await within(milliseconds, done)
  } catch (error) {
    if (!(error instanceof DeadlineExceeded)) throw error
  }
}
