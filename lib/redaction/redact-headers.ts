import type { Headers } from '../message/headers.js'
import { redactText } from './redact-text.js'
import { redactQuery } from '../message/redact-url.js'
import type { SecretNames } from './secret-names.js'

/** A header as it may be shown. `hidden`: shown in place of its value: a scheme, the names of cookies. */
export type ShownHeader = readonly [name: string, value: string | { readonly hidden: string }]
export type ShownHeaders = readonly ShownHeader[]

/** A redirect may carry a token in its path. */
const SECRET_HEADERS = /^location$/i
const SCHEME = /^(Basic|Bearer|Digest|Negotiate|NTLM|AWS4-HMAC-SHA256) /i
const MAX_COOKIES = 20

/** Hides the values of headers with secret names, and secrets in the values of the others. */
export function redactHeaders (headers: Headers, names: SecretNames): ShownHeader[] {
  const shown: ShownHeader[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) shown.push(redactHeader(headers[at]!, headers[at + 1]!, names))
  return shown
}

function redactHeader (name: string, value: string, names: SecretNames): ShownHeader {
  const hidden = hiddenPart(name, value, names)
  if (hidden !== undefined) return [name, { hidden }]
  if (names.isHarmless(value)) return [name, value]
  const shown = redactPath(value, names)
  if (shown === value) names.rememberHarmless(value)
  return [name, shown]
}

/** What is shown of a value that is hidden; undefined: the value is shown. */
function hiddenPart (name: string, value: string, names: SecretNames): string | undefined {
  const lower = name.toLowerCase()
  if (lower === 'cookie') return cookieNames(value.split(';'))
  if (lower === 'set-cookie') return cookieNames([value.split(';', 1)[0]!])
  return SECRET_HEADERS.test(name) || names.has(name) ? (SCHEME.exec(value)?.[1] ?? '') : undefined
}

/** Hides secrets in a path, such as session ids in its parameters, and the values of its query. */
export const redactPath = (path: string, names: SecretNames): string => redactQuery(redactText(path, names).text)

/** The names of cookies: what has no name is not shown. */
const cookieNames = (pairs: readonly string[]): string =>
  pairs
    .flatMap(pair => /^\s*([\w!#$%&'*+.^`|~-]{1,64})=/.exec(pair)?.[1] ?? [])
    .slice(0, MAX_COOKIES)
    .join(', ')
