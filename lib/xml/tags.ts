import { fault, MediationError } from '../message/fault.js'
import { valueOf } from './characters.js'

/** A start tag, an end tag, or the tag of an empty element, and where it stands in the text. */
export interface Tag {
  readonly kind: 'open' | 'close' | 'empty'
  /** As written, with its prefix. */
  readonly name: string
  readonly start: number
  readonly end: number
}

/** `name="value"` in a tag; `from` to `to` is what stands between the quotes. */
export interface Attribute { readonly name: string, readonly start: number, readonly end: number, readonly from: number, readonly to: number }

/** One element: its start tag, its end tag (the same for an empty one), and its child elements without theirs. */
export interface Node { readonly tag: Tag, readonly close: Tag, readonly children: readonly { readonly tag: Tag, readonly close: Tag }[] }

/** Prefixes and the names of their namespaces, as written: entities not resolved. The default namespace has the prefix ''. */
export type Scope = ReadonlyMap<string, string>

// Space is that of XML, not of JavaScript: in a text of one character per byte, U+00A0 is a part of some letter.
const NAME = /[^ \t\r\n/>"'=<&!?]+/y
const ATTRIBUTE = /[ \t\r\n]+([^ \t\r\n/>"'=<&!?]+)[ \t\r\n]*=[ \t\r\n]*("[^"<]*"|'[^'<]*')/y
const TAG_END = /[ \t\r\n]*(\/?)>/y
const END_TAG = /<\/([^ \t\r\n/>"'=<&!?]+)[ \t\r\n]*>/y
const BETWEEN = /^(?:\u00ef\u00bb\u00bf|\ufeff)?[ \t\r\n]*$/

export const unreadableXml = (why: string): MediationError => new MediationError(fault('UNREADABLE', `the message cannot be read: ${why}`))

/**
 * The tags of an XML text in order, from the `<` at or behind `from`; `open` names the elements that are open there.
 * Only structure is checked: tags match, there is one root, attributes are quoted, and there is no DOCTYPE.
 * @throws MediationError UNREADABLE, when the walk comes to what is no XML
 */
export function * tags (text: string, from = 0, open: string[] = []): Generator<Tag, void> {
  let roots = open.length
  for (let at = from, end; ; at = end) {
    const start = text.indexOf('<', at)
    if (open.length === 0 && !BETWEEN.test(text.slice(at, start < 0 ? undefined : start))) throw unreadableXml('there is text outside of its root')
    if (start < 0) break
    const skipped = behindNoTag(text, start, open.length > 0)
    end = skipped ?? -1
    if (skipped !== undefined) continue
    const tag = tagAt(text, start)
    end = tag.end
    if (tag.kind === 'close') {
      if (open.pop() !== tag.name) throw unreadableXml(`an end tag at ${start} closes nothing`)
    } else {
      if (open.length === 0 && roots++ > 0) throw unreadableXml('it has a second root')
      if (tag.kind === 'open') open.push(tag.name)
    }
    yield tag
  }
  if (open.length > 0) throw unreadableXml('it ends before its root does')
  if (roots === 0) throw unreadableXml('it has no root')
}

/** Where a comment, a processing instruction or a CDATA section that begins here ends. */
function behindNoTag (text: string, start: number, inside: boolean): number | undefined {
  const [close, skip] = text.startsWith('<!--', start) ? ['-->', 4] : text.startsWith('<?', start) ? ['?>', 2] : inside && text.startsWith('<![CDATA[', start) ? [']]>', 9] : []
  if (close === undefined || skip === undefined) {
    if (text[start + 1] === '!') throw unreadableXml(text.startsWith('<!DOCTYPE', start) ? 'a DOCTYPE is not accepted' : `no markup at ${start}`)
    return undefined
  }
  const end = text.indexOf(close, start + skip)
  if (end < 0) throw unreadableXml(`what begins at ${start} has no end`)
  return end + close.length
}

function tagAt (text: string, start: number): Tag {
  END_TAG.lastIndex = start
  const closing = END_TAG.exec(text)
  if (closing !== null) return { kind: 'close', name: closing[1]!, start, end: END_TAG.lastIndex }
  NAME.lastIndex = start + 1
  const name = NAME.exec(text)?.[0]
  if (name === undefined) throw unreadableXml(`no tag at ${start}`)
  let at = NAME.lastIndex
  for (ATTRIBUTE.lastIndex = at; ATTRIBUTE.test(text); at = ATTRIBUTE.lastIndex);
  TAG_END.lastIndex = at
  const ending = TAG_END.exec(text)
  if (ending === null) throw unreadableXml(`the tag at ${start} is not well-formed`)
  return { kind: ending[1] === '' ? 'open' : 'empty', name, start, end: TAG_END.lastIndex }
}

/** The attributes of a tag, declarations of namespaces included. */
export function attributesOf (text: string, tag: Tag): Attribute[] {
  const found: Attribute[] = []
  ATTRIBUTE.lastIndex = tag.start + 1 + tag.name.length
  for (let match; (match = ATTRIBUTE.exec(text)) !== null;) {
    const end = ATTRIBUTE.lastIndex
    found.push({ name: match[1]!, start: end - match[0].length + match[0].search(/[^ \t\r\n]/), end, from: end - match[2]!.length + 1, to: end - 1 })
  }
  return found
}

/** What is in scope inside of an element, given what is in scope around it. */
export function scopeIn (text: string, tag: Tag, outer: Scope = new Map()): Scope {
  const scope = new Map(outer)
  for (const { name, from, to } of attributesOf(text, tag)) {
    if (name === 'xmlns') scope.set('', text.slice(from, to))
    else if (name.startsWith('xmlns:')) scope.set(name.slice(6), text.slice(from, to))
  }
  return scope
}

/** A name as written, in its two parts. */
export function split (name: string): { prefix: string, local: string } {
  const colon = name.indexOf(':')
  return colon < 0 ? { prefix: '', local: name } : { prefix: name.slice(0, colon), local: name.slice(colon + 1) }
}

export const namespaceOf = (name: string, scope: Scope): string => valueOf(scope.get(split(name).prefix) ?? '')

/** The element whose start tag begins at `start`, walked to its end. @throws MediationError UNREADABLE */
export function elementAt (text: string, start: number): Node {
  const children: { tag: Tag, close: Tag }[] = []
  const open: string[] = []
  let tag: Tag | undefined
  let child: Tag | undefined
  for (const each of tags(text, start, open)) {
    if (tag === undefined) tag = each
    else if (open.length === 1) children.push({ tag: each.kind === 'empty' ? each : child!, close: each })
    else if (open.length === 2 && each.kind === 'open') child = each
    if (open.length === 0) return { tag, close: each, children }
  }
  throw unreadableXml('an element has no end')
}
