/** What the thread of a target tells the one that watches it, in memory that both share. */
export interface SharedProgress {
  readonly counters: SharedArrayBuffer
  readonly input: SharedArrayBuffer
}

const EXECUTIONS = 0
const LENGTH = 1
const IS_VALID = 2
/** Of an input that is measured for growth, too. */
const MAX_INPUT = 512 * 1024

export const sharedProgress = (): SharedProgress => ({
  counters: new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT),
  input: new SharedArrayBuffer(MAX_INPUT)
})

export class Progress {
  readonly shared: SharedProgress
  readonly #counters: Int32Array
  readonly #input: Uint8Array

  constructor (shared: SharedProgress) {
    this.shared = shared
    this.#counters = new Int32Array(shared.counters)
    this.#input = new Uint8Array(shared.input)
  }

  /** The number of executions that have begun. */
  get executions (): number {
    return this.#counters[EXECUTIONS]!
  }

  /** Says which input is executed from now on. */
  begin (input: Buffer, isValid: boolean): void {
    const length = Math.min(input.length, MAX_INPUT)
    this.#input.set(length === input.length ? input : input.subarray(0, length))
    this.#counters[LENGTH] = length
    this.#counters[IS_VALID] = isValid ? 1 : 0
    this.#counters[EXECUTIONS]!++
  }

  /** The input that is executed. */
  current (): { readonly input: Buffer; readonly isValid: boolean } {
    return {
      input: Buffer.from(this.#input.subarray(0, this.#counters[LENGTH])),
      isValid: this.#counters[IS_VALID] === 1
    }
  }
}
