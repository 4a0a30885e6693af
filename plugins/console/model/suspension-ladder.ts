/** Steps that are shown. */
const MAX_STEPS = 6

/** The lengths of suspensions in a row, in milliseconds, and whether the last one stays. */
export interface Ladder {
  readonly steps: readonly number[]
  /** `longest`: no further one is longer. `each`: all are the same. `more`: further ones are longer. */
  readonly then: 'longest' | 'each' | 'more'
}

/**
 * How long an endpoint is suspended, time after time. @returns undefined where a value is not a number
 * @param maximum undefined: no limit
 */
export function ladderOf (initial: string | undefined, factor = '1', maximum?: string): Ladder | undefined {
  const [first, times, most] = [Number(initial), Number(factor), maximum === undefined ? Infinity : Number(maximum)]
  if (initial === undefined || !(first > 0) || !(times > 0) || !(most > 0)) return undefined
  const steps: number[] = []
  for (
    let length = Math.min(first, most);
    steps.length < MAX_STEPS;
    length = Math.min(most, Math.trunc(length * times))
  ) {
    steps.push(length)
    if (length >= most) return { steps, then: 'longest' }
    if (times <= 1) return { steps, then: 'each' }
  }
  return { steps, then: 'more' }
}

/** The step of an endpoint that is suspended for this long; undefined: at none, or all steps are the same. */
export function stepOf ({ steps, then }: Ladder, duration: number): number | undefined {
  const at = steps.indexOf(duration)
  return at < 0 || then === 'each' ? undefined : at
}
