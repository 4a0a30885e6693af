import { contentTypeOf } from '../soap/content-type.js'
import { parametersOf } from '../soap/multipart.js'
import { decode, encodingOf, utf16Of } from '../xml/encoding.js'
import { redactHeaders } from './redact-headers.js'
import { redactJson } from './redact-json.js'
import type { Redacted } from './redaction.js'
import { redactText } from './redact-text.js'
import { redactXml } from './redact-xml.js'
import { HIDDEN, type SecretNames } from './secret-names.js'

/** A body as it is kept, or why it is not. */
export type RedactedBody =
  | (Redacted & { readonly operation?: string | undefined })
  | { readonly reason: string }

/** What is known of a body. */
export interface GivenBody {
  /** Its start, without content codings. */
  readonly bytes: Buffer
  /** Whether more would follow. */
  readonly isCut: boolean
  /** Its Content-Type. */
  readonly type: string | undefined
}

const MAX_PARTS = 50

/** Hides values in a body by its type. What cannot be read as text of that type is not kept. */
export function redactBody (body: GivenBody, names: SecretNames): RedactedBody {
  const redaction = { names, nesting: 0 }
  const media = contentTypeOf(body.type)
  const { type, charset } = media
  const first = body.bytes.subarray(0, 64).toString('latin1').trimStart()[0]
  if (media.xml || (type === '' && (first === '<' || utf16Of(body.bytes) !== undefined))) {
    return redactXml(body.bytes, redaction, { charset, isCut: body.isCut }) ?? unreadable('XML')
  }
  if (type.startsWith('multipart/')) return redactParts(body, names)
  const isJson = /^(application|text)\/(.+\+)?json$/.test(type) || (type === '' && (first === '{' || first === '['))
  const isForm = type === 'application/x-www-form-urlencoded'
  if (!isJson && !isForm && !type.startsWith('text/')) {
    return { reason: type === '' ? 'it has no type' : 'it is not text' }
  }
  const text = textOf(body, charset)
  if (text === undefined) return { reason: 'it is not text in its encoding' }
  if (isJson) return redactJson(text, redaction, body.isCut) ?? unreadable('JSON')
  return isForm ? redactForm(text, names) : redactText(text, names)
}

const unreadable = (kind: string): RedactedBody => ({ reason: `it cannot be read as ${kind}` })

/** Undefined: it is not text. A character that is cut off at the end is left out. */
function textOf ({ bytes, isCut }: GivenBody, charset = 'utf-8'): string | undefined {
  const encoding = encodingOf(charset)
  if (encoding === undefined) return undefined
  const label = encoding === 'utf-16' ? (utf16Of(bytes) ?? 'utf-16be') : encoding
  try {
    if (label === 'iso-8859-1' || label === 'us-ascii') return printable(decode(bytes, 0, bytes.length, label))
    return printable(new TextDecoder(label, { fatal: true }).decode(bytes, { stream: isCut }))
  } catch {
    return undefined
  }
}

const printable = (text: string): string | undefined => (text.includes('\0') ? undefined : text)

/** @see WHATWG URL Standard, application/x-www-form-urlencoded */
function redactForm (text: string, names: SecretNames): Redacted {
  let hidden = 0
  const fields = text.split('&').map(field => {
    const end = field.indexOf('=')
    if (end < 0) return field
    const name = decodedName(field.slice(0, end))
    if (name !== undefined && !names.has(name)) {
      const value = redactText(field.slice(end + 1), names)
      hidden += value.hidden
      return `${field.slice(0, end)}=${value.text}`
    }
    hidden++
    return `${field.slice(0, end)}=${HIDDEN}`
  })
  return { text: fields.join('&'), hidden }
}

function decodedName (name: string): string | undefined {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

/** Each part by its own type; of one that cannot be read, its size. @see RFC 2046, section 5.1 */
function redactParts ({ bytes, isCut, type = '' }: GivenBody, names: SecretNames): RedactedBody {
  const boundary = parametersOf(type)?.get('boundary')
  if (boundary === undefined || boundary.length > 70) return { reason: 'its parts cannot be told apart' }
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
    const headers = linesOf(part.slice(0, end))
    const content = Buffer.from(part.slice(end + 4), 'latin1')
    const partType = headers.find((_, index) => index % 2 === 1 && headers[index - 1]!.toLowerCase() === 'content-type')
    const isLast = at === parts.length - 1
    const shown = isNested(partType)
      ? { reason: 'it has parts itself' }
      : redactBody({ bytes: content, isCut: isCut && isLast, type: partType ?? 'text/plain' }, names)
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

const isNested = (type: string | undefined): boolean => /^\s*multipart\//i.test(type ?? '')

const linesOf = (head: string): string[] =>
  head.split('\r\n').flatMap(line => {
    const end = line.indexOf(':')
    return end < 1 ? [] : [line.slice(0, end).trim(), line.slice(end + 1).trim()]
  })
