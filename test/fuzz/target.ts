import type { Random } from '../support/random.js'

/** What a fuzzer looks for in one part of the code, as data for the driver. */
export interface Target {
  readonly name: string
  /** What a failure is, for the list of targets. */
  readonly looksFor: string
  /** How much of all executions it gets: cheap targets have more. */
  readonly share: number
  /** Inputs that are mutated. Without them, `generate` makes inputs. */
  readonly seeds?: readonly (string | Buffer)[]
  /** Makes a valid input; it is executed as it is, and then mutated. */
  readonly generate?: (random: Random) => string | Buffer
  /** What mutations insert. */
  readonly snippets: readonly string[]
  /** Bytes of an input at most. Default: 4096. */
  readonly maxLength?: number
  /** Whether its cost may grow faster than its input: a budget bounds it, or it is its oracle's. Default: false. */
  readonly isBudgeted?: boolean
  /**
   * One execution. Everything that it throws is a failure. The same input has the same result.
   * @param random starts over for each input, in the same way
   * @param isValid whether the input is one of `generate`, without a mutation
   */
  readonly run: (input: Buffer, random: Random, isValid: boolean) => void
}

/** What a target has found. */
export class Finding extends Error {}

export function expect (holds: boolean, what: string | (() => string)): void {
  if (!holds) throw new Finding(typeof what === 'string' ? what : what())
}

/** What `compile` returns; undefined if it refuses its input, for a reason in one line. */
export function unlessRefused<T> (compile: () => T): T | undefined {
  try {
    return compile()
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    expect(!/[\n\r]/.test(error.message), () => `the reason has several lines: ${JSON.stringify(error.message)}`)
    return undefined
  }
}

/** Both must be the same text. */
export function expectSame (one: string, other: string, what: string): void {
  if (one !== other) throw new Finding(`${what}: ${differenceOf(one, other)}`)
}

function differenceOf (one: string, other: string): string {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  const from = Math.max(0, at - 20)
  return `${JSON.stringify(one.slice(from, at + 60))}, not ${JSON.stringify(other.slice(from, at + 60))}`
}
