/**
 * The state machine of health checks, apart from the suspension by traffic: neither changes the other.
 *
 *               `fall` failures in a row
 *    passing ────────────────────────────▶ failing
 *       ▲                                     │
 *       └──────── `rise` passes in a row ─────┘
 *
 * An endpoint is passing until checks have failed: a gateway that starts sends messages at once.
 */
export interface HealthCheckStatus {
  readonly isPassing: boolean
  /** Results in a row that contradict `isPassing`. */
  readonly opposed: number
  /** When `isPassing` changed last, in milliseconds; undefined: never. */
  readonly since: number | undefined
  /** Why the last check failed; undefined: it passed. */
  readonly cause: string | undefined
  /** Results so far. */
  readonly passes: number
  readonly failures: number
}

/** How an endpoint is checked. Times in milliseconds. */
export interface HealthCheckPolicy {
  /** What is requested by GET. Undefined: a TCP connection is enough. */
  readonly path: string | undefined
  readonly interval: number
  readonly timeout: number
  /** HTTP statuses that pass. */
  readonly expect: readonly StatusRange[]
  /** Passes in a row after which a failing endpoint is passing again. */
  readonly rise: number
  /** Failures in a row after which a passing endpoint is failing. */
  readonly fall: number
}

export interface StatusRange {
  readonly from: number
  readonly to: number
}

/** The result of one check. `inconclusive`: it does not count. */
export type HealthCheckResult =
  | { readonly kind: 'passed' | 'inconclusive' }
  | { readonly kind: 'failed'; readonly cause: string }

export const UNCHECKED: HealthCheckStatus = {
  isPassing: true, opposed: 0, since: undefined, cause: undefined, passes: 0, failures: 0
}

/** The status after a check. */
export function afterCheck (
  before: HealthCheckStatus,
  result: HealthCheckResult,
  { rise, fall }: Pick<HealthCheckPolicy, 'rise' | 'fall'>,
  now: number
): HealthCheckStatus {
  if (result.kind === 'inconclusive') return before
  const passed = result.kind === 'passed'
  const seen = {
    ...before,
    cause: result.kind === 'failed' ? result.cause : undefined,
    passes: before.passes + Number(passed),
    failures: before.failures + Number(!passed)
  }
  if (passed === before.isPassing) return { ...seen, opposed: 0 }
  const opposed = before.opposed + 1
  if (opposed < (before.isPassing ? fall : rise)) return { ...seen, opposed }
  return { ...seen, isPassing: passed, opposed: 0, since: now }
}

/**
 * How long after the end of a check the next one begins, in milliseconds. Checks begin one interval apart, less up to a
 * tenth of it by chance; half of that while results contradict the status, so that an endpoint that freezes is out
 * within `fall` intervals and one timeout. A check that takes longer than that is followed at once.
 * @param random at least 0 and below 1
 * @param took how long the check took, in milliseconds
 */
export const delayToNextCheck = (
  { opposed }: HealthCheckStatus,
  { interval }: Pick<HealthCheckPolicy, 'interval'>,
  random: number,
  took: number
): number => Math.max(0, interval * (1 - random / 10) * (opposed > 0 ? 0.5 : 1) - took)

export const isExpected = (status: number, { expect }: Pick<HealthCheckPolicy, 'expect'>): boolean =>
  expect.some(({ from, to }) => status >= from && status <= to)

/** Reads `200-299 404`. Undefined: it is no list of statuses. */
export function parseStatusRanges (text: string): StatusRange[] | undefined {
  const parts = text.split(/[\s,]+/).filter(Boolean)
  const ranges = parts.map(part => {
    const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(part) ?? []
    return { from: Number(from), to: Number(to) }
  })
  return ranges.length > 0 && ranges.every(({ from, to }) => from <= to) ? ranges : undefined
}
