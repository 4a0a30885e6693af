import { contentTypeOf } from '../soap/content-type.js'
import { decode, encodingOf, utf16Of } from '../xml/encoding.js'
import { redactEmbedded } from './redact-embedded.js'
import { redactEvents } from './redact-events.js'
import { redactForm } from './redact-form.js'
import { redactHtml } from './redact-html.js'
import { redactJson } from './redact-json.js'
import { redactParts } from './redact-parts.js'
import type { Redacted } from './redaction.js'
import { redactXml } from './redact-xml.js'
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
  const text = decodedBody(body, charset)
  if (text === undefined) return { reason: 'it is not text in its encoding' }
  if (isJson) return redactJson(text, redaction, body.isCut) ?? unreadable('JSON')
  if (isForm) return redactForm(text, redaction, body.isCut)
  if (type === 'text/html') return redactHtml(text, names, body.isCut)
  return (type === 'text/event-stream' ? redactEvents : redactEmbedded)(text, redaction, body.isCut)
}

const unreadable = (kind: string): RedactedBody => ({ reason: `it cannot be read as ${kind}` })

/** Undefined: it is not text. A character that is cut off at the end is left out. */
function decodedBody ({ bytes, isCut }: GivenBody, charset = 'utf-8'): string | undefined {
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
