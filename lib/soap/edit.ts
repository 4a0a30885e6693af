import { inAscii } from '../xml/escape.js'
import { attributesOf, elementAt } from '../xml/tags.js'
import type { HeaderBlock, Envelope } from '../message/envelope.js'

/** The bytes from `start` to `end` become `text`, which is XML. */
export interface Edit { readonly start: number, readonly end: number, readonly text: string }

/**
 * The bytes with all edits made. What is inserted is written in ASCII, with character references, so that it is right in every
 * encoding of XML that contains ASCII. Edits may come in any order; those at one place are made in the order given.
 * @throws RangeError for edits that overlap, or reach beyond the bytes
 */
export function applyEdits (bytes: Buffer, edits: readonly Edit[]): Buffer {
  const ordered = edits.length < 2 ? edits : edits.toSorted((a, b) => a.start - b.start || a.end - b.end)
  const texts = ordered.map(({ text }) => inAscii(text))
  const made = Buffer.allocUnsafe(ordered.reduce((size, { start, end }, at) => size - (end - start) + Buffer.byteLength(texts[at]!), bytes.length))
  let [from, to] = [0, 0]
  for (const [at, { start, end }] of ordered.entries()) {
    if (start < from || end < start || end > bytes.length) throw new RangeError(`an edit from ${start} to ${end} does not fit`)
    to += bytes.copy(made, to, from, start)
    to += made.write(texts[at]!, to)
    from = end
  }
  bytes.copy(made, to, from)
  return made
}

/**
 * Header blocks added behind those that are there; a Header is made where there is none.
 * @param xml elements that declare the prefixes they use
 */
export function appendBlocks ({ header, prefix, rest, scope }: Envelope, xml: string): Edit {
  const blocks = (scope[''] ?? '') === '' ? xml : withoutDefault(xml)
  const name = (prefix: string): string => prefix === '' ? 'Header' : `${prefix}:Header`
  if (header === undefined) return { start: rest, end: rest, text: `<${name(prefix)}>${blocks}</${name(prefix)}>` }
  if (header.close !== undefined) return { start: header.close, end: header.close, text: blocks }
  return { start: header.end - 2, end: header.end, text: `>${blocks}</${name(header.prefix)}>` }
}

/** Header blocks taken out. A Header that is left without any stays. */
export const removeBlocks = (_envelope: Envelope, blocks: readonly HeaderBlock[]): Edit[] =>
  blocks.map(({ start, end }) => ({ start, end, text: '' }))

/** The same elements, outside of any default namespace but their own. */
export function withoutDefault (xml: string): string {
  let made = ''
  for (let at = 0; xml.indexOf('<', at) >= 0;) {
    const { tag, close } = elementAt(xml, at)
    const behindName = tag.start + 1 + tag.name.length
    made += xml.slice(at, behindName) + (attributesOf(xml, tag).some(({ name }) => name === 'xmlns') ? '' : ' xmlns=""') + xml.slice(behindName, close.end)
    at = close.end
  }
  return made
}
