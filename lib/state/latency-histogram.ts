/** Buckets of an octave: a quantile is exact within 10 %. */
const PER_OCTAVE = 4
/** Upper bound of the first bucket, in milliseconds. */
const FIRST_MS = 0.25
/** The last bucket begins at about 12 minutes and is unbounded. */
const BUCKETS = 88

/**
 * Durations in 88 log-linear buckets; recording one is one addition. Readers that need a window of time subtract an
 * earlier copy.
 */
export class LatencyHistogram {
  readonly #counts: Float64Array
  #sum: number

  constructor (counts: Float64Array = new Float64Array(BUCKETS), sum = 0) {
    this.#counts = counts
    this.#sum = sum
  }

  /** Returns a histogram with the `buckets` and the sum of another one. */
  static of (buckets: readonly (readonly [bucket: number, count: number])[], sum: number): LatencyHistogram {
    const counts = new Float64Array(BUCKETS)
    for (const [bucket, count] of buckets) counts[bucket] = count
    return new LatencyHistogram(counts, sum)
  }

  /** @param ms milliseconds; negative ones (a clock that was set back) count as 0 */
  record (ms: number): void {
    this.#counts[bucketOf(ms)]!++
    if (ms > 0 && ms < Infinity) this.#sum += ms
  }

  get count (): number {
    return this.#counts.reduce((sum, count) => sum + count, 0)
  }

  /** Returns the buckets that are not empty. */
  buckets (): [bucket: number, count: number][] {
    return [...this.#counts.entries()].filter(([, count]) => count !== 0)
  }

  /** The sum of all durations in milliseconds. */
  get sum (): number {
    return this.#sum
  }

  /** The number of durations up to this one, within the width of a bucket. */
  countUpTo (ms: number): number {
    const last = bucketOf(ms)
    let count = 0
    for (let bucket = 0; bucket <= last; bucket++) count += this.#counts[bucket]!
    return count
  }

  /** @param quantile from 0 to 1 @returns milliseconds; undefined without any duration */
  quantile (quantile: number): number | undefined {
    const wanted = Math.max(1, Math.ceil(this.count * quantile))
    let seen = 0
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count
      if (seen >= wanted) return middleOf(bucket)
    }
    return undefined
  }

  /** Adds the durations of another histogram. */
  add (other: LatencyHistogram): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) this.#counts[bucket]! += other.#counts[bucket]!
    this.#sum += other.#sum
  }

  copy (): LatencyHistogram {
    return new LatencyHistogram(this.#counts.slice(), this.#sum)
  }

  /** Returns the durations recorded since a copy was made. */
  since (earlier: LatencyHistogram): LatencyHistogram {
    return new LatencyHistogram(
      this.#counts.map((count, bucket) => count - earlier.#counts[bucket]!),
      this.#sum - earlier.#sum
    )
  }
}

function bucketOf (ms: number): number {
  if (!(ms > FIRST_MS)) return 0
  return Math.min(BUCKETS - 1, Math.ceil(Math.log2(ms / FIRST_MS) * PER_OCTAVE))
}

/** The geometric middle of a bucket. */
const middleOf = (bucket: number): number =>
  bucket === 0 ? FIRST_MS / 2 : FIRST_MS * 2 ** ((bucket - 0.5) / PER_OCTAVE)
