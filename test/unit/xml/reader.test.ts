import t from 'tap'
import { XmlReader, type XmlHandler, type XmlReaderOptions } from '../../../lib/xml/reader.js'

/** The events of a document, one line each; after them why it is refused. */
function eventsOf (
  xml: string | Buffer,
  options: XmlReaderOptions & { pieces?: number; stopAt?: string } = {}
): string[] {
  const bytes = Buffer.from(xml)
  const events: string[] = []
  const handler: XmlHandler = {
    wantsText: true,
    startElement: (namespace, prefix, name, start, end) => {
      const attributes = Array.from({ length: reader.attributeCount }, (_, at) => reader.attribute(at)).map(
        ({ namespace, prefix, name, value, declaration }) =>
          ` ${declaration ? 'ns ' : ''}{${namespace}}${prefix}:${name}=${value}`
      )
      events.push(`<{${namespace}}${prefix}:${name}${attributes.join('')} ${bytes.toString('utf8', start, end)}`)
      if (name === options.stopAt) reader.stop(end)
    },
    endElement: (close, end) => {
      events.push(`/${bytes.toString('utf8', close, end)}`)
    },
    text: value => {
      if (events.at(-1)?.startsWith('=')) events.push(events.pop() + value)
      else events.push(`=${value}`)
    }
  }
  const reader = new XmlReader(handler, options)
  const size = options.pieces ?? bytes.length
  for (let at = 0; at < bytes.length; at += size) if (reader.push(Buffer.from(bytes.subarray(at, at + size)))) break
  const failure = reader.finish()
  return failure === undefined ? events : [...events, `! ${failure.cause}: ${failure.reason}`]
}

t.test(
  'elements, attributes and text are reported in document order, with their namespaces and positions',
  async t => {
    const xml =
      '<?xml version="1.0"?><!-- c --><a xmlns="urn:d" xmlns:p="urn:p" b="1" p:b=\'2\'>x&amp;<![CDATA[<y>]]><p:c/>\r\n</a><?pi?>'
    const expected = [
      '<{urn:d}:a ns {http://www.w3.org/2000/xmlns/}:xmlns=urn:d ns {http://www.w3.org/2000/xmlns/}xmlns:p=urn:p {}:b=1 {urn:p}p:b=2 ' +
        '<a xmlns="urn:d" xmlns:p="urn:p" b="1" p:b=\'2\'>',
      '=x&<y>',
      '<{urn:p}p:c <p:c/>',
      '/',
      '=\n',
      '/</a>'
    ]
    t.same(eventsOf(xml), expected)
    for (let pieces = 1; pieces < xml.length; pieces++) {
      t.same(eventsOf(xml, { pieces }), expected, `pieces of ${pieces}`)
    }
  }
)

t.test('a handler stops the reader, and what follows is not read', async t => {
  t.same(eventsOf('<a><b>\0</wrong>', { stopAt: 'b' }), ['<{}:a <a>', '<{}:b <b>'])
})

t.test('what was read up to the stop is valid in its encoding', async t => {
  t.same(
    eventsOf(Buffer.from('<a b="\xff"><b>', 'latin1'), { stopAt: 'b' }).at(-1),
    '! malformed: it is not valid UTF-8'
  )
})

t.test('a document has one root and is complete', async t => {
  t.match(eventsOf('<a/><b/>').at(-1), /second root/)
  t.match(eventsOf('<a/>x').at(-1), /only elements may be/)
  t.match(eventsOf('</a>').at(-1), /without a start tag/)
  t.match(eventsOf('<a>').at(-1), /ends too early/)
  t.match(eventsOf('<a/><!--').at(-1), /ends too early/)
  t.match(eventsOf('').at(-1), /empty/)
})

t.test('a document that is cut off on purpose may leave as many elements open as it says', async t => {
  t.same(eventsOf('<a><b/>', { openAtEnd: 1 }), ['<{}:a <a>', '<{}:b <b/>', '/'])
  t.match(eventsOf('<a><b>', { openAtEnd: 1 }).at(-1), /ends too early/)
  t.match(eventsOf('<a><b', { openAtEnd: 1 }).at(-1), /ends too early/)
})

t.test('maxDepth bounds the depth of XML; without it any depth is read', async t => {
  t.match(eventsOf('<a>'.repeat(4), { maxDepth: 3 }).at(-1), '! limit: its elements are nested deeper than 3')
  t.match(eventsOf('<a>'.repeat(100_000) + '</a>'.repeat(100_000)).length, 200_000)
})

t.test('a token that arrives in pieces is read once', async t => {
  class CountingReader extends XmlReader {
    reads = 0
    protected override token (at: number, last: boolean): number {
      this.reads++
      return super.token(at, last)
    }
  }
  const long = 'x'.repeat(5000)
  const documents = [
    `<a b="${long}>"/>`,
    `<a b='${long.replaceAll('x', '>"')}'/>`,
    `<a ${long}=''/>`,
    `<!--${long.replaceAll('x', '-> ')}--><a/>`,
    `<?a ${long.replaceAll('x', '?')}?><a/>`,
    `<${long}/>`,
    `<a>${long}</a>`,
    `<a><![CDATA[${long.replaceAll('x', ']> ')}]]></a>`
  ]
  for (const text of documents) {
    const reader = new CountingReader({ wantsText: false, startElement () {}, endElement () {}, text () {} })
    for (const byte of Buffer.from(text)) reader.push(Buffer.of(byte))
    t.equal(reader.finish(), undefined, text.slice(0, 10))
    t.ok(reader.reads < 60, `${reader.reads} reads of ${text.length} bytes`)
  }
})
