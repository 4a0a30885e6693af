import t from 'tap'
import { AXES } from '../../../lib/xpath/axes.js'
import { compileExpression } from '../../../lib/expression/expression.js'
import type { Message } from '../../../lib/message/message.js'

/** The language itself: XPath 1.0. */

const SOAP11 = 'http://schemas.xmlsoap.org/soap/envelope/'

const messageOf = (body: string): Message => ({
  direction: 'request',
  method: 'POST',
  path: '',
  query: '',
  headers: ['Content-Type', 'text/xml'],
  addressing: {},
  properties: {},
  axis2: {},
  read: true,
  body: { kind: 'bytes', bytes: Buffer.from(`<s:Envelope xmlns:s="${SOAP11}"><s:Body>${body}</s:Body></s:Envelope>`) }
})

const BOOKS = messageOf(
  '<shop xml:lang="en-GB"><book id="b1" price="10"><title>One</title><by>A</by><by>B</by></book><book id="b2" price="7.5"><title xml:lang="de">Zwei</title><by>B</by></book><!-- c --><magazine id="m1">Three<?x y?> of <![CDATA[<them>]]></magazine></shop>'
)

const text = (xpath: string, message = BOOKS): string | undefined =>
  compileExpression({ xpath, namespaces: { s: SOAP11 } }).text(message)

const cases = (name: string, expected: Record<string, string>, message = BOOKS) =>
  t.test(name, async t => {
    for (const [xpath, value] of Object.entries(expected)) t.equal(text(xpath, message), value, xpath)
  })

cases('XPath: paths and predicates select nodes', {
  '//book[1]/title': 'One',
  '//book[last()]/title': 'Zwei',
  '//by[1]': 'AB',
  '(//by)[1]': 'A',
  '(//by)[last()]': 'B',
  '//book/by[position() > 1]': 'B',
  "//book[@id='b2']/title": 'Zwei',
  '//book[@price < 8]/@id': 'b2',
  '//book[by = "A"]/title': 'One',
  '//book[count(by) = 2][title]/@id': 'b1',
  '//title/..//by[. = "A"]': 'A',
  '/s:Envelope/s:Body/shop/book[2]/title/text()': 'Zwei',
  's:Body/shop/magazine': 'Three of <them>',
  '//magazine/text()': 'Three of <them>',
  'count(//magazine/node())': '1.0',
  'count(//comment() | //processing-instruction())': '0.0',
  '//by[not(. = preceding::by)]': 'AB',
  '//@id': 'b1b2m1',
  '//book/@*[name() = "price"]': '107.5',
  'count(//title/ancestor::*)': '5.0',
  '//title[2]': '',
  '//book[2]/preceding-sibling::*[1]/title': 'One',
  '//by/following-sibling::by': 'B',
  '//shop/*[3]/preceding-sibling::*[1]/@id': 'b2',
  '//book[position() mod 2 = 0]/@id': 'b2',
  '//book[2]/@id | //book[1]/@id': 'b1b2',
  '//*[self::magazine or self::title]/@xml:lang': 'de',
  '//book/descendant-or-self::node()[3]': 'OneZwei',
  'count(//.)': '18.0',
  '..//book[1]/@id': 'b1',
  'count(/)': '1.0'
})

cases('XPath: operators have their precedence', {
  '1 + 2 * 3 - 4 div 2': '5.0',
  '7 mod 3 + -7 mod 3': '0.0',
  '(1 + 2) * 3': '9.0',
  '2 - -2': '4.0',
  '1 = 1 and 2 > 1 or false()': 'true',
  '1 < 2 < 1': 'false',
  "'a' = 'a' != false()": 'true',
  '//book/@price = 7.5': 'true',
  '//book/@price != 7.5': 'true',
  '//book/@price > 11': 'false',
  '//book[1]/by = //book[2]/by': 'true',
  '//book[1]/by != //book[2]/by': 'true',
  '//book[2]/by != //book[2]/by': 'false',
  '//book[1]/@price > //book[2]/@price': 'true',
  '//book[1]/@price <= //book[2]/@price': 'false',
  '//nothing = //nothing': 'false',
  '//nothing != //nothing': 'false',
  '//nothing = false()': 'true',
  '//title < //by': 'false',
  '--3': '3.0',
  'div div div': 'NaN',
  '//book[1]/@price*2': '20.0'
})

cases('XPath: functions of XPath 1.0, and upper-case, lower-case and ends-with', {
  "concat('a', 1, true())": 'a1true',
  "starts-with('abc', 'ab') and ends-with('abc', 'bc') and contains('abc', '')": 'true',
  "substring-before('1999/04/01', '/')": '1999',
  "substring-after('1999/04/01', '/')": '04/01',
  "substring-after('abc', 'x')": '',
  "substring('12345', 2, 3)": '234',
  "substring('12345', 2)": '2345',
  "substring('12345', 1.5, 2.6)": '234',
  "substring('12345', 0, 3)": '12',
  "substring('12345', 0 div 0, 3)": '',
  "substring('12345', 1, 0 div 0)": '',
  "substring('12345', -42, 1 div 0)": '12345',
  "substring('12345', -1 div 0, 1 div 0)": '',
  "substring('a😀b', 2, 1)": '😀',
  "string-length('a😀b')": '3.0',
  "normalize-space('  a \t b ')": 'a b',
  "translate('--aaa--', 'abc-', 'ABC')": 'AAA',
  "upper-case('a') = 'A' and lower-case('A') = 'a'": 'true',
  "boolean('false') and not(boolean('')) and not(boolean(0 div 0)) and boolean(//book)": 'true',
  "number(' 12.5 ')": '12.5',
  "number('1e3')": '1000.0',
  "number('1 2')": 'NaN',
  "number('+1')": 'NaN',
  "number('0x10')": 'NaN',
  'number(true())': '1.0',
  'sum(//@price)': '17.5',
  'floor(-1.5) + ceiling(1.2) + round(2.5) + round(-2.5)': '1.0',
  'name(//s:Body)': 's:Body',
  'local-name(//s:Body)': 'Body',
  'namespace-uri(//s:Body)': SOAP11,
  'name(//nothing)': '',
  'local-name(//@xml:lang)': 'lang',
  "count(//*[lang('en')])": '8.0',
  "count(//title[lang('DE')])": '1.0',
  "id('b1')": '',
  '//book[string-length(title) > 3]/@id': 'b2',
  '//title[normalize-space() = "One"]': 'One',
  '//by[position() = last()]': 'BB'
})

t.test(
  'the axes divide a document: ancestors, descendants, what precedes, what follows, and the node itself',
  async t => {
    const all = Number(text('count(//node()) + 1'))
    for (let at = 1; at < all; at++) {
      const node = `(//node())[${at}]`
      const parts = ['ancestor', 'descendant', 'following', 'preceding', 'self'].map(
        axis => `${node}/${axis}::node()`
      )
      t.equal(Number(text(`count(${parts.join(' | ')})`)), all, `together they are all, from ${node}`)
      t.equal(
        parts.reduce((sum, part) => sum + Number(text(`count(${part})`)), 0),
        all,
        `and no two have a node in common, from ${node}`
      )
    }
    t.equal(
      text('count(//book[1]/@id/following::node())'),
      text('count(//book[1]/following::node() | //book[1]//node())'),
      'what is in an element follows its attributes'
    )
    t.equal(text('count(//book[1]/@id/preceding::node())'), text('count(//book[1]/preceding::node())'))
  }
)

t.test('every step gives each node once and in document order, on any axis', async t => {
  for (const one of AXES) {
    for (const other of AXES) {
      const path = `//*/${one}::node()/${other}::node()`
      const size = Number(text(`count(${path})`))
      const places = Array.from({ length: size }, (_, at) =>
        Number(text(`count((${path})[${at + 1}]/preceding::node() | (${path})[${at + 1}]/ancestor::node())`))
      )
      t.ok(
        places.every((place, at) => at === 0 || place >= places[at - 1]!),
        `${path} is in order`
      )
      t.equal(Number(text(`count(${path} | ${path})`)), size, `${path} repeats nothing`)
    }
  }
})

t.test('XPath: elements may have the names of operators, and names with dots and hyphens', async t => {
  const message = messageOf('<and><or>1</or><div div="2"/><text>3</text><a.b-c>4</a.b-c></and>')
  for (const [xpath, value] of Object.entries({
    '//and/or': '1',
    '//div/@div': '2',
    '//and and //or': 'true',
    '//text': '3',
    '//a.b-c': '4',
    '//or*2': '2.0',
    'child::*/and/child::div/attribute::div': '2'
  })) {
    t.equal(text(xpath, message), value, xpath)
  }
})
