interface SparklineProps {
  /** The newest last. */
  readonly values: readonly number[]
  /** Number of values that fill the width. */
  readonly length?: number
  readonly label: string
  readonly tone?: 'normal' | 'bad'
}

const [WIDTH, HEIGHT] = [84, 24]

/** A small chart of one series: a line and the area below it. */
export function Sparkline ({ values, length = 60, label, tone = 'normal' }: SparklineProps) {
  const shown = values.slice(-length)
  const top = Math.max(1, ...shown)
  const at = (index: number): number => (WIDTH * (length - shown.length + index)) / Math.max(1, length - 1)
  const points = shown.map(
    (value, index) => `${at(index).toFixed(1)} ${(HEIGHT - 2 - ((HEIGHT - 4) * value) / top).toFixed(1)}`
  )
  const line = points.length < 2 ? '' : `M${points.join('L')}`
  return (
    <svg class={`sparkline ${tone}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role='img' aria-label={label}>
      {line === '' ? undefined : <path class='area' d={`${line}V${HEIGHT}H${at(0).toFixed(1)}Z`} />}
      <path class='line' d={line} />
    </svg>
  )
}
