import { LatencyHistogram } from '../../lib/state/latency-histogram.js'
import type { Law } from './laws.js'
import { MOST_LATE, type RoundResult } from './round.js'

/** As many examples of a broken law are kept. */
const EXAMPLES = 5
/** Numbers of which the greatest counts; all others are added up. */
const GREATEST: readonly string[] = ['slowest reply, ms']

/** What came of all rounds, in memory that does not grow with their number. */
export class Totals {
  orders = 0
  /** Rounds in which the machine was too busy for laws about times. */
  untimed = 0
  broken = 0
  readonly #numbers = new Map<string, number>()
  readonly #laws = new Map<string, { count: number, examples: string[] }>()
  readonly #times = new LatencyHistogram()
  #lastFault = 0
  #lastChange = 0

  /** @param where how this round is played again */
  add ({ replies, numbers, laws, late, lastFault, lastChange }: RoundResult, where: string): void {
    this.orders += replies.length
    if (late > MOST_LATE) this.untimed++
    for (const { got, sent, ended } of replies) if (got.kind === 'answer') this.#times.record(ended - sent)
    for (const [name, value] of Object.entries(numbers)) {
      const before = this.#numbers.get(name) ?? 0
      this.#numbers.set(name, GREATEST.includes(name) ? Math.max(before, value) : before + value)
    }
    this.addLaws(laws, where)
    this.#lastFault = Math.max(this.#lastFault, lastFault)
    this.#lastChange = Math.max(this.#lastChange, lastChange)
  }

  addLaws (laws: readonly Law[], where: string): void {
    for (const { law, broken } of laws) {
      const known = this.#laws.get(law) ?? { count: 0, examples: [] }
      this.#laws.set(law, known)
      known.count += broken.length
      this.broken += broken.length
      for (const each of broken) if (known.examples.length < EXAMPLES) known.examples.push(`${where}: ${each}`)
    }
  }

  get numbers (): Readonly<Record<string, number | string>> {
    const quantile = (share: number): string => ((this.#times.quantile(share) ?? 0)).toFixed(0)
    return {
      ...Object.fromEntries(this.#numbers),
      'rounds on a machine too busy for laws about times': this.untimed,
      'answer, median and 99 of 100, ms': `${quantile(0.5)} / ${quantile(0.99)}`,
      'last fault reply after the last fault, ms': this.#lastFault,
      'last change of state after the last fault, ms': this.#lastChange
    }
  }

  /** A line for each law, and a few examples of what broke it. */
  * lines (): Generator<string> {
    for (const [law, { count, examples }] of this.#laws) {
      yield `${count === 0 ? 'kept  ' : 'BROKEN'} ${law.padEnd(72)} ${String(count).padStart(5)}`
      for (const each of examples) yield `         ${each}`
    }
  }
}
