/** Limits the bytes of bodies that are captured at once, over all messages on their way. */
export class CaptureBudget {
  #left: number

  /** @param bytes the greatest number of bytes at once */
  constructor (bytes: number) {
    this.#left = bytes
  }

  /** Takes this many bytes; false: they are not left, and none is taken. */
  reserve (bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  free (bytes: number): void {
    this.#left += bytes
  }
}
