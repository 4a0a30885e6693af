import { LineStarts } from './line-starts.js'
import { escapeAttribute, escapeText } from './escape.js'
import { attributeOf, readPositionedTree, type PositionedElement } from './positioned-tree.js'

/** A document as a text that is edited in place. Positions count bytes of its UTF-8 form. */
export interface EditableDocument {
  readonly bytes: Buffer
  readonly root: PositionedElement
  readonly lines: LineStarts
}

/** Names of elements, then an attribute as `@name`, or `text()` for the text of the element. */
export type ValuePath = readonly string[]

/** The order of the children of elements, by the name of the element. Others come last. */
export type ChildOrder = Readonly<Record<string, readonly string[]>>

const INDENT = '  '
const MAX_DEPTH = 400
const APOSTROPHE = 0x27

/** Reads a document to be edited; undefined if it is not well-formed. */
export function openDocument (text: string): EditableDocument | undefined {
  const bytes = Buffer.from(text)
  const read = readPositionedTree(bytes, { charset: 'utf-8', maxDepth: MAX_DEPTH })
  if (!('root' in read)) return undefined
  return { bytes, root: read.root, lines: new LineStarts(from => bytes.indexOf(0x0a, from)) }
}

/** The line of a position, from 1. */
export const lineOf = ({ lines }: EditableDocument, position: number): number => lines.lineOf(position)

/** The child of the same namespace as its parent. */
export const childOf = (element: PositionedElement, name: string): PositionedElement | undefined =>
  element.children.find(child => child.name === name && child.namespace === element.namespace)

/** The value at a path below an element; undefined if it is not there. */
export function valueAt (element: PositionedElement, path: ValuePath): string | undefined {
  const owner = ownerOf(element, path)
  const last = path.at(-1)!
  if (owner === undefined) return undefined
  return last === 'text()' ? owner.text.trim() : attributeOf(owner, last.slice(1))?.value
}

/** Where the value at a path is, or where it would be written. */
export function positionOfValue (element: PositionedElement, path: ValuePath): number {
  const [first = 'text()', ...rest] = path
  if (first === 'text()') return element.open
  if (first.startsWith('@')) return attributeOf(element, first.slice(1))?.from ?? element.start
  const child = childOf(element, first)
  return child === undefined ? element.start : positionOfValue(child, rest)
}

/**
 * Sets the value at a path, and makes the elements that lead there; undefined removes it, with elements that become
 * empty. Every other character of the text stays.
 * @returns the text, or undefined where the place holds more than a value
 */
export function withValue (
  document: EditableDocument,
  element: PositionedElement,
  path: ValuePath,
  value: string | undefined,
  order: ChildOrder
): string | undefined {
  const owner = ownerOf(element, path)
  const last = path.at(-1)!
  if (value === undefined) {
    return owner === undefined ? documentText(document) : withoutValue(document, element, owner, last)
  }
  if (owner !== undefined) {
    return last === 'text()' ? withText(document, owner, value) : withAttribute(document, owner, last.slice(1), value)
  }
  const [parent, missing] = lastOf(element, path.slice(0, -1))
  return withChild(document, parent, missing[0]!, nestedMarkup(parent, missing, last, value), order)
}

/** Adds a child in its place by the order, indented as its neighbours. @param markup without the outer indentation */
export function withChild (
  document: EditableDocument,
  parent: PositionedElement,
  name: string,
  markup: string,
  order: ChildOrder
): string {
  const names = order[parent.name] ?? []
  const rank = (each: string): number => (names.includes(each) ? names.indexOf(each) : names.length)
  const before = parent.children.findLast(child => rank(child.name) <= rank(name))
  if (before !== undefined) {
    const indent = indentOf(document, before)
    const gap = indent === undefined ? '' : `\n${indent}`
    return withReplaced(document, before.end, before.end, gap + indented(markup, indent ?? ''))
  }
  const after = parent.children[0]
  if (after !== undefined) {
    const indent = indentOf(document, after)
    return withReplaced(
      document,
      after.start,
      after.start,
      indented(markup, indent ?? '') + (indent === undefined ? '' : `\n${indent}`)
    )
  }
  const outer = indentOf(document, parent) ?? ''
  const inner = outer + INDENT
  const content = `\n${inner}${indented(markup, inner)}\n${outer}`
  if (parent.open !== parent.close || !isEmptyTag(document, parent)) {
    return withReplaced(document, parent.open, parent.close, content)
  }
  const tag = document.bytes.toString('utf8', parent.start + 1, parent.nameEnd)
  return withReplaced(document, endOfAttributes(document, parent), parent.end, `>${content}</${tag}>`)
}

/** Removes an element, with its line where it stands alone on it. */
export function withoutElement (document: EditableDocument, { start, end }: PositionedElement): string {
  const { bytes } = document
  let [from, to] = [start, end]
  while (from > 0 && isBlank(bytes[from - 1]!)) from--
  while (to < bytes.length && isBlank(bytes[to]!)) to++
  const standsAlone =
    (from === 0 || bytes[from - 1] === 0x0a) && (to >= bytes.length || bytes[to] === 0x0a || bytes[to] === 0x0d)
  if (!standsAlone) return withReplaced(document, start, end, '')
  if (bytes[to] === 0x0d) to++
  return withReplaced(document, from, Math.min(to + 1, bytes.length), '')
}

/** Exchanges two elements, neither of which is in the other. What is between them stays. */
export function withExchanged (document: EditableDocument, a: PositionedElement, b: PositionedElement): string {
  const [first, second] = a.start < b.start ? [a, b] : [b, a]
  const { bytes } = document
  const part = (from: number, to: number): string => bytes.toString('utf8', from, to)
  return (
    part(0, first.start) +
    part(second.start, second.end) +
    part(first.end, second.start) +
    part(first.start, first.end) +
    part(second.end, bytes.length)
  )
}

/** The markup of an element as it stands, less the indentation of its first line. */
export function markupAt (document: EditableDocument, element: PositionedElement): string {
  const indent = indentOf(document, element) ?? ''
  return document.bytes.toString('utf8', element.start, element.end).replaceAll(`\n${indent}`, '\n')
}

const documentText = ({ bytes }: EditableDocument): string => bytes.toString('utf8')

function ownerOf (element: PositionedElement, path: ValuePath): PositionedElement | undefined {
  let owner: PositionedElement | undefined = element
  for (const name of path.slice(0, -1)) owner = owner && childOf(owner, name)
  return owner
}

/** The innermost element of a path that is there, and the names of those that are not. */
function lastOf (element: PositionedElement, names: readonly string[]): [PositionedElement, readonly string[]] {
  const child = names.length === 0 ? undefined : childOf(element, names[0]!)
  return child === undefined ? [element, names] : lastOf(child, names.slice(1))
}

function nestedMarkup (parent: PositionedElement, names: readonly string[], last: string, value: string): string {
  const prefix = parent.prefix === '' ? '' : `${parent.prefix}:`
  const [name, ...inner] = names
  const tag = prefix + name!
  if (inner.length > 0) {
    return `<${tag}>\n${INDENT}${indented(nestedMarkup(parent, inner, last, value), INDENT)}\n</${tag}>`
  }
  return last === 'text()'
    ? `<${tag}>${escapeText(value)}</${tag}>`
    : `<${tag} ${last.slice(1)}="${escapeAttribute(value)}"/>`
}

/** Undefined where the element has children, or a comment or CDATA beside its text. */
function withText (document: EditableDocument, element: PositionedElement, value: string): string | undefined {
  const { open, close, start, nameEnd, end } = element
  if (isEmptyTag(document, element)) {
    const tag = document.bytes.toString('utf8', start + 1, nameEnd)
    return withReplaced(document, endOfAttributes(document, element), end, `>${escapeText(value)}</${tag}>`)
  }
  const content = document.bytes.toString('utf8', open, close)
  if (element.children.length > 0 || content.includes('<')) return undefined
  const [, before, after] = /^(\s*)[^]*?(\s*)$/.exec(content)!
  const tail = before!.length === content.length ? '' : after
  return withReplaced(document, open, close, before + escapeText(value) + tail)
}

function withAttribute (document: EditableDocument, element: PositionedElement, name: string, value: string): string {
  const found = attributeOf(element, name)
  if (found === undefined) {
    const at = element.attributes.at(-1)?.to
    const position = at === undefined ? element.nameEnd : at + 1
    return withReplaced(document, position, position, ` ${name}="${escapeAttribute(value)}"`)
  }
  const quotes = document.bytes[found.from - 1] === APOSTROPHE ? "'" : '"'
  return withReplaced(document, found.from, found.to, escapeAttribute(value, quotes))
}

/** Removes an attribute or the text, then elements up to `root` that have nothing else in them. */
function withoutValue (
  document: EditableDocument,
  root: PositionedElement,
  owner: PositionedElement,
  last: string
): string | undefined {
  const attribute = last === 'text()' ? undefined : attributeOf(owner, last.slice(1))
  if (last !== 'text()' && attribute === undefined) return documentText(document)
  const isAll =
    owner.attributes.length === (attribute === undefined ? 0 : 1) && isBare(document, owner, last === 'text()')
  if (owner === root || !isAll) {
    if (attribute === undefined) return withText(document, owner, '')
    let from = attribute.start
    while (isBlank(document.bytes[from - 1]!) || document.bytes[from - 1] === 0x0a) from--
    return withReplaced(document, from, attribute.to + 1, '')
  }
  let empty = owner
  while (
    empty.parent !== undefined &&
    empty.parent !== root &&
    empty.parent.children.length === 1 &&
    empty.parent.attributes.length === 0 &&
    isBare(document, empty.parent, false, empty)
  ) {
    empty = empty.parent
  }
  return withoutElement(document, empty)
}

/** Whether an element has nothing in it: no children but one, no comments, and no text unless that is to go. */
function isBare (
  { bytes }: EditableDocument,
  { open, close, children }: PositionedElement,
  ignoresText: boolean,
  but?: PositionedElement
): boolean {
  if (children.some(child => child !== but)) return false
  const around =
    but === undefined
      ? bytes.toString('utf8', open, close)
      : bytes.toString('utf8', open, but.start) + bytes.toString('utf8', but.end, close)
  return ignoresText ? !around.includes('<') : around.trim() === ''
}

const isEmptyTag = ({ bytes }: EditableDocument, { end, open, close }: PositionedElement): boolean =>
  open === close && open === end && bytes[end - 2] === 0x2f

/** Where `/>` begins, with the white space before it. */
function endOfAttributes ({ bytes }: EditableDocument, { end }: PositionedElement): number {
  let at = end - 2
  while (isBlank(bytes[at - 1]!)) at--
  return at
}

/** The white space before an element on its line; undefined where it is not the first on it. */
function indentOf ({ bytes }: EditableDocument, { start }: PositionedElement): string | undefined {
  let from = start
  while (from > 0 && isBlank(bytes[from - 1]!)) from--
  return from === 0 || bytes[from - 1] === 0x0a ? bytes.toString('utf8', from, start) : undefined
}

const indented = (markup: string, indent: string): string => markup.replaceAll('\n', `\n${indent}`)

const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09

const withReplaced = ({ bytes }: EditableDocument, from: number, to: number, insert: string): string =>
  bytes.toString('utf8', 0, from) + insert + bytes.toString('utf8', to)
