import { RootScanner } from '../../../lib/soap/multipart.js'
import { EnvelopeScanner } from '../../../lib/soap/scan.js'
import { documentText } from '../../../lib/xml/document-text.js'
import { isContent } from '../../../lib/xml/fragment.js'
import { XmlReader, type XmlHandler } from '../../../lib/xml/reader.js'
import { markupOf } from '../../../lib/xpath/node.js'
import { readTree } from '../../../lib/xpath/tree.js'
import { generatedEnvelope } from '../generated-envelope.js'
import { inPieces } from '../pieces.js'
import { expect, expectSame, type Target } from '../target.js'
import { differenceOn } from '../../support/xml-oracle.js'
import { configurations } from './seeds.js'
import { XML_SNIPPETS } from './snippets.js'

export const ENVELOPE: Target = {
  name: 'envelope',
  looksFor: 'envelopes that the scanner reads otherwise in pieces',
  share: 20,
  generate: generatedEnvelope,
  snippets: XML_SNIPPETS,
  run (input, random) {
    const whole = new EnvelopeScanner()
    whole.push(input)
    const piecewise = new EnvelopeScanner()
    inPieces(input, random, piece => piecewise.push(piece))
    expectSame(JSON.stringify(piecewise.finish()), JSON.stringify(whole.finish()), 'in pieces')
  }
}

const BOUNDARY = 'MIMEBoundary_7f3a'
const HEAD = `--${BOUNDARY}\r\nContent-Type: application/xop+xml; type="text/xml"\r\nContent-Transfer-Encoding: binary\r\n\r\n`
const rootScanner = (): RootScanner => new RootScanner({ boundary: BOUNDARY, start: undefined }, 65_536)

export const ROOT_PART: Target = {
  name: 'root-part',
  looksFor: 'MIME messages whose root part is read otherwise in pieces, or otherwise than alone',
  share: 15,
  generate: random => `${HEAD}${generatedEnvelope(random)}\r\n--${BOUNDARY}\r\n\r\nother\r\n--${BOUNDARY}--\r\n`,
  snippets: [
    ...XML_SNIPPETS,
    '\r\n',
    '\r\n\r\n',
    '--',
    BOUNDARY,
    `--${BOUNDARY}`,
    'Content-ID: <a>',
    'base64',
    'charset=utf-16'
  ],
  run (input, random, isValid) {
    const whole = rootScanner()
    whole.push(input)
    const found = whole.finish()
    const piecewise = rootScanner()
    inPieces(input, random, piece => piecewise.push(piece))
    expectSame(JSON.stringify(piecewise.finish()) ?? '', JSON.stringify(found) ?? '', 'in pieces')
    if (isValid) expect(found?.kind === 'envelope', () => `refused: ${JSON.stringify(found)}`)
  }
}

/** Everything that a reader reports, as one text. */
class Events implements XmlHandler {
  readonly wantsText = true
  text_ = ''
  log = ''
  text (value: string): void {
    this.text_ += value
  }

  startElement (namespace: string, prefix: string, name: string, start: number, end: number): void {
    this.log += `${this.#flush()}<${namespace} ${prefix} ${name} ${start} ${end}`
  }

  endElement (close: number, end: number): void {
    this.log += `${this.#flush()}>${close} ${end}`
  }

  /** Parts of one text may come separately. */
  #flush (): string {
    const text = this.text_
    this.text_ = ''
    return text
  }
}

export const XML_READER: Target = {
  name: 'xml-reader',
  looksFor: 'XML that is read otherwise in pieces',
  share: 20,
  generate: generatedEnvelope,
  seeds: configurations('.xml').map(each => each.slice(0, 2000)),
  snippets: XML_SNIPPETS,
  run (input, random, isValid) {
    const [one, other] = [new Events(), new Events()]
    const whole = new XmlReader(one)
    whole.push(input)
    const failure = whole.finish()
    const piecewise = new XmlReader(other)
    inPieces(input, random, piece => piecewise.push(piece))
    expectSame(JSON.stringify(piecewise.finish() ?? null), JSON.stringify(failure ?? null), 'the failure in pieces')
    if (failure === undefined) expectSame(other.log, one.log, 'the events in pieces')
    if (isValid) expect(failure === undefined, () => `refused: ${JSON.stringify(failure)}`)
  }
}

export const XML_TREE: Target = {
  name: 'xml-tree',
  looksFor: 'XML whose markup, written from its tree, is read as another tree',
  share: 10,
  generate: generatedEnvelope,
  seeds: ['<a xmlns:p="u"><p:b c="p:d">p:e<f xmlns=""/></p:b></a>', '<a xmlns="u"><b xmlns=""><c/></b></a>'],
  snippets: XML_SNIPPETS,
  run (input) {
    const tree = readTree(input)
    if ('kind' in tree) return
    const markup = markupOf(tree[1]!)
    const again = readTree(Buffer.from(markup))
    expect(!('kind' in again), () => `its markup is refused: ${JSON.stringify(again)}`)
    if ('kind' in again) return
    expectSame(markupOf(again[1]!), markup, 'the markup of the second tree')
    for (const node of tree) {
      if (node.kind !== 'element' || node.parent?.kind !== 'element') continue
      expect(isContent(markupOf(node)), () => `an element alone is not well-formed: ${markupOf(node)}`)
    }
  }
}

export const XML_ORACLE: Target = {
  name: 'xml-oracle',
  looksFor: 'documents that the reader of configurations accepts and libxml2 refuses, or the reverse',
  share: 5,
  seeds: configurations('.xml'),
  generate: generatedEnvelope,
  snippets: XML_SNIPPETS,
  maxLength: 8192,
  run (input) {
    const difference = differenceOn(input)
    expect(difference === undefined, () => difference!)
  }
}

export const DOCUMENT_TEXT: Target = {
  name: 'document-text',
  looksFor: 'files whose bytes are no text in the encoding that was recognised',
  share: 5,
  seeds: [
    '<?xml version="1.0" encoding="ISO-8859-1"?><a>\u00e9</a>',
    '\ufeff<a>\u00e9\u20ac</a>',
    Buffer.from('\ufeff<?xml version="1.0" encoding="UTF-16"?><a>\u20ac</a>', 'utf16le'),
    Buffer.from('\ufeff<a/>', 'utf16le').swap16(),
    '<?xml version="1.0" encoding="windows-1252"?><a/>'
  ],
  snippets: [...XML_SNIPPETS, 'encoding="', 'UTF-8', 'utf-16', 'latin1', 'us-ascii', 'Shift_JIS', '\ufeff', '\ufffd'],
  run (input) {
    const text = documentText(input)
    if (typeof text === 'string') return
    expect(text.offset >= 0 && text.offset <= input.length && !text.reason.includes('\n'), () => JSON.stringify(text))
  }
}
