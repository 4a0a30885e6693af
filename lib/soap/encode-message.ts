import { headerOf, withHeader } from '../message/headers.js'
import type { Message } from '../message/message.js'
import { contentTypeOf } from './content-type.js'
import { decode, encodingOf, readDeclaration, type Encoding } from '../xml/encoding.js'

const LAST: Partial<Record<Encoding, number>> = { 'us-ascii': 0x7f, 'iso-8859-1': 0xff }
const DECLARATION = /^<\?xml[^>]*\?>/

/** Whether messages can be written in the charset of this label. */
export const isWritable = (label: string): boolean =>
  ['utf-8', 'us-ascii', 'iso-8859-1'].includes(encodingOf(label) ?? '')

/**
 * Returns the message with its XML in another charset, and with a Content-Type and a declaration that name it.
 * Characters that the charset does not have become references. A message that is not read whole, or is not XML, and a
 * charset that cannot be written leave it unchanged.
 */
export function encodeMessage (message: Message, wanted: string): Message {
  const { body } = message
  const type = headerOf(message.headers, 'content-type')
  const { xml, charset } = contentTypeOf(type)
  const target = encodingOf(wanted)
  if (body.kind !== 'bytes' || !xml || target === undefined || !isWritable(wanted)) return message
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
