/** One failed attempt. */
export interface RecentFailure {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Its ERROR_CODE. */
  readonly code: number
  readonly cause: string
}

/** How often each number occurred, as it travels as JSON. */
export type CountList = readonly (readonly [number: number, count: number])[]

/** What a log has had at one moment. */
export interface FailureMark {
  readonly added: number
  readonly codes: ReadonlyMap<number, number>
  readonly statuses: ReadonlyMap<number, number>
}

/** What was added to a log since a moment. It travels as JSON. */
export interface FailureReport {
  /** Of the last ones, those that are new. */
  readonly recent: readonly RecentFailure[]
  readonly codes: CountList
  readonly statuses: CountList
}

/** Failures that are kept. */
const MAX_RECENT = 5
/** Characters of a cause. */
const MAX_CAUSE = 300

/**
 * The last failures of one endpoint, and how many it had since the start by their error codes. Responses with a status
 * of 500 or more, which are no failures, are counted by status.
 */
export class FailureLog {
  #recent: readonly RecentFailure[] = []
  readonly #codes = new FailureCounts()
  readonly #statuses = new FailureCounts()
  #added = 0

  /** At most five, the newest last. */
  get recent (): readonly RecentFailure[] {
    return this.#recent
  }

  /** Failures by error code, the most frequent first. */
  get byCode (): CountList {
    return this.#codes.sorted
  }

  /** Responses by HTTP status, the most frequent first. */
  get byStatus (): CountList {
    return this.#statuses.sorted
  }

  addFailure (failure: RecentFailure): void {
    this.#added++
    this.#keep([{ ...failure, cause: failure.cause.slice(0, MAX_CAUSE) }])
    this.#codes.add(failure.code, 1)
  }

  addStatus (status: number): void {
    this.#statuses.add(status, 1)
  }

  mark (): FailureMark {
    return { added: this.#added, codes: this.#codes.copy(), statuses: this.#statuses.copy() }
  }

  /** @param mark undefined: from the start */
  since (mark?: FailureMark): FailureReport {
    const fresh = Math.min(this.#recent.length, this.#added - (mark?.added ?? 0))
    return {
      recent: fresh === 0 ? [] : this.#recent.slice(-fresh),
      codes: this.#codes.since(mark?.codes),
      statuses: this.#statuses.since(mark?.statuses)
    }
  }

  /** Adds what another process has had. */
  add ({ recent, codes, statuses }: FailureReport): void {
    this.#added += recent.length
    this.#keep(recent)
    for (const [code, count] of codes) this.#codes.add(code, count)
    for (const [status, count] of statuses) this.#statuses.add(status, count)
  }

  #keep (failures: readonly RecentFailure[]): void {
    this.#recent = [...this.#recent, ...failures].sort((a, b) => a.at - b.at).slice(-MAX_RECENT)
  }
}

/** The log of an endpoint, which begins with its first failure or fault. */
export const failureLogOf = (endpoint: { failureLog: FailureLog | undefined }): FailureLog =>
  (endpoint.failureLog ??= new FailureLog())

class FailureCounts {
  readonly #counts = new Map<number, number>()

  /** The most frequent first. */
  get sorted (): CountList {
    return [...this.#counts].sort(([, a], [, b]) => b - a)
  }

  add (number: number, by: number): void {
    this.#counts.set(number, (this.#counts.get(number) ?? 0) + by)
  }

  copy (): ReadonlyMap<number, number> {
    return new Map(this.#counts)
  }

  /** What was added since a copy was taken; undefined: from the start. */
  since (copy?: ReadonlyMap<number, number>): CountList {
    return [...this.#counts]
      .map(([number, count]) => [number, count - (copy?.get(number) ?? 0)] as const)
      .filter(([, count]) => count > 0)
  }
}
