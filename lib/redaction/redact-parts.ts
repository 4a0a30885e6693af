import { headerOf, type Headers } from '../message/headers.js'
import { parametersOf, unfolded } from '../soap/multipart.js'
import { redactBody, type GivenBody, type RedactedBody } from './redact-body.js'
import { redactHeaders } from './redact-headers.js'
import { HIDDEN_WHOLE } from './redaction.js'
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
  if (boundary === undefined || boundary.length > MAX_BOUNDARY) return { reason: 'its parts cannot be distinguished' }
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
    const headers = headersIn(Buffer.from(part.slice(0, end), 'latin1').toString())
    const content = Buffer.from(part.slice(end + 4), 'latin1')
    const shown = redactPart(headers, { bytes: content, isCut: isCut && at === parts.length - 1 }, names)
    const head = redactHeaders(headers ?? [], names).map(
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

function redactPart (
  headers: Headers | undefined, content: Omit<GivenBody, 'type'>, names: SecretNames
): RedactedBody {
  const field = headers && fieldOf(headers)
  if (headers === undefined || field === undefined) return { reason: 'its head cannot be read' }
  if (names.matches(field)) return HIDDEN_WHOLE
  const type = headerOf(headers, 'content-type') ?? 'text/plain'
  const coding = headerOf(headers, 'content-transfer-encoding') ?? 'binary'
  if (!/^(7bit|8bit|binary)$/i.test(coding.trim())) return { reason: 'it is coded' }
  return /^\s*multipart\//i.test(type) ? { reason: 'it has parts itself' } : redactBody({ ...content, type }, names)
}

/** The name of the field of a form; empty without one; undefined: receivers may read different names. */
function fieldOf (headers: Headers): string | undefined {
  const parameters = parametersOf(headerOf(headers, 'content-disposition') ?? '')
  if (parameters === undefined || [...parameters.keys()].some(name => name.startsWith('name*'))) return undefined
  const name = parameters.get('name') ?? ''
  return name.startsWith('=?') ? undefined : name
}

/** Undefined: a line is no header, one that decides how the part is read occurs twice, or it is not UTF-8. */
function headersIn (head: string): string[] | undefined {
  const [padding = '', ...lines] = unfolded(head).split('\r\n')
  if (padding.trim() !== '' || head.includes('\uFFFD')) return undefined
  const headers: string[] = []
  const decisive = new Set<string>()
  for (const line of lines) {
    const end = line.indexOf(':')
    const name = line.slice(0, Math.max(0, end)).trim()
    if (name === '') return undefined
    if (/^content-(?:disposition|type|transfer-encoding)$/i.test(name)) {
      if (decisive.has(name.toLowerCase())) return undefined
      decisive.add(name.toLowerCase())
    }
    headers.push(name, line.slice(end + 1).trim())
  }
  return headers
}
