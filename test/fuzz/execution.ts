import { Random } from '../support/random.js'
import type { Target } from './target.js'

/** Executes one target, so that an input always has the same result. */
export class Execution {
  readonly #target: Target
  readonly #random = new Random(0)

  constructor (target: Target) {
    this.#target = target
  }

  /** @throws whatever the target throws */
  run (input: Buffer, isValid: boolean): void {
    this.#target.run(input, this.#random.restart(seedOf(input)), isValid)
  }

  /** The reason of a failure; undefined: there is none. */
  failureOf (input: Buffer, isValid: boolean): string | undefined {
    try {
      this.run(input, isValid)
      return undefined
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error)
    }
  }
}

/** FNV-1a over some of the bytes, and the length. */
function seedOf (input: Buffer): number {
  const step = 1 + (input.length >> 6)
  let hash = 0x811c9dc5 ^ input.length
  for (let at = 0; at < input.length; at += step) hash = Math.imul(hash ^ input[at]!, 0x01000193)
  return hash >>> 0
}
