/** The bytes of all bodies that are kept at one time, and how often keeping was not possible. */
export class BufferBudget {
  readonly limit: number
  /** Bytes kept now. */
  inUse = 0
  /** How often there was no room: the body streamed instead, or was refused. */
  denied = 0
  /** How often a call failed and could not be repeated, because its body had been streamed away. */
  retriesImpossible = 0

  constructor (limit: number) {
    this.limit = limit
  }

  /** Whether these bytes may be kept; who got a yes owes a `give`. */
  reserve (bytes: number): boolean {
    if (this.inUse + bytes > this.limit) {
      this.denied++
      return false
    }
    this.inUse += bytes
    return true
  }

  free (bytes: number): void {
    this.inUse -= bytes
  }
}
