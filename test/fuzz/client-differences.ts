import type { Outcome } from './client-oracles.js'
import type { GeneratedResponse } from './client-response.js'

/** Why the own client may accept what an oracle refuses, or read it otherwise. */
export interface Explanation {
  readonly why: string
  readonly holds: (oracle: Outcome, own: Outcome, response: GeneratedResponse) => boolean
}

/** Two fields of this name, or a list in one. */
const REPEATED_LENGTH = /content-length[ \t]*:[^\r]*(,|\r\n[^]*content-length)/i

export const LAXER: readonly Explanation[] = [
  {
    why: 'undici refuses a 100 that it did not ask for (RFC 9110, section 15.2: to be ignored)',
    holds: ({ error, status }, _, response) =>
      error === 'UND_ERR_SOCKET' && status === 0 && /HTTP\/1\.\d 100/.test(response.bytes)
  },
  {
    why: 'blanks before a colon are removed (RFC 9112, section 5.1)',
    holds: ({ error = '' }, _, response) =>
      /^HPE_INVALID_HEADER_TOKEN$|Invalid header (token|field char)|^UND_ERR_RES_CONTENT_LENGTH_MISMATCH$/.test(error) &&
      /\r\n[^\s:]+[ \t]+:/.test(response.bytes)
  },
  {
    why: 'equal lengths are one length (RFC 9110, section 8.6)',
    holds: ({ error = '' }, own, response) =>
      own.headers.includes('content-length') &&
      REPEATED_LENGTH.test(response.bytes) &&
      /^HPE_(UNEXPECTED|INVALID)_CONTENT_LENGTH$|^UND_ERR_RES_CONTENT_LENGTH_MISMATCH$|Content-Length/.test(error)
  },
  {
    why: 'undici compares the length of a 204 or 304, which has no body, with its body (RFC 9110, section 8.6)',
    holds: ({ error }, { status, body }) =>
      error === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && (status === 204 || status === 304) && body === ''
  }
]

/** Why the own client refuses what an oracle accepts, by its code. */
export const STRICTER: Readonly<Record<string, string>> = {
  TRANSFER_ENCODING: 'codings other than chunked alone are not understood, and must not be guessed',
  STATUS_LINE: 'a reason has no control characters, and a status three digits from 100 on',
  INTERIM_CLOSE: 'an interim response cannot be the last',
  INTERIM_BODY: 'an interim response has no body',
  NOT_HTTP: 'nothing may come before the status line',
  FOLDED_LINE: 'folded lines are obsolete, and read in different ways',
  TWO_FRAMINGS: 'a length and chunks contradict each other',
  ECONNRESET: 'a body that a reset ends is not complete',
  CHUNK_EXTENSION:
    'an extension of a chunk without a name, or that does not end, is malformed (RFC 9112, section 7.1.1)',
  TRAILER: 'framing among trailers is read in different ways (RFC 9110, section 6.5.1)'
}
