import {
  applyEdits,
  createScanner,
  findNodeAtLocation,
  parseTree,
  type Edit,
  type Node,
  type ParseError
} from 'jsonc-parser'
import { LineStarts } from '../xml/line-starts.js'
import { isDeeperThan, MAX_JSON_DEPTH } from './json-depth.js'

/** A JSON document, comments and trailing commas included, as a text that is edited in place. */
export interface EditableJson {
  readonly text: string
  readonly root: Node
  readonly lines: LineStarts
}

/** Keys and indexes that lead to a value. */
export type KeyPath = readonly (string | number)[]

const DEFAULT_INDENT = '  '

/** Reads a document to be edited; undefined if it is malformed, or nested more than 200 deep. */
export function openJson (text: string): EditableJson | undefined {
  if (isDeeperThan(text, MAX_JSON_DEPTH)) return undefined
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true })
  if (root === undefined || errors.length > 0) return undefined
  return { text, root, lines: new LineStarts(from => text.indexOf('\n', from)) }
}

/** The line of an offset, from 1. */
export const lineOf = ({ lines }: EditableJson, offset: number): number => lines.lineOf(offset)

/** The value at a path below a value; undefined if it is not there. */
export const nodeAt = (node: Node, path: KeyPath): Node | undefined => findNodeAtLocation(node, [...path])

/** The source of a value. */
export const sourceOf = ({ text }: EditableJson, { offset, length }: Node): string =>
  text.slice(offset, offset + length)

/** Replaces the source of a value or of a key. */
export const withJsonSource = ({ text }: EditableJson, { offset, length }: Node, json: string): string =>
  applyEdits(text, [{ offset, length, content: json }])

/**
 * Sets the value at a path below an object, and makes the objects that lead there; undefined removes it, with objects
 * that become empty. Comments, white space and order stay, which `modify` of jsonc-parser does not keep.
 * @param json the source of the value
 * @returns the text; undefined if something on the path is not an object
 */
export function withJsonValue (
  document: EditableJson,
  object: Node,
  path: readonly string[],
  json: string | undefined
): string | undefined {
  const found = nodeAt(object, path)
  if (json === undefined) return found === undefined ? document.text : withoutValue(document, object, found)
  if (found !== undefined) return withJsonSource(document, found, json)
  let parent = object
  let depth = 0
  for (let child = nodeAt(parent, [path[0]!]); child !== undefined; child = nodeAt(parent, [path[depth]!])) {
    parent = child
    depth++
  }
  return parent.type === 'object' ? withProperty(document, parent, path.slice(depth), json) : undefined
}

/** Appends a value to a list. @param value printed over several lines unless its neighbours are on one */
export function withJsonItem (document: EditableJson, list: Node, value: unknown): string {
  const { children = [] } = list
  const isOnOneLine = !sourceOf(document, children.at(-1) ?? list).includes('\n') && children.length > 0
  const content = isOnOneLine ? inlineJson(value) : JSON.stringify(value, null, indentUnit(document))
  return inserted(document, list, children.length, content)
}

/** Appends a copy of an item to its list. */
export function withJsonCopy (document: EditableJson, item: Node): string {
  const list = item.parent!
  const indent = indentOf(document, item)
  const source = sourceOf(document, item)
  const content = indent === undefined ? source : source.replaceAll(`\n${indent}`, '\n')
  return inserted(document, list, list.children!.length, content)
}

/** Removes an item of a list or a property of an object, with its comma, and with its line where it stands alone. */
export function withoutJsonMember (document: EditableJson, member: Node): string {
  const { text } = document
  const { children = [] } = member.parent!
  const before = children[children.indexOf(member) - 1]
  const [from, end] = [member.offset, endOf(member)]
  const comma = commaAfter(text, end)
  const precedingComma = comma === undefined && before !== undefined ? commaAfter(text, endOf(before)) : undefined
  const isFirstOnLine = indentOf(document, member) !== undefined
  const edits: Edit[] = []
  if (precedingComma !== undefined && (isFirstOnLine || text.slice(precedingComma + 1, from).trim() !== '')) {
    edits.push({ offset: precedingComma, length: 1, content: '' })
  }
  const isCommaNext = comma !== undefined && text.slice(end, comma).trim() === ''
  if (comma !== undefined && !isCommaNext) edits.push({ offset: comma, length: 1, content: '' })
  const to = isCommaNext ? comma + 1 : end
  if (isFirstOnLine) edits.push(lineAround(text, from, to))
  else {
    const begin = edits.length === 0 && precedingComma !== undefined ? precedingComma : from
    const until = isCommaNext ? afterBlanks(text, to) : to
    edits.push({ offset: begin, length: until - begin, content: '' })
  }
  return applyEdits(text, edits)
}

/** Exchanges two values, neither of which is in the other. What is between them stays. */
export function withJsonExchanged (document: EditableJson, a: Node, b: Node): string {
  return applyEdits(document.text, [
    { offset: a.offset, length: a.length, content: sourceOf(document, b) },
    { offset: b.offset, length: b.length, content: sourceOf(document, a) }
  ])
}

/** Removes a value, then objects up to `root` that have nothing else in them, comments included. */
function withoutValue (document: EditableJson, root: Node, value: Node): string {
  let property = value.parent!
  for (
    let object = property.parent!;
    object !== root &&
    object.children!.length === 1 &&
    object.parent?.type === 'property' &&
    isBare(document, object);
    object = property.parent!
  ) {
    property = object.parent
  }
  return withoutJsonMember(document, property)
}

/** Whether an object with one property has no comment. */
function isBare ({ text }: EditableJson, { offset, length, children }: Node): boolean {
  const [only] = children!
  const around = text.slice(offset + 1, only!.offset) + text.slice(endOf(only!), offset + length - 1)
  return /^[\s,]*$/.test(around)
}

function withProperty (document: EditableJson, object: Node, path: readonly string[], json: string): string {
  const { children = [] } = object
  const isOnOneLine = !sourceOf(document, object).includes('\n')
  const unit = indentUnit(document)
  const content = path.reduceRight((value, key, at) => {
    const property = `${JSON.stringify(key)}: ${value}`
    if (at === 0) return property
    return isOnOneLine ? `{ ${property} }` : `{\n${unit}${property.replaceAll('\n', `\n${unit}`)}\n}`
  }, json)
  // The members of a group are long and come last.
  const members = children.findIndex(({ children: [key] = [] }) => key?.value === 'members')
  return inserted(document, object, members < 0 ? children.length : members, content)
}

/** Inserts a property or an item before the one of this number. */
function inserted (document: EditableJson, parent: Node, at: number, content: string): string {
  const { text } = document
  const { children = [] } = parent
  const [previous, next] = [children[at - 1], children[at]]
  if (previous === undefined) return insertedFirst(document, parent, next, content)
  const indent = indentOf(document, previous)
  const end = endOf(previous)
  const comma = commaAfter(text, end)
  const from = comma === undefined ? end : comma + 1
  const edits: Edit[] = comma === undefined ? [{ offset: end, length: 0, content: ',' }] : []
  const after = comma === undefined ? '' : ','
  edits.push(
    indent === undefined
      ? { offset: from, length: 0, content: ` ${content}${after}` }
      : { offset: endOfLine(text, from), length: 0, content: `\n${indent}${indented(content, indent)}${after}` }
  )
  return applyEdits(text, edits)
}

function insertedFirst (document: EditableJson, parent: Node, next: Node | undefined, content: string): string {
  if (next !== undefined) {
    const indent = indentOf(document, next)
    const added = indent === undefined ? `${content}, ` : `${indented(content, indent)},\n${indent}`
    return applyEdits(document.text, [{ offset: next.offset, length: 0, content: added }])
  }
  const { text } = document
  const end = endOf(parent) - 1
  const outer = lineIndent(text, parent.offset)
  const inner = outer + indentUnit(document)
  const blank = /\s*$/.exec(text.slice(parent.offset + 1, end))![0].length
  const added =
    content.includes('\n') || text.includes('\n') ? `\n${inner}${indented(content, inner)}\n${outer}` : ` ${content} `
  return applyEdits(text, [{ offset: end - blank, length: blank, content: added }])
}

const endOf = ({ offset, length }: Node): number => offset + length

/** The comma that follows, after white space and comments; undefined if another token does. */
function commaAfter (text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true)
  scanner.setPosition(offset)
  scanner.scan()
  const at = scanner.getTokenOffset()
  return text[at] === ',' ? at : undefined
}

/** The end of the line where only blanks and a comment follow; else the offset itself. */
function endOfLine (text: string, offset: number): number {
  const [rest] = /^[^\r\n]*/.exec(text.slice(offset))!
  return /^\s*(?:\/\/.*|\/\*(?:[^*]|\*(?!\/))*\*\/\s*)?$/.test(rest) ? offset + rest.length : offset
}

/** The range to remove: whole lines where nothing else is on them. */
function lineAround (text: string, from: number, to: number): Edit {
  const start = text.lastIndexOf('\n', from - 1) + 1
  const end = afterBlanks(text, to)
  const isAlone = end === text.length || text[end] === '\n' || text[end] === '\r'
  if (!isAlone) return { offset: from, length: end - from, content: '' }
  const next = text.indexOf('\n', end)
  return { offset: start, length: (next < 0 ? text.length : next + 1) - start, content: '' }
}

function afterBlanks (text: string, offset: number): number {
  let at = offset
  while (text[at] === ' ' || text[at] === '\t') at++
  return at
}

/** The white space before a value on its line; undefined where it is not the first on it. */
function indentOf ({ text }: EditableJson, { offset }: Node): string | undefined {
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)
  return before.trim() === '' && offset > before.length ? before : undefined
}

const lineIndent = (text: string, offset: number): string =>
  /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1))![0]

/** The white space of one level. */
const indentUnit = (document: EditableJson): string => {
  const [first] = document.root.children ?? []
  return (first && indentOf(document, first)) || DEFAULT_INDENT
}

const indented = (content: string, indent: string): string => content.replaceAll('\n', `\n${indent}`)

/** JSON on one line, with spaces inside of braces. */
export function inlineJson (value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inlineJson).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{ ${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)}: ${inlineJson(each)}`)
    .join(', ')} }`
}
