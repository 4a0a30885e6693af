import { DOMParser, type Document, type Element } from '@xmldom/xmldom'
import { scan } from '../../../lib/soap/scan.js'
import type { HeaderBlock, Envelope } from '../../../lib/message/envelope.js'
import { SOAP_NAMESPACE } from '../../../lib/message/soap-version.js'
import { generatedEnvelope } from '../generated-envelope.js'
import { expect, Finding, type Target } from '../target.js'
import { XML_SNIPPETS } from './snippets.js'

function parse (xml: string): Document {
  const complain = (level: string, message: string): void => {
    if (level !== 'warning') throw new Finding(`the parser says: ${message}`)
  }
  // Its own rule for line ends is that of XML 1.1.
  return new DOMParser({
    onError: complain,
    normalizeLineEndings: source => source.replace(/\r\n?/g, '\n')
  }).parseFromString(xml, 'text/xml')
}

const elementsOf = (parent: Element | Document): Element[] =>
  Array.from(parent.childNodes).filter((node): node is Element => node.nodeType === 1)

function expectBlock (block: HeaderBlock, element: Element | undefined): void {
  expect(block.name === element?.localName, `name: ${block.name}, ${element?.localName}`)
  expect(
    block.namespace === (element!.namespaceURI ?? ''),
    `namespace of ${block.name}: ${block.namespace}, ${element!.namespaceURI}`
  )
  expect(block.prefix === (element!.prefix ?? ''), `prefix of ${block.name}`)
  expect(
    block.text === element!.textContent,
    `text of ${block.name}: ${JSON.stringify([block.text, element!.textContent])}`
  )
  const children = elementsOf(element!)
  expect(children.length === block.children.length, `children of ${block.name}`)
  block.children.forEach((child, at) => expectBlock(child, children[at]))
}

const escaped = (name: string): string => name.replace(/[&<"\t\r\n]/g, each => `&#${each.charCodeAt(0)};`)

/** The parser reads the same from the start of the message, brought to an end; and from each block alone. */
function expectEnvelope (bytes: Buffer, found: Envelope): void {
  const of = (name: string): string => (found.prefix === '' ? name : `${found.prefix}:${name}`)
  const start = bytes.toString(
    'utf8',
    bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0,
    found.rest
  )
  const root = parse(`${start}<${of('Body')}/></${of('Envelope')}>`).documentElement!
  expect(root.localName === 'Envelope' && root.namespaceURI === SOAP_NAMESPACE[found.version], 'the root')
  const children = elementsOf(root)
  expect(children.length === (found.header === undefined ? 1 : 2), 'what the Envelope has')
  const header = found.header === undefined ? undefined : children[0]!
  expect(
    header === undefined || (header.localName === 'Header' && header.namespaceURI === root.namespaceURI),
    'the Header'
  )
  const blocks = header === undefined ? [] : elementsOf(header)
  expect(blocks.length === found.blocks.length, 'how many blocks there are')
  const scope = Object.entries(found.scope)
    .map(([prefix, name]) => ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escaped(name)}"`)
    .join('')
  found.blocks.forEach((block, at) => {
    expectBlock(block, blocks[at])
    expectBlock(
      block,
      elementsOf(parse(`<w${scope}>${bytes.toString('utf8', block.start, block.end)}</w>`).documentElement!)[0]
    )
  })
  if (found.header?.open === undefined) return
  const { open, close } = found.header
  const inside = elementsOf(parse(`<w${scope}>${bytes.toString('utf8', open, close)}</w>`).documentElement!)
  expect(inside.length === blocks.length, 'what is inside the Header')
}

/**
 * Each well-formed envelope is accepted; of what is accepted, a whole parser (@xmldom/xmldom) reads the same blocks.
 */
export const ENVELOPE_ORACLE: Target = {
  name: 'envelope-oracle',
  looksFor: 'envelopes whose Header the scanner reads otherwise than a whole XML parser',
  share: 1,
  generate: generatedEnvelope,
  snippets: XML_SNIPPETS,
  run (input, _, isValid) {
    const found = scan(input)
    if (isValid) {
      expect(found.kind === 'envelope', () => `refused: ${JSON.stringify(found)}`)
      parse(input.toString('utf8').replace(/^\uFEFF/, ''))
    }
    if (found.kind === 'envelope') expectEnvelope(input, found)
  }
}
