/** Kinds of lines that are summed apart at one time; further ones are summed as one. */
const MAX_KINDS = 1000

/** Writes a log line for this many events, of which it describes the last. */
export type WriteLine = (count: number) => void

interface LineKind {
  /** Lines that may still be written at once in this interval. */
  left: number
  count: number
  write: WriteLine | undefined
}

export interface SummedLinesOptions {
  /** In milliseconds. Default: 1 s */
  readonly interval?: number
  /** Lines of one kind that are written at once in each interval. Default: 1 */
  readonly burst?: number
}

/**
 * Log lines for events that may come in floods: the first ones of a kind are written at once, those that follow within
 * an interval as one line with their number.
 */
export class SummedLines {
  readonly #interval: number
  readonly #burst: number
  readonly #kinds = new Map<string, LineKind>()
  #timer: NodeJS.Timeout | undefined

  constructor ({ interval = 1_000, burst = 1 }: SummedLinesOptions = {}) {
    this.#interval = interval
    this.#burst = burst
  }

  /** @param name what is summed apart: the kind of the event, and the endpoint */
  add (name: string, write: WriteLine): void {
    const kind = this.#kindOf(name)
    if (kind.left > 0) {
      kind.left--
      return write(1)
    }
    kind.count++
    kind.write = write
  }

  /** Writes what is pending. */
  close (): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const kind of this.#kinds.values()) flush(kind)
    this.#kinds.clear()
  }

  #kindOf (wanted: string): LineKind {
    const name = this.#kinds.has(wanted) || this.#kinds.size < MAX_KINDS ? wanted : ''
    let kind = this.#kinds.get(name)
    if (kind === undefined) this.#kinds.set(name, (kind = { left: this.#burst, count: 0, write: undefined }))
    this.#timer ??= setInterval(() => this.#endInterval(), this.#interval).unref()
    return kind
  }

  #endInterval (): void {
    for (const [name, kind] of this.#kinds) {
      if (kind.count === 0) this.#kinds.delete(name)
      flush(kind)
    }
    if (this.#kinds.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

/** Writes what is pending of a kind, which counts as a line of the next interval. */
function flush (kind: LineKind): void {
  const { count, write } = kind
  kind.count = 0
  kind.write = undefined
  write?.(count)
}

/** Returns the field of a line that stands for this many events; none for one. */
export const countField = (count: number): { readonly count?: number } => (count === 1 ? {} : { count })
