import { parseArgs } from 'node:util'

/** How long a fuzzer runs, and from which seed. */
export interface Budget {
  readonly seed: number
  /** Whether another execution may begin. */
  readonly goesOn: (executions: number) => boolean
}

/** Reads `--seconds 10` or `--executions N`, and `--seed N`. */
export function budgetOf (words: readonly string[] = process.argv.slice(2)): Budget {
  const { values } = parseArgs({
    args: [...words],
    strict: false,
    options: {
      seconds: { type: 'string', default: '10' },
      executions: { type: 'string', default: '0' },
      seed: { type: 'string', default: String(Date.now() % 1e9) }
    }
  })
  const [seconds, executions] = [Number(values.seconds), Number(values.executions)]
  const until = performance.now() + seconds * 1000
  return {
    seed: Number(values.seed),
    goesOn: done => executions > 0 ? done < executions : performance.now() < until
  }
}
