/** Runs one work at a time, in the order in which they come. */
export class SerialQueue {
  readonly #max: number
  readonly #tooMany: () => Error
  #last: Promise<unknown> = Promise.resolve()
  #count = 0

  /**
   * @param max how many there are at most: one that runs, and those that wait. Default: any number
   * @param tooMany the error for one more
   */
  constructor (max = Infinity, tooMany = (): Error => new RangeError(`more than ${max} wait`)) {
    this.#max = max
    this.#tooMany = tooMany
  }

  /** Runs it when those before it have ended. Rejects as it does, and with the error of `tooMany`. */
  async run<T> (work: () => Promise<T>): Promise<T> {
    if (this.#count >= this.#max) throw this.#tooMany()
    this.#count++
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return await result.finally(() => {
      this.#count--
    })
  }
}
