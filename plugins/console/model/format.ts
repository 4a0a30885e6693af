/** Numbers and times as the console shows them. */

const two = (value: number): string => String(value).padStart(2, '0')

/** `0:38`, `4:11`, `1:02:03`. @param ms milliseconds, negative ones count as 0 */
export function countdown (ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** The same within a small circle: `0:38`, `42:11`, then whole hours and days: `2 h`, `3 d`; `∞` is years. */
export function shortCountdown (ms: number): string {
  const hours = Math.floor(ms / 3_600_000)
  if (hours < 1) return countdown(ms)
  const days = Math.floor(hours / 24)
  return days < 1 ? `${hours} h` : days < 1_000 ? `${days} d` : '∞'
}

const ENDINGS = ['th', 'st', 'nd', 'rd'] as const

/** `1st`, `2nd`, `11th`, `23rd`. */
export function ordinal (value: number): string {
  const isTeen = Math.floor(value / 10) % 10 === 1
  return `${count(value)}${(isTeen ? undefined : ENDINGS[value % 10]) ?? 'th'}`
}

/** `46 s`, `4 min 11 s`, `6 d 4 h`. @param ms milliseconds */
export function duration (ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const parts: readonly [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's']
  ]
  const first = parts.findIndex(([value]) => value > 0)
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ')
}

/** `03:12:40` in the time zone of the reader. @param instant milliseconds since 1970 */
export function clock (instant: number): string {
  const at = new Date(instant)
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** `03:12:40.589`, likewise. */
export const clockWithMs = (instant: number): string =>
  `${clock(instant)}.${String(Math.floor(instant % 1000)).padStart(3, '0')}`

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `1,204`. */
export const count = (value: number): string => WHOLE.format(value)

/** Three digits at most: `0.4`, `9.4`, `93`, `412`. */
export const rate = (value: number): string => (value === 0 ? '0' : value < 10 ? value.toFixed(1) : count(value))

/** `–` where there is no value. */
export const orDash = (value: number | null, shown: (value: number) => string): string =>
  value === null ? '–' : shown(value)

/** A share from 0 to 1 as per cent without its sign: `0`, `<0.1`, `0.1`, `12`. */
export const percent = (share: number): string =>
  share === 0 ? '0' : share < 0.0005 ? '<0.1' : share < 0.1 ? (share * 100).toFixed(1) : (share * 100).toFixed(0)

/** `1 endpoint`, `2 endpoints`. */
export const plural = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`

/** `A, B, C and 2 more`. @param max names that are listed */
export const listed = (names: readonly string[], max: number): string =>
  names.length <= max ? names.join(', ') : `${names.slice(0, max).join(', ')} and ${names.length - max} more`

/** With a capital letter at its begin. */
export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
