import { headerOf, type Headers } from '../message/headers.js'
import { parametersOf } from '../soap/multipart.js'
import { redactBody, type GivenBody, type RedactedBody } from './redact-body.js'
import { redactHeaders } from './redact-headers.js'
import { HIDDEN } from '../message/redact-url.js'
import type { SecretNames } from './secret-names.js'

const MAX_PARTS = 50
const MAX_BOUNDARY = 70

/**
 * Hides values in the parts of a body, each by its own type; of one that cannot be read, its size.
 * @see RFC 2046, section 5.1
 */
export function redactParts ({ bytes, isCut, type = '' }: GivenBody, names: SecretNames): RedactedBody {
  const boundary = parametersOf(type)?.get('boundary')
  if (boundary === undefined || boundary.length > MAX_BOUNDARY) return { reason: 'its parts cannot be told apart' }
  const [, ...parts] = `\r\n${bytes.toString('latin1')}`.split(`\r\n--${boundary}`)
  const written: string[] = []
  let hidden = 0
  let operation: string | undefined
  for (const [at, part] of parts.slice(0, MAX_PARTS).entries()) {
    const end = part.indexOf('\r\n\r\n')
    if (part.startsWith('--') || end < 0) {
      written.push(`--${boundary}${part.startsWith('--') ? '--' : ''}`)
      break
    }
    const headers = headersIn(part.slice(0, end))
    const content = Buffer.from(part.slice(end + 4), 'latin1')
    const shown = redactPart(headers, { bytes: content, isCut: isCut && at === parts.length - 1 }, names)
    const head = redactHeaders(headers, names).map(
      ([name, value]) => `${name}: ${typeof value === 'string' ? value : HIDDEN}`
    )
    if ('text' in shown) {
      hidden += shown.hidden
      operation ??= shown.operation
    }
    const kept = 'text' in shown ? shown.text : `[${content.length} bytes, not kept: ${shown.reason}]`
    written.push([`--${boundary}`, ...head, '', kept].join('\r\n'))
  }
  return { text: written.join('\r\n'), hidden, operation }
}

function redactPart (headers: Headers, content: Omit<GivenBody, 'type'>, names: SecretNames): RedactedBody {
  const type = headerOf(headers, 'content-type') ?? 'text/plain'
  const coding = headerOf(headers, 'content-transfer-encoding') ?? 'binary'
  const field = parametersOf(headerOf(headers, 'content-disposition') ?? '')?.get('name')
  if (field !== undefined && names.has(field)) return { text: HIDDEN, hidden: 1 }
  if (!/^(7bit|8bit|binary)$/i.test(coding.trim())) return { reason: 'it is coded' }
  return /^\s*multipart\//i.test(type) ? { reason: 'it has parts itself' } : redactBody({ ...content, type }, names)
}

const headersIn = (head: string): string[] =>
  head.split('\r\n').flatMap(line => {
    const end = line.indexOf(':')
    return end < 1 ? [] : [line.slice(0, end).trim(), line.slice(end + 1).trim()]
  })
