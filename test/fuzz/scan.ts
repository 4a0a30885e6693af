/**
 * Looks for messages that the scanner reads otherwise than a whole XML parser does (@xmldom/xmldom), otherwise in
 * pieces, or otherwise as the root of a
 * MIME message.
 *
 *     node dist/test/fuzz/scan.js [--seconds 10] [--executions N] [--seed N]
 *
 * Every well-formed envelope must be accepted; of whatever is accepted, the parser must read the same blocks. What
 * fails is kept in its shortest form in test/fuzz/corpus/scan (below the working folder), which is tried first the next
 * time; the exit code is then 1.
 */
import { DOMParser, type Document, type Element } from '@xmldom/xmldom'
import { RootScanner } from '../../lib/soap/multipart.js'
import { EnvelopeScanner, scan } from '../../lib/soap/scan.js'
import type { HeaderBlock, Envelope, ScanResult } from '../../lib/message/envelope.js'
import { SOAP_NAMESPACE, SYNAPSE_NAMESPACE } from '../../lib/message/soap-version.js'
import { budgetOf } from './budget.js'
import { chanceOf } from './chance.js'
import { Corpus } from './corpus-file.js'

const corpus = new Corpus('scan')
const { seed, goesOn } = budgetOf()
const { below, oneOf } = chanceOf(seed)
const several = (most: number, make: () => string): string => Array.from({ length: below(most + 1) }, make).join('')
const sometimes = (text: string): string => (below(3) === 0 ? text : '')

// Well-formed envelopes

type Scope = Readonly<Record<string, string>>

const gap = (): string => oneOf(['', '', ' ', '\n  ', '\r\n', '\t'])
const inTag = (): string => oneOf([' ', ' ', '\n', '\t', '\r\n  '])
const quoted = (text: string): string => oneOf([`"${text}"`, `'${text}'`])
const aside = (): string =>
  oneOf([
    '',
    '',
    '<!---->',
    '<!-- <x> & ]]> - -->',
    '<?p?>',
    '<?p <x> ?? ?>',
    '<!--<s:Header><ClientID>evil</ClientID>-->'
  ])
const text = (): string =>
  oneOf([
    '',
    'c1',
    ' a b ',
    '\r\n',
    'a\rb',
    '&amp;',
    '&#65;',
    '&#x1F600;',
    '&#13;',
    '&lt;x&gt;',
    '<![CDATA[]]>',
    '<![CDATA[<x>&amp;\r\n]] >]]>',
    '<![CDATA[]]]]>',
    ']] >',
    '"\'',
    'é€',
    '\u{1F600}',
    ']',
    'a>'
  ])
const value = (): string => oneOf(['', 'v', '>', '&quot;', '&#10;', 'xmlns:s=', '/>', ']]>', 'é', '--', '\n'])

/** Declarations as attributes, and the scope with them. */
function declarations (scope: Scope): [string, Scope] {
  const more: Record<string, string> = {}
  for (let left = below(3); left > 0; left--) {
    more[oneOf(['', 'a', 'b', 'c', 's'])] = oneOf([
      'urn:a',
      'urn:b',
      SYNAPSE_NAMESPACE,
      SOAP_NAMESPACE['1.1'],
      SOAP_NAMESPACE['1.2']
    ])
  }
  if (below(12) === 0) more[''] = ''
  const written = Object.entries(more).map(
    ([prefix, name]) =>
      `${inTag()}xmlns${prefix === '' ? '' : `:${prefix}`}${sometimes(' ')}=${sometimes('\n')}${quoted(name)}`
  )
  return [written.join(''), { ...scope, ...more }]
}

function element (scope: Scope, depth: number): string {
  const [declared, inside] = declarations(scope)
  const prefix = oneOf(Object.keys(inside))
  const name = `${prefix === '' ? '' : `${prefix}:`}${oneOf(['ClientID', 'ClientID', 'Header', 'Body', 'x', 'é', 'a.b-c', '_'])}`
  const prefixed = oneOf(
    Object.keys(inside)
      .filter(each => each !== '')
      .concat('xml')
  )
  const attributes = `${sometimes(`${inTag()}p1=${quoted(value())}`)}${declared}${sometimes(`${inTag()}${prefixed}:p1=${quoted(value())}`)}${sometimes(' p2=""')}`
  if (below(5) === 0) return `<${name}${attributes}${sometimes(' ')}/>`
  const content = several(depth === 0 ? 2 : 4, () =>
    below(3) === 0 && depth > 0 ? element(inside, depth - 1) : below(4) === 0 ? aside() : text()
  )
  return `<${name}${attributes}${sometimes('\n')}>${content}</${name}${sometimes(' ')}>`
}

function envelope (): string {
  const prefix = oneOf(['s', 'soapenv', '', 'é'])
  const of = (name: string): string => (prefix === '' ? name : `${prefix}:${name}`)
  const own = { [prefix]: oneOf([SOAP_NAMESPACE['1.1'], SOAP_NAMESPACE['1.2']]) }
  const extra = { ...own, d: 'urn:d' }
  const header =
    below(8) === 0
      ? sometimes(`<${of('Header')}/>`)
      : `<${of('Header')}${sometimes(' xmlns:h="urn:h"')}>${gap()}${several(4, () => `${element(extra, 3)}${gap()}${aside()}`)}</${of('Header')}>`
  const declaration = sometimes(`<?xml version="1.0"${sometimes(' encoding="UTF-8"')}?>`)
  return `${sometimes('\uFEFF')}${declaration}${gap()}${aside()}<${of('Envelope')} xmlns${prefix === '' ? '' : `:${prefix}`}="${own[prefix]}" xmlns:d='urn:d'>${gap()}${aside()}${header}${gap()}<${of('Body')}>${below(2) === 0 ? element(extra, 2) : ''}</${of('Body')}>${gap()}</${of('Envelope')}>`
}

// What is done to them

const SNIPPETS = [
  '<',
  '>',
  '/',
  '"',
  "'",
  '=',
  '&',
  ';',
  ':',
  '--',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?',
  '?>',
  '<?xml version="1.0"?>',
  '<!DOCTYPE x>',
  '&#0;',
  '&x;',
  'xmlns=""',
  ' xmlns:a=""',
  ' xmlns:s="urn:s"',
  '</s:Header>',
  '<s:Header>',
  '<s:Body>',
  '</s:Envelope>',
  '<ClientID>',
  '</x>',
  '<x/>',
  '\0',
  '\r',
  '\x0B',
  '\uFFFE',
  '\u00D7',
  ' p1=""',
  ' xml:a=""',
  ' ',
  '\n',
  'x',
  '1',
  '-',
  ']'
]

function mutated (bytes: Buffer): Buffer {
  let result = bytes
  for (let left = 1 + below(4); left > 0; left--) {
    const at = below(result.length + 1)
    const to = Math.min(result.length, at + (below(4) === 0 ? below(60) : below(4)))
    const cut = result.subarray(at, to)
    const put = oneOf([
      () => Buffer.from(oneOf(SNIPPETS)),
      () => Buffer.alloc(0),
      () => Buffer.concat([cut, cut]),
      () => Buffer.of(below(256)),
      () => {
        const from = below(result.length)
        return result.subarray(from, from + below(40))
      },
      () => Buffer.concat([cut, Buffer.from(oneOf(SNIPPETS))])
    ])()
    result = Buffer.concat([result.subarray(0, at), put, result.subarray(to)])
  }
  return result
}

// What must hold

class Contradiction extends Error {}
const expect = (same: boolean, what: string): void => {
  if (!same) throw new Contradiction(what)
}

function parse (xml: string): Document {
  const complain = (level: string, message: string): void => {
    if (level !== 'warning') throw new Contradiction(`the parser says: ${message}`)
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

function inPieces<Found> (scanner: { push(chunk: Buffer): boolean; finish(): Found }, bytes: Buffer): Found {
  for (let from = 0, to; from < bytes.length; from = to) {
    to = from + 1 + below(oneOf([1, 3, 20, 200]))
    if (scanner.push(bytes.subarray(from, to))) break
  }
  return scanner.finish()
}

const BOUNDARY = 'MIMEBoundary_7f3a'
const HEAD = `--${BOUNDARY}\r\nContent-Type: application/xop+xml; type="text/xml"\r\nContent-Transfer-Encoding: binary\r\n\r\n`
const inParts = (root: Buffer): Buffer =>
  Buffer.concat([Buffer.from(HEAD), root, Buffer.from(`\r\n--${BOUNDARY}\r\n\r\nother\r\n--${BOUNDARY}--\r\n`)])
const rootScanner = (): RootScanner => new RootScanner({ boundary: BOUNDARY, start: undefined }, 65_536)
const asRead = ({ namespace, name, text, children }: HeaderBlock): object => ({
  namespace,
  name,
  text,
  children: children.map(asRead)
})

/**
 * As the root of a MIME message it says the same; and that message, whatever is done to it, says the same in pieces.
 */
function expectRoot (bytes: Buffer, found: ScanResult): void {
  const whole = inParts(bytes)
  const root = inPieces(rootScanner(), whole)
  if (found.kind === 'envelope') {
    expect(root?.kind === 'envelope', `as a root it is refused: ${JSON.stringify(root)}`)
    expect(
      JSON.stringify((root as Envelope).blocks.map(asRead)) === JSON.stringify(found.blocks.map(asRead)),
      'as a root it is read otherwise'
    )
  }
  for (const each of [whole, mutated(whole)]) {
    const atOnce = rootScanner()
    atOnce.push(each)
    expect(
      JSON.stringify(atOnce.finish()) === JSON.stringify(inPieces(rootScanner(), each)),
      'as a root it is read otherwise in pieces'
    )
  }
}

function check (bytes: Buffer, wellFormed: boolean): ScanResult {
  const found = scan(bytes)
  expect(
    JSON.stringify(found) === JSON.stringify(inPieces(new EnvelopeScanner(), bytes)),
    'in pieces it is read otherwise'
  )
  if (wellFormed) {
    expect(found.kind === 'envelope', `refused: ${JSON.stringify(found)}`)
    parse(bytes.toString('utf8').replace(/^\uFEFF/, ''))
  }
  if (found.kind === 'envelope') expectEnvelope(bytes, found)
  expectRoot(bytes, found)
  return found
}

const failures: string[] = []
const counts: Record<string, number> = {}

function attempt (bytes: Buffer, wellFormed: boolean): void {
  try {
    const found = check(bytes, wellFormed)
    const kind = found.kind === 'unreadable' ? found.cause : found.kind
    counts[kind] = (counts[kind] ?? 0) + 1
  } catch (error) {
    // A shorter form of a well-formed envelope need not be well-formed.
    const fails = (shorter: Buffer): boolean => !wellFormed && failsAgain(shorter)
    const file = corpus.keep(bytes, fails, wellFormed ? '.valid.xml' : '.any.xml')
    failures.push(
      `${file}: ${error instanceof Contradiction ? error.message : String(error instanceof Error ? error.stack : error)}`
    )
  }
}

function failsAgain (bytes: Buffer): boolean {
  try {
    check(bytes, false)
    return false
  } catch {
    return true
  }
}

const kept = corpus.read()
for (const { name, bytes } of kept) attempt(bytes, name.endsWith('.valid.xml'))

let tried = 0
for (; goesOn(4 * tried) && failures.length < 10; tried++) {
  const bytes = Buffer.from(envelope())
  attempt(bytes, true)
  for (let left = 3; left > 0; left--) attempt(mutated(bytes), false)
}

console.log(
  `seed ${seed}: ${kept.length} kept messages, ${tried} envelopes and ${3 * tried} mutations of them`,
  counts
)
for (const failure of failures) console.error(failure)
process.exitCode = failures.length > 0 ? 1 : 0
