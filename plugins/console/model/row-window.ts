/** The rows of a long table that are drawn, and the heights of those that are not. */
export interface RowWindow {
  readonly from: number
  /** Exclusive. */
  readonly to: number
  /** Pixels. */
  readonly above: number
  readonly below: number
}

export interface TableView {
  readonly count: number
  /** Pixels; 0: not known yet. */
  readonly rowHeight: number
  /** How far the first row is above what is seen, in pixels; negative: below its top. */
  readonly top: number
  /** Of what is seen, in pixels. */
  readonly height: number
}

/** Rows that are drawn beyond what is seen, on each side. */
const BEYOND = 8
/** The window moves by this many rows at a time. */
const STEP = 8
const MOST_DRAWN = 60
const FIRST_DRAWN = 40

/** Returns the rows around what is seen; at most 60. */
export function windowOf ({ count, rowHeight, top, height }: TableView): RowWindow {
  if (rowHeight === 0) return { from: 0, to: Math.min(count, FIRST_DRAWN), above: 0, below: 0 }
  const first = Math.max(0, Math.floor(top / rowHeight) - BEYOND)
  const wanted = Math.min(MOST_DRAWN, Math.ceil(height / rowHeight) + 2 * BEYOND + STEP)
  const from = Math.min(first - (first % STEP), Math.max(0, count - wanted))
  const to = Math.min(count, from + wanted)
  return { from, to, above: from * rowHeight, below: (count - to) * rowHeight }
}
