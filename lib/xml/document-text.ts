import { declaredIn, decode, encodingOf, markedEncoding, utf16Of } from './encoding.js'

/** Why bytes are no text: one sentence without a full stop, and an offset. */
export interface Flaw {
  readonly reason: string
  readonly offset: number
}

/**
 * Returns the text of a document: decoded by its byte order mark, else by its XML declaration, else as UTF-8. Returns
 * the reason for bytes that are not text in that encoding, or that declare another one.
 * @see XML 1.0, appendix F
 */
export function documentText (bytes: Buffer): string | Flaw {
  const order = utf16Of(bytes)
  if (order !== undefined) return fromUtf16(bytes, order)
  const name = declaredIn(bytes)
  const encoding = encodingOf(name ?? 'utf-8')
  if (encoding === undefined) return { reason: `the encoding "${name}" is unknown`, offset: 0 }
  const isMarked = markedEncoding(bytes) === 'utf-8'
  if (encoding === 'utf-16' || (isMarked && encoding !== 'utf-8')) return differs(name)
  if (encoding === 'utf-8') return fromUtf8(bytes)
  const text = decode(bytes, 0, bytes.length, encoding)
  const beyond = encoding === 'us-ascii' ? text.search(/[^\0-\x7f]/) : -1
  return beyond < 0 ? text : { reason: 'it is not in US-ASCII, which its XML declaration names', offset: beyond }
}

const differs = (name: string | undefined): Flaw => ({
  reason: `it is not in the encoding "${name}", which its XML declaration names`,
  offset: 0
})

function fromUtf16 (bytes: Buffer, order: 'utf-16le' | 'utf-16be'): string | Flaw {
  try {
    const text = new TextDecoder(order, { fatal: true, ignoreBOM: true }).decode(bytes)
    const name = declaredIn(Buffer.from(text.replace(/^\ufeff/, '').slice(0, 256)))
    return name !== undefined && encodingOf(name) !== 'utf-16' ? differs(name) : text
  } catch {
    return { reason: 'it is not valid UTF-16', offset: 0 }
  }
}

function fromUtf8 (bytes: Buffer): string | Flaw {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    const offset = bytes
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .indexOf('\ufffd')
    return { reason: 'it is not valid UTF-8', offset: Math.max(0, offset) }
  }
}
