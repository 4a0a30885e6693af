import { headerOf, withHeader } from '../message/headers.js'
import type { Message } from '../message/message.js'
import { contentTypeOf } from '../soap/content-type.js'
import { decode, encodingOf, readDeclaration, type Encoding } from '../xml/encoding.js'

const LAST: Partial<Record<Encoding, number>> = { 'us-ascii': 0x7f, 'iso-8859-1': 0xff }
const DECLARATION = /^<\?xml[^>]*\?>/

/**
 * The message with its XML in another encoding, its type and its XML declaration saying so. Characters that it has no
 * byte for
 * become references. A message that is not here whole, or no XML, stays as it is.
 */
export function encodeMessage (message: Message, wanted: string): Message {
  const { body } = message
  const type = headerOf(message.headers, 'content-type')
  const { xml, charset } = contentTypeOf(type)
  const target = encodingOf(wanted)
  if (body.kind !== 'bytes' || !xml || target === undefined || target === 'utf-16') return message
  const declaration = DECLARATION.exec(body.bytes.toString('latin1', 0, 256))?.[0]
  const source = encodingOf(charset ?? (declaration && readDeclaration(declaration).name) ?? 'utf-8')
  if (source === undefined || source === 'utf-16') return message
  const headers = withHeader(
    message.headers,
    'Content-Type',
    `${type!.replace(/;\s*charset\s*=\s*("[^"]*"|[^\s;]+)/i, '')}; charset=${wanted}`
  )
  if (source === target) return { ...message, headers }
  const text = decode(body.bytes, 0, body.bytes.length, source).replace(DECLARATION, found =>
    found.replace(/(\sencoding\s*=\s*)(["'])[^"']*\2/, `$1$2${wanted}$2`)
  )
  const last = LAST[target]
  const bytes =
    last === undefined
      ? Buffer.from(text)
      : Buffer.from(
        text.replace(/[^\0-\x7F]/gu, each => (each.codePointAt(0)! > last ? `&#${each.codePointAt(0)};` : each)),
        'latin1'
      )
  return { ...message, headers, body: { kind: 'bytes', bytes } }
}
