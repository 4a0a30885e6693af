import { XMLParser } from 'fast-xml-parser'
import { completed, type Sliced } from '../slices/sliced-work.js'
import { Element } from './element.js'
import { outlineOf } from './outline.js'
import { XmlError } from './xml-error.js'

export { XmlError } from './xml-error.js'

type Raw = Record<string, any>
const POSITION: any = XMLParser.getMetaDataSymbol()
/** Elements of a configuration that may be nested. */
const MAX_DEPTH = 400
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  captureMetaData: true,
  htmlEntities: true,
  // Chunks have an element around them.
  maxNestedTags: MAX_DEPTH + 1
})

/** Returns a text with `\n` for each line end and without a byte order mark. Offsets refer to it. */
export const normalise = (source: string): string => source.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')

/**
 * Returns the root of an XML document.
 * @param outer the namespace of elements without a prefix and without a declaration
 * @throws XmlError
 */
export const parseXml = (text: string, outer = ''): Element => completed(parseXmlInSlices(text, outer))

/**
 * As `parseXml`. The document is read strictly first, then parsed chunk by chunk.
 * @throws XmlError
 */
export function * parseXmlInSlices (text: string, outer = ''): Sliced<Element> {
  const {
    root: [start, end],
    chunkEnds
  } = yield * outlineOf(text, MAX_DEPTH)
  const tag = text.slice(start, end)
  const open = tag.endsWith('/>') ? tag : `${tag.slice(0, -1)}/>`
  const [raw] = parsed(open, start)
  const outerPrefixes = { '': outer, xml: 'http://www.w3.org/XML/1998/namespace' }
  const rootTag = Object.keys(raw!).find(key => key !== ':@')!
  const { nodes, ...root } = partsOf(rootTag, raw!, start, outerPrefixes)
  let from = end
  for (const to of chunkEnds) {
    const [chunk] = parsed(`<_>${text.slice(from, to)}</_>`, from)
    appendNodes(nodes, chunk!['_'] as Raw[], from - '<_>'.length, root.prefixes)
    from = to
    yield
  }
  return new Element({ ...root, nodes })
}

/** @param offset of the text in the document */
function parsed (text: string, offset: number): Raw[] {
  try {
    return parser.parse(withoutInstructions(text)) as Raw[]
  } catch (error) {
    throw new XmlError(sentence((error as Error).message), offset)
  }
}

/**
 * Returns the text with comments in place of processing instructions, of which the parser refuses some that are
 * well-formed. Offsets stay the same. A shorter one than a comment is a name alone.
 */
const withoutInstructions = (text: string): string =>
  text.includes('<?')
    ? text.replace(/<!\[CDATA\[[^]*?\]\]>|<!--[^]*?-->|<\?[^]*?\?>/g, whole =>
      whole.startsWith('<?') ? commentOf(whole.length) ?? whole : whole)
    : text

const commentOf = (length: number): string | undefined =>
  length < '<!---->'.length ? undefined : `<!--${' '.repeat(length - '<!---->'.length)}-->`

const sentence = (text: string): string =>
  text.replace(/\.$/, '').replace(/^[A-Z](?=[a-z])/, first => first.toLowerCase())

type Prefixes = Readonly<Record<string, string>>

/** @param base what is added to the offsets of the parser */
function appendNodes (to: (Element | string)[], nodes: readonly Raw[], base: number, prefixes: Prefixes): void {
  for (const node of nodes) {
    for (const tag in node) {
      if (tag === ':@') continue
      to.push(tag === '#text' ? String(node[tag]) : elementOf(tag, node, base, prefixes))
      break
    }
  }
}

function elementOf (tag: string, node: Raw, base: number, outer: Prefixes): Element {
  const parts = partsOf(tag, node, base, outer)
  appendNodes(parts.nodes, node[tag] as Raw[], base, parts.prefixes)
  return new Element(parts)
}

/** The parts of an element; its nodes are yet to come. */
function partsOf (tag: string, node: Raw, base: number, outer: Prefixes) {
  const given = node[':@'] as Readonly<Record<string, string>> | undefined
  const [name = '', prefix = ''] = tag.split(':').reverse()
  const nodes: (Element | string)[] = []
  return {
    name,
    prefix,
    prefixes: withDeclarations(given, outer),
    attributes: attributesOf(given),
    offset: base + ((node[POSITION] as { startIndex?: number } | undefined)?.startIndex ?? 0),
    nodes
  }
}

const isDeclaration = (name: string): boolean => name === 'xmlns' || name.startsWith('xmlns:')

function withDeclarations (given: Readonly<Record<string, string>> | undefined, outer: Prefixes): Prefixes {
  if (given === undefined || !Object.keys(given).some(isDeclaration)) return outer
  const prefixes: Record<string, string> = { ...outer }
  for (const [name, value] of Object.entries(given)) if (isDeclaration(name)) prefixes[name.slice(6)] = value
  return prefixes
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map()

function attributesOf (given: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, string> {
  if (given === undefined) return NO_ATTRIBUTES
  return new Map(Object.entries(given).filter(([name]) => !isDeclaration(name)))
}
