import { contentTypeOf } from '../soap/content-type.js'
import { decode, encodingOf, utf16Of } from '../xml/encoding.js'
import { redactHtml } from './redact-html.js'
import { redactJson } from './redact-json.js'
import { redactParts } from './redact-parts.js'
import type { Redacted } from './redaction.js'
import { redactText } from './redact-text.js'
import { redactXml } from './redact-xml.js'
import { HIDDEN } from '../message/redact-url.js'
import type { SecretNames } from './secret-names.js'

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
  if (isForm) return redactForm(text, names)
  return type === 'text/html' ? redactHtml(text, names) : redactText(text, names)
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
