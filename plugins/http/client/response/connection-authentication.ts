import { isWord } from './characters.js'

/**
 * Whether a request authenticates its connection: its Authorization is that of NTLM or Negotiate.
 * @param headers names and values in turn
 * @see RFC 4559, section 6
 */
export function authenticatesConnection (headers: readonly string[]): boolean {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (isWord(headers[at]!, 'authorization') && areConnectionCredentials(headers[at + 1]!)) return true
  }
  return false
}

/** Whether a value of Authorization authenticates the connection. */
export function areConnectionCredentials (value: string): boolean {
  const start = value.slice(0, 32).trimStart().toLowerCase()
  return start.startsWith('ntlm') || start.startsWith('negotiate')
}

/**
 * Whether a value of WWW-Authenticate names a scheme that authenticates the connection; rather too often than too
 * seldom.
 */
export function isConnectionChallenge (challenges: string): boolean {
  const lower = challenges.toLowerCase()
  return lower.includes('ntlm') || lower.includes('negotiate')
}
