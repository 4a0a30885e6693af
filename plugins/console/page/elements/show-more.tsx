import { count } from '../../model/format.js'

/** Rows that are drawn at first, and with each further step. */
export const STEP = 60

/** Draws further rows. */
export const ShowMore = ({ count: all, limit, show }: { count: number; limit: number; show: (limit: number) => void }) =>
  all <= limit
    ? null
    : (
      <button type='button' class='plain' onClick={() => show(limit + STEP)}>
        Show {Math.min(STEP, all - limit)} more of {count(all)}
      </button>
      )
