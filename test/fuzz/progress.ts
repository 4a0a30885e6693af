/** What the thread of a target reports to the one that watches it, in memory that both share. */
export interface SharedProgress {
  readonly counters: SharedArrayBuffer
  readonly input: SharedArrayBuffer
}

const EXECUTIONS = 0
const LENGTH = 1
/** Of an input that is measured for growth, too. */
const MAX_INPUT = 512 * 1024

export const sharedProgress = (): SharedProgress => ({
  counters: new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT),
  input: new SharedArrayBuffer(MAX_INPUT)
})

export class Progress {
  readonly #counters: Int32Array
  readonly #input: Uint8Array

  constructor (shared: SharedProgress) {
    this.#counters = new Int32Array(shared.counters)
    this.#input = new Uint8Array(shared.input)
  }

  /** The number of executions that have begun. */
  get executions (): number {
    return this.#counters[EXECUTIONS]!
  }

  /** Notes the input that is executed from now on. */
  begin (input: Buffer): void {
    const kept = input.subarray(0, MAX_INPUT)
    this.#input.set(kept)
    this.#counters[LENGTH] = kept.length
    this.#counters[EXECUTIONS]!++
  }

  /** The input that is executed. */
  get input (): Buffer {
    return Buffer.from(this.#input.subarray(0, this.#counters[LENGTH]))
  }
}
