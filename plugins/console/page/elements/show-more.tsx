import { count } from '../../model/format.js'

/** Rows that are drawn at first, and with each further step. */
export const STEP = 60

interface ShowMoreProps {
  /** Of all rows. */
  readonly count: number
  /** Of those that are drawn. */
  readonly limit: number
  readonly show: (limit: number) => void
}

/** Draws further rows. */
export const ShowMore = ({ count: all, limit, show }: ShowMoreProps) =>
  all <= limit
    ? null
    : (
      <button type='button' class='plain' onClick={() => show(limit + STEP)}>
        Show {Math.min(STEP, all - limit)} more of {count(all)}
      </button>
      )
