/** The greatest value of each `size` values, the newest last; the first of them may be of fewer. */
export function peaks (values: readonly number[], size: number): number[] {
  const first = values.length % size
  const starts = Array.from({ length: Math.floor(values.length / size) }, (_, at) => first + at * size)
  const whole = starts.map(start => Math.max(...values.slice(start, start + size)))
  return first === 0 ? whole : [Math.max(...values.slice(0, first)), ...whole]
}
