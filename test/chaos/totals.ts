import { LatencyHistogram } from '../../lib/state/latency-histogram.js'
import type { Rule } from './rules.js'
import { MAX_DELAY_MS, type RoundResult } from './round.js'

/** Examples that are kept of each broken rule. */
const MAX_EXAMPLES = 5
/** Numbers whose maximum is reported; all others are added up. */
const MAXIMA: readonly string[] = ['slowest reply, ms']

/** The results of all rounds, in memory that does not grow with their number. */
export class Totals {
  orders = 0
  /** Rounds in which the machine was too busy for timed rules. */
  untimed = 0
  broken = 0
  readonly #numbers = new Map<string, number>()
  readonly #rules = new Map<string, { count: number, examples: string[] }>()
  readonly #times = new LatencyHistogram()
  #lastFault = 0
  #lastChange = 0

  /** @param where names the round in reports */
  add ({ replies, numbers, rules, delay, lastFault, lastChange }: RoundResult, where: string): void {
    this.orders += replies.length
    if (delay > MAX_DELAY_MS) this.untimed++
    for (const { result, sent, ended } of replies) if (result.kind === 'response') this.#times.record(ended - sent)
    for (const [name, value] of Object.entries(numbers)) {
      const before = this.#numbers.get(name) ?? 0
      this.#numbers.set(name, MAXIMA.includes(name) ? Math.max(before, value) : before + value)
    }
    this.addRules(rules, where)
    this.#lastFault = Math.max(this.#lastFault, lastFault)
    this.#lastChange = Math.max(this.#lastChange, lastChange)
  }

  addRules (rules: readonly Rule[], where: string): void {
    for (const { rule, violations } of rules) {
      const known = this.#rules.get(rule) ?? { count: 0, examples: [] }
      this.#rules.set(rule, known)
      known.count += violations.length
      this.broken += violations.length
      for (const each of violations) if (known.examples.length < MAX_EXAMPLES) known.examples.push(`${where}: ${each}`)
    }
  }

  get numbers (): Readonly<Record<string, number | string>> {
    const quantile = (share: number): string => ((this.#times.quantile(share) ?? 0)).toFixed(0)
    return {
      ...Object.fromEntries(this.#numbers),
      'rounds on a machine too busy for timed rules': this.untimed,
      'response time, median and p99, ms': `${quantile(0.5)} / ${quantile(0.99)}`,
      'last fault for a client after the last fault of a back-end, ms': this.#lastFault,
      'last change of state after the last fault of a back-end, ms': this.#lastChange
    }
  }

  /** A line for each rule, and a few examples of its violations. */
  * lines (): Generator<string> {
    for (const [rule, { count, examples }] of this.#rules) {
      yield `${count === 0 ? 'kept  ' : 'BROKEN'} ${rule.padEnd(72)} ${String(count).padStart(5)}`
      for (const each of examples) yield `         ${each}`
    }
  }
}
