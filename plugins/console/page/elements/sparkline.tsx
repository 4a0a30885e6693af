import { duration } from '../../model/format.js'
import { peaks } from '../../model/peaks.js'

interface SparklineProps {
  /** The newest last. */
  readonly values: readonly number[]
  /** Number of values that are drawn at most. Default: 60 */
  readonly length?: number
  /** Between two values. */
  readonly seconds: number
  /** How many values are drawn as one, the greatest. Default: 1 */
  readonly perPoint?: number
  /** The least value that fills the height: smaller ones stay small. Default: 1 */
  readonly least?: number
  readonly label: string
  readonly tone?: 'normal' | 'bad'
}

const [WIDTH, HEIGHT] = [84, 24]
/** Fewer values than this share of `length` do not fill the width: a line shows that there is nothing before them. */
const LEAST_SHARE = 1 / 10

/** A small chart of one series: a line and the area below it. */
export function Sparkline (
  { values, length = 60, seconds, perPoint = 1, least = 1, label, tone = 'normal' }: SparklineProps
) {
  const shown = peaks(values.slice(-length), perPoint)
  const span = Math.max(shown.length, Math.ceil((length / perPoint) * LEAST_SHARE))
  const top = Math.max(least, ...shown)
  const at = (index: number): string => ((WIDTH * (span - shown.length + index)) / Math.max(1, span - 1)).toFixed(1)
  const points = shown.map((value, index) => `${at(index)} ${(HEIGHT - 2 - ((HEIGHT - 4) * value) / top).toFixed(1)}`)
  const line = points.length < 2 ? '' : `M${points.join('L')}`
  return (
    <svg
      class={`sparkline ${tone}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio='none'
      role='img'
      aria-label={`${label}, last ${duration(span * perPoint * seconds * 1_000)}`}
    >
      {shown.length < span && <path class='before' d={`M0 ${HEIGHT - 2}H${shown.length === 0 ? WIDTH : at(0)}`} />}
      {line !== '' && <path class='area' d={`${line}V${HEIGHT}H${at(0)}Z`} />}
      <path class='line' d={line} />
    </svg>
  )
}
