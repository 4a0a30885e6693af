import { mediationError } from '../message/fault.js'

/** The short form of date and time in English, the default of the engines. */
const SHORT = 'M/d/yy, h:mm a'

const MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November',
  'December'
]
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/**
 * Formats a time in UTC and in English.
 * @param now milliseconds since 1970
 * @param pattern of Java's SimpleDateFormat: `yyyy-MM-dd'T'HH:mm:ss.SSSZ`
 * @throws MediationError for an unknown letter
 */
export const dateText = (now: number, pattern = SHORT): string =>
  pattern.replace(/''|'((?:[^']|'')*)'|([A-Za-z])\2*/g, (part, quoted?: string, letter?: string) => {
    if (letter !== undefined) return field(new Date(now), letter, part.length)
    return quoted === undefined ? "'" : quoted.replaceAll("''", "'")
  })

function field (date: Date, letter: string, width: number): string {
  const padded = (value: number): string => String(value).padStart(width, '0')
  const named = (names: readonly string[], at: number): string => width > 3 ? names[at]! : names[at]!.slice(0, 3)
  const hours = date.getUTCHours()
  switch (letter) {
    case 'G': return 'AD'
    case 'y': return width === 2 ? padded(date.getUTCFullYear() % 100) : padded(date.getUTCFullYear())
    case 'M': return width > 2 ? named(MONTHS, date.getUTCMonth()) : padded(date.getUTCMonth() + 1)
    case 'd': return padded(date.getUTCDate())
    case 'E': return named(DAYS, date.getUTCDay())
    case 'a': return hours < 12 ? 'AM' : 'PM'
    case 'H': return padded(hours)
    case 'k': return padded(hours || 24)
    case 'K': return padded(hours % 12)
    case 'h': return padded(hours % 12 || 12)
    case 'm': return padded(date.getUTCMinutes())
    case 's': return padded(date.getUTCSeconds())
    case 'S': return padded(date.getUTCMilliseconds())
    case 'z': return 'UTC'
    case 'Z': return '+0000'
    case 'X': return 'Z'
    default: throw mediationError(`unknown letter ${letter} in a date format`)
  }
}
