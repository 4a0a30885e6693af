import { escapeAttribute } from '../xml/escape.js'

/** An attribute and where its value stands, between the quotes. */
export interface Attribute {
  readonly namespace: string
  readonly name: string
  /** Entities resolved. */
  readonly value: string
  readonly start: number
  readonly end: number
}

/** The prefixes that are declared at some place, the innermost first. */
export interface Scope { readonly prefix: string, readonly uri: string, readonly depth: number, readonly outer: Scope | undefined }

/** An element and where it stands. Offsets count in the text that was read; `start` is its `<`, `end` behind its last `>`, the content is from `open` to `close`. */
export interface Node {
  readonly namespace: string
  readonly name: string
  readonly attributes: readonly Attribute[]
  readonly scope: Scope
  readonly parent: Node | undefined
  readonly children: readonly Node[]
  readonly start: number
  readonly open: number
  readonly close: number
  readonly end: number
}

const LIMITS = { depth: 256, elements: 100_000, attributes: 256, prefixes: 256 }

const NAME = '[\\p{L}_][\\p{L}\\p{N}\\p{M}._\\u00B7-]*'
const SPACE = '[ \\t\\r\\n]'
const OPEN = new RegExp(`<(?:(${NAME}):)?(${NAME})`, 'uy')
const ATTRIBUTE = new RegExp(`${SPACE}+(?:(${NAME}):)?(${NAME})${SPACE}*=${SPACE}*(?:"([^"<]*)"|'([^'<]*)')`, 'uy')
const CLOSE = new RegExp(`</((?:${NAME}:)?${NAME})${SPACE}*>`, 'uy')
const TAG_END = new RegExp(`${SPACE}*(/?)>`, 'uy')
const CONTROL = /[^\t\n\r\u0020-\uFFFD]/
const BARE_AMPERSAND = /&(?!(?:lt|gt|amp|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)/
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

const XML: Scope = { prefix: 'xml', uri: 'http://www.w3.org/XML/1998/namespace', depth: 0, outer: undefined }

/** What a prefix stands for; nothing declared is the empty text for the empty prefix. */
export function namespaceOf (scope: Scope | undefined, prefix: string): string | undefined {
  for (; scope; scope = scope.outer) if (scope.prefix === prefix) return scope.uri
  return prefix === '' ? '' : undefined
}

/** The value of an attribute without a prefix. */
export const attributeOf = (node: Node, name: string): Attribute | undefined =>
  node.attributes.find(each => each.namespace === '' && each.name === name)

export const childrenOf = (node: Node, namespace: string, name: string): Node[] =>
  node.children.filter(each => each.namespace === namespace && each.name === name)

/** The text of an element on its own: prefixes that were declared outside of it are declared on it. */
export function standalone (text: string, node: Node): string {
  const own = new Set<string>()
  for (let scope: Scope | undefined = node.scope; scope !== node.parent?.scope; scope = scope?.outer) if (scope) own.add(scope.prefix)
  let declarations = ''
  for (let scope = node.parent?.scope; scope; scope = scope.outer) {
    if (own.has(scope.prefix) || scope === XML) continue
    own.add(scope.prefix)
    declarations += ` xmlns${scope.prefix && ':'}${scope.prefix}="${escapeAttribute(scope.uri)}"`
  }
  OPEN.lastIndex = node.start
  const at = node.start + (OPEN.exec(text)?.[0].length ?? 0)
  return text.slice(node.start, at) + declarations + text.slice(at, node.end)
}

type Growing = Omit<Node, 'children' | 'open' | 'close' | 'end'> & { children: Node[], qname: string, open: number, close: number, end: number }

/**
 * The root of an XML document with namespaces, in time and memory that grow with its length only.
 * No document type is accepted, so there are no entities but the five.
 * @throws SyntaxError with the line, of what is malformed, has a DOCTYPE, or is nested deeper than 256, and the like.
 */
export function parseTree (text: string): Node {
  const fail = (at: number, why: string): never => { throw new SyntaxError(`line ${text.slice(0, at).split('\n').length}: ${why}`) }
  const checked = (at: number, value: string): string => {
    const bare = value.search(BARE_AMPERSAND)
    return bare < 0 ? value : fail(at + bare, 'an & that begins no known entity')
  }
  const control = CONTROL.exec(text)
  if (control) fail(control.index, 'a character that XML does not allow')

  let root: Growing | undefined
  let current: Growing | undefined
  const outer: Growing[] = []
  let count = 0
  let at = text.startsWith('\uFEFF') ? 1 : 0

  const behind = (start: string, mark: string): number => {
    const found = text.indexOf(mark, at + start.length)
    return found < 0 ? fail(at, `a part that never ends with ${mark}`) : found + mark.length
  }
  const leave = (close: number, end: number): void => {
    Object.assign(current!, { close, end })
    current = outer.pop()
    at = end
  }

  while (at < text.length) {
    if (text[at] !== '<') {
      const next = text.indexOf('<', at)
      const end = next < 0 ? text.length : next
      const content = checked(at, text.slice(at, end))
      if (!current && /[^ \t\r\n]/.test(content)) fail(at, root ? 'text behind the root element' : 'this is not XML')
      at = end
    } else if (text.startsWith('<!--', at)) at = behind('<!--', '-->')
    else if (text.startsWith('<?', at)) at = behind('<?', '?>')
    else if (current && text.startsWith('<![CDATA[', at)) at = behind('<![CDATA[', ']]>')
    else if (text.startsWith('<!DOCTYPE', at)) fail(at, 'a DOCTYPE is not accepted')
    else if (text.startsWith('</', at)) {
      CLOSE.lastIndex = at
      const tag = CLOSE.exec(text)
      if (!current || tag?.[1] !== current.qname) return fail(at, `expected the end of ${current ? `<${current.qname}>` : 'the document'}`)
      leave(at, CLOSE.lastIndex)
    } else {
      if (root && !current) fail(at, 'a second root element')
      if (++count > LIMITS.elements) fail(at, `more than ${LIMITS.elements} elements`)
      if (outer.length >= LIMITS.depth) fail(at, `elements nested deeper than ${LIMITS.depth}`)
      const node = startTag()
      if (current) { current.children.push(node); outer.push(current) }
      root ??= node
      current = node
      TAG_END.lastIndex = at
      const end = TAG_END.exec(text)
      if (!end) return fail(at, `a malformed tag <${node.qname}>`)
      at = node.open = TAG_END.lastIndex
      if (end[1]) leave(at, at)
    }
  }
  if (current) fail(text.length, `<${current.qname}> never ends`)
  return root ?? fail(0, 'there is no element')

  function startTag (): Growing {
    const start = at
    OPEN.lastIndex = at
    const [whole, prefix = '', name = ''] = OPEN.exec(text) ?? fail(at, 'a malformed tag')
    const found: { prefix: string, name: string, value: string, start: number, end: number }[] = []
    let scope: Scope = current?.scope ?? XML
    ATTRIBUTE.lastIndex = at += whole.length
    for (let match = ATTRIBUTE.exec(text); match; match = ATTRIBUTE.exec(text)) {
      at = ATTRIBUTE.lastIndex
      const raw = match[3] ?? match[4] ?? ''
      const one = { prefix: match[1] ?? '', name: match[2] ?? '', value: resolved(checked(at - 1 - raw.length, raw)), start: at - 1 - raw.length, end: at - 1 }
      if (found.length >= LIMITS.attributes) fail(at, `more than ${LIMITS.attributes} attributes`)
      found.push(one)
      if (one.prefix !== 'xmlns' && (one.prefix !== '' || one.name !== 'xmlns')) continue
      const declared = one.prefix === '' ? '' : one.name
      if (declared === 'xmlns' || (declared === 'xml') !== (one.value === XML.uri) || (declared !== '' && one.value === '')) fail(one.start, `xmlns:${declared} cannot be declared so`)
      if (scope.depth >= LIMITS.prefixes) fail(at, `more than ${LIMITS.prefixes} prefixes`)
      if (declared !== 'xml') scope = { prefix: declared, uri: one.value, depth: scope.depth + 1, outer: scope }
    }
    const resolve = (each: string): string => namespaceOf(scope, each) ?? fail(start, `the prefix ${each} is not declared`)
    const names = new Set<string>()
    const attributes = found.map(({ prefix, name, ...place }) => {
      const namespace = prefix === 'xmlns' || (prefix === '' && name === 'xmlns') ? 'http://www.w3.org/2000/xmlns/' : prefix === '' ? '' : resolve(prefix)
      const key = `${namespace} ${name}`
      if (names.has(key)) fail(place.start, `the attribute ${name} stands there twice`)
      names.add(key)
      return { namespace, name, ...place }
    })
    return { namespace: resolve(prefix), name, attributes, scope, parent: current, children: [], qname: whole.slice(1), start, open: at, close: at, end: at }
  }
}

const resolved = (value: string): string =>
  value.replace(/&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-z]+));/g, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? whole
    const code = hex === undefined ? parseInt(decimal!, 10) : parseInt(hex, 16)
    return code <= 0x10FFFF ? String.fromCodePoint(code) : '\uFFFD'
  })
