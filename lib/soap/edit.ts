import { inAscii } from '../xml/escape.js'
import { declares, readPositionedTree } from '../xml/positioned-tree.js'
import { unreadableXml } from './outline.js'
import type { HeaderBlock, Envelope } from '../message/envelope.js'

/** The bytes from `start` to `end` become `text`, which is XML. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * Makes all edits. Inserted text is written in ASCII with character references, so that it is right in every encoding
 * that contains ASCII. Edits may come in any order; those at one place are made in the order given.
 * @throws RangeError for edits that overlap or reach beyond the bytes
 */
export function applyEdits (bytes: Buffer, edits: readonly Edit[]): Buffer {
  const ordered = isOrdered(edits) ? edits : edits.toSorted((a, b) => a.start - b.start || a.end - b.end)
  const texts = ordered.map(({ text }) => inAscii(text))
  const made = Buffer.allocUnsafe(
    ordered.reduce((size, { start, end }, at) => size - (end - start) + Buffer.byteLength(texts[at]!), bytes.length)
  )
  let [from, to] = [0, 0]
  for (const [at, { start, end }] of ordered.entries()) {
    if (start < from || end < start || end > bytes.length) {
      throw new RangeError(`an edit from ${start} to ${end} does not fit`)
    }
    to += bytes.copy(made, to, from, start)
    to += made.write(texts[at]!, to)
    from = end
  }
  bytes.copy(made, to, from)
  return made
}

const isOrdered = (edits: readonly Edit[]): boolean =>
  edits.every(
    ({ start, end }, at) =>
      at === 0 || edits[at - 1]!.start < start || (edits[at - 1]!.start === start && edits[at - 1]!.end <= end)
  )

/**
 * Adds header blocks after the others, and a Header where there is none.
 * @param xml elements that declare the prefixes they use
 */
export function appendBlocks ({ header, prefix, rest, scope }: Envelope, xml: string): Edit {
  const blocks = (scope[''] ?? '') === '' ? xml : withoutDefault(xml)
  const name = (prefix: string): string => (prefix === '' ? 'Header' : `${prefix}:Header`)
  if (header === undefined) return { start: rest, end: rest, text: `<${name(prefix)}>${blocks}</${name(prefix)}>` }
  if (header.close !== undefined) return { start: header.close, end: header.close, text: blocks }
  return { start: header.end - 2, end: header.end, text: `>${blocks}</${name(header.prefix)}>` }
}

/** Removes header blocks. A Header without any stays. */
export const removeBlocks = (_envelope: Envelope, blocks: readonly HeaderBlock[]): Edit[] =>
  blocks.map(({ start, end }) => ({ start, end, text: '' }))

/** The same elements, outside any default namespace but their own. @throws MediationError UNREADABLE */
export function withoutDefault (xml: string): string {
  const bytes = Buffer.from(`<_>${xml}</_>`)
  const tree = readPositionedTree(bytes, { keep: ({ parent }) => parent === undefined })
  if ('kind' in tree) throw unreadableXml(tree.reason)
  let made = ''
  let from = tree.root.open
  for (const element of tree.root.children) {
    if (declares(element, '')) continue
    made += `${bytes.toString('utf8', from, element.nameEnd)} xmlns=""`
    from = element.nameEnd
  }
  return made + bytes.toString('utf8', from, tree.root.close)
}
