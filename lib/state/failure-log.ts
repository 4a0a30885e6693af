/** One failed attempt. */
export interface RecentFailure {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Its ERROR_CODE. */
  readonly code: number
  readonly cause: string
}

/** What a log has had at one moment. */
export interface FailureMark {
  readonly added: number
  readonly counts: ReadonlyMap<number, number>
}

/** What was added to a log since a moment. It travels as JSON. */
export interface FailureReport {
  /** Of the last ones, those that are new. */
  readonly recent: readonly RecentFailure[]
  readonly counts: readonly (readonly [code: number, count: number])[]
}

/** Failures that are kept. */
const MAX_RECENT = 5
/** Characters of a cause. */
const MAX_CAUSE = 300
/** HTTP statuses are below, error codes of failures above, but for that of mediation: 0. */
const FIRST_CODE = 1_000
const FIRST_STATUS = 100

/**
 * The last failures of one endpoint, and how many it had since the start by their error codes. Responses with a status
 * of 500 or more, which are no failures, are counted by status.
 */
export class FailureLog {
  #recent: readonly RecentFailure[] = []
  readonly #counts = new Map<number, number>()
  #added = 0

  /** At most five, the newest last. */
  get recent (): readonly RecentFailure[] {
    return this.#recent
  }

  /** Failures by error code, the most frequent first. */
  get byCode (): readonly (readonly [code: number, count: number])[] {
    return this.#sorted(code => code >= FIRST_CODE || code < FIRST_STATUS)
  }

  /** Responses by HTTP status, the most frequent first. */
  get byStatus (): readonly (readonly [status: number, count: number])[] {
    return this.#sorted(code => code >= FIRST_STATUS && code < FIRST_CODE)
  }

  addFailure (failure: RecentFailure): void {
    this.#added++
    this.#keep([{ ...failure, cause: failure.cause.slice(0, MAX_CAUSE) }])
    this.#count(failure.code, 1)
  }

  addStatus (status: number): void {
    this.#count(status, 1)
  }

  mark (): FailureMark {
    return { added: this.#added, counts: new Map(this.#counts) }
  }

  /** @param mark undefined: from the start */
  since ({ added, counts }: FailureMark = { added: 0, counts: new Map() }): FailureReport {
    const fresh = Math.min(this.#recent.length, this.#added - added)
    const changes = [...this.#counts].map(([code, count]) => [code, count - (counts.get(code) ?? 0)] as const)
    return { recent: fresh === 0 ? [] : this.#recent.slice(-fresh), counts: changes.filter(([, count]) => count > 0) }
  }

  /** Adds what another process has had. */
  add ({ recent, counts }: FailureReport): void {
    this.#added += recent.length
    this.#keep(recent)
    for (const [code, count] of counts) this.#count(code, count)
  }

  #keep (failures: readonly RecentFailure[]): void {
    this.#recent = [...this.#recent, ...failures].sort((a, b) => a.at - b.at).slice(-MAX_RECENT)
  }

  #count (code: number, by: number): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + by)
  }

  #sorted (isMeant: (code: number) => boolean): readonly (readonly [number, number])[] {
    return [...this.#counts].filter(([code]) => isMeant(code)).sort(([, a], [, b]) => b - a)
  }
}
