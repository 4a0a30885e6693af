import t from 'tap'
import { compileExpression } from '../../../lib/expression/expression.js'
import type { Message } from '../../../lib/message/message.js'
import { faultOf } from '../../support/flows/fault-of.js'

/** Invalid expressions, and hostile messages. */

const SOAP11 = 'http://schemas.xmlsoap.org/soap/envelope/'
const soap = (body: string): string => `<s:Envelope xmlns:s="${SOAP11}"><s:Body>${body}</s:Body></s:Envelope>`

const messageOf = (body: string): Message => ({
  direction: 'request',
  method: 'POST',
  path: '',
  query: '',
  headers: ['Content-Type', 'text/xml'],
  addressing: {},
  properties: { big: 'x'.repeat(100_000) },
  axis2: {},
  read: true,
  body: { kind: 'bytes', bytes: Buffer.from(body) }
})

const text = (xpath: string, message: Message): string | undefined => compileExpression({ xpath }).text(message)

t.test('a bad expression is refused when it is loaded, with a reason in one line', async t => {
  const reasons: Record<string, string | RegExp> = {
    '': 'it is empty',
    '  ': 'it is empty',
    '//m:symbol': 'the prefix m is not declared',
    '//m:*': 'the prefix m is not declared',
    '//constructor:x': 'the prefix constructor is not declared',
    'foo()': 'unknown function foo()',
    'constructor()': 'unknown function constructor()',
    'foo:concat(1, 2)': 'unknown function foo:concat()',
    "document('file:///etc/passwd')": 'unknown function document()',
    'concat(1)': 'concat() takes at least 2 arguments, not 1',
    'not()': 'not() takes 1 argument, not 0',
    'true(1)': 'true() takes 0 arguments, not 1',
    "get-property('a', 'b', 'c', 'd')": 'get-property() takes 1 to 3 arguments, not 4',
    $foo: 'unknown variable $foo',
    '$foo:bar': 'unknown variable $foo:bar',
    '$constructor:bar': 'unknown variable $constructor:bar',
    $: 'unexpected end at character 2, expected the name of a variable',
    '//': 'unexpected end at character 3, expected a step',
    '//a[': 'unexpected end at character 5, expected a step',
    '//a[1': 'unexpected end at character 6, expected "]"',
    'concat(1, 2': 'unexpected end at character 12, expected ")"',
    '(1': 'unexpected end at character 3, expected ")"',
    '1 +': 'unexpected end at character 4, expected a step',
    '1 2': 'unexpected number at character 3',
    "//a 'b'": 'unexpected text at character 5',
    '//a//': 'unexpected end at character 6, expected a step',
    'a b': 'unexpected "b" at character 3',
    '//a]': 'unexpected "]" at character 4',
    'foo::a': 'unknown axis foo',
    'namespace::a': 'unknown axis namespace',
    "'abc": 'a text has no closing quotation mark',
    '//a[@b = "c]': 'a text has no closing quotation mark',
    'a # b': 'unexpected "#" at character 3',
    'a\n&\nb': 'unexpected "&" at character 3',
    ['$'.concat('{payload +}')]: 'unexpected end at character 10 of ${…}',
    ['$'.concat('{exec(1)}')]: 'the function exec() is not supported in ${…}',
    'json-eval()': 'json-eval() needs a JSONPath: json-eval($.name)',
    'json-eval($.a[(@.length-1)])': /^invalid JSONPath: /,
    '{a}': 'unexpected "{" at character 1',
    '@': 'unexpected end at character 2, expected a step',
    'text(1)': 'unexpected number at character 6, expected ")"',
    ['1'.repeat(4097)]: 'it is longer than 4096 characters',
    [`${'('.repeat(64)}1${')'.repeat(64)}`]: 'it is nested deeper than 64',
    [`a${'[a'.repeat(64)}${']'.repeat(64)}`]: 'it is nested deeper than 64'
  }
  for (const [xpath, reason] of Object.entries(reasons)) {
    t.throws(
      () => compileExpression({ xpath, namespaces: {} }),
      { name: 'SyntaxError', message: reason },
      xpath.slice(0, 60)
    )
  }
})

t.test('the longest and the deepest expressions that are accepted have their values', async t => {
  const message = messageOf(soap('<a/>'))
  t.equal(text(`${'('.repeat(63)}1${')'.repeat(63)}`, message), '1.0')
  t.equal(text(`1${'+1'.repeat(2047)}`, message), '2048.0')
  t.equal(text(`${'-'.repeat(4095)}1`, message), '-1.0')
  t.equal(text(`'a'${" or 'a'".repeat(500)}`, message), 'true')
  t.equal(text(`//a${'/..'.repeat(1000)}`, message), '')
  t.equal(text(`count(//a${'|//a'.repeat(1000)})`, message), '1.0')
})

t.test('an expression on a message that is not XML, or too large, is a fault of its sender', async t => {
  const unreadable: [string, number, RegExp][] = [
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 400, /DOCTYPE/],
    ['<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 400, /DOCTYPE/],
    ['<a>&b;</a>', 500, /"b" is not defined/],
    ['<a>&#0;</a>', 500, /is not defined/],
    ['<a><b></a>', 500, /which is open/],
    ['<a/><b/>', 500, /second root/],
    ['<a/>text', 500, /./],
    ['<a', 500, /ends too early/],
    ['<a>', 500, /ends too early/],
    ['</a>', 500, /./],
    ['<a/></a>', 500, /without a start tag/],
    ['<a b="1" b="2"/>', 500, /two attributes "b"/],
    ['<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>', 500, /two attributes "b"/],
    ['<a xmlns:p="u" xmlns:p="v"/>', 500, /declared twice/],
    ['<a xmlns="u" xmlns="v"/>', 500, /declared twice/],
    ['<p:a/>', 500, /prefix "p" is not declared/],
    ['<a p:b="1"/>', 500, /prefix "p" is not declared/],
    ['<xmlns:a/>', 500, /prefix "xmlns" is not declared/],
    ['<b xmlns:p="u"/>'.replace('/>', '><c xmlns:q="v"/><q:d/></b>'), 500, /prefix "q" is not declared/],
    ['<a xmlns:p=""/>', 500, /without a namespace/],
    ['<a>\u0001</a>', 500, /character that XML does not allow/],
    ['<a>]]></a>', 500, /./],
    ['{"a": 1}', 500, /./],
    ['<a>'.repeat(257) + '</a>'.repeat(257), 400, /nested deeper than 256/],
    [`<a ${Array.from({ length: 257 }, (_, at) => `a${at}=""`).join(' ')}/>`, 400, /more than 256 attributes/],
    [
      `<a ${Array.from({ length: 200 }, (_, at) => `xmlns:a${at}="u"`).join(' ')}><b ${Array.from({ length: 57 }, (_, at) => `xmlns:b${at}="u"`).join(' ')}/></a>`,
      400,
      /more than 256 prefixes/
    ],
    [`<a>${'<b/>'.repeat(1_000_000)}</a>`, 400, /more than 1000000 parts/]
  ]
  for (const [body, status, why] of unreadable) {
    const message = messageOf(body)
    for (const again of [1, 2]) {
      t.match(
        faultOf(() => text('//*', message)),
        { code: 601000, status, reason: why },
        `${body.slice(0, 50)} (${again})`
      )
    }
  }
})

t.test('a refused expression leaves no state behind', async t => {
  const message = messageOf(soap('<a></b>'))
  t.equal(faultOf(() => text('//a', message)).code, 601000)
  t.equal(text('count($header/*)', message), '0.0')
})

t.test('expressions: names and texts of a message are data, whatever they look like', async t => {
  const message = messageOf(
    '<a xmlns:m="urn:m"><constructor>1</constructor><__proto__>2</__proto__><m:hasOwnProperty toString="3">&lt;b&gt;&amp;amp;</m:hasOwnProperty></a>'
  )
  t.equal(text('//constructor', message), '1')
  t.equal(text('//__proto__', message), '2')
  t.equal(text('//@toString', message), '3')
  t.equal(text('//{urn:m}hasOwnProperty', message), '<b>&amp;')
  t.same(compileExpression({ xpath: '//{urn:m}hasOwnProperty' }).markup(message), [
    '<m:hasOwnProperty xmlns:m="urn:m" toString="3">&lt;b>&amp;amp;</m:hasOwnProperty>'
  ])
})

t.test('an expression that takes too long on a message ends in a fault', async t => {
  const flat = messageOf(soap('<i a="1">7</i>'.repeat(30_000)))
  const deep = messageOf(soap('<a>'.repeat(250) + '</a>'.repeat(250)))
  const texts = messageOf(soap(`<a>${'a'.repeat(400_000)}</a><b>b${'a'.repeat(200_000)}</b>`))
  const blank = messageOf(soap('<a>'.repeat(250) + '<b/>'.repeat(20_000) + '</a>'.repeat(250)))
  const slow: [string, Message][] = [
    ['count(//i[count(//i) > 1])', flat],
    ['count(//i/following::i)', flat],
    ['count(//i/preceding-sibling::i)', flat],
    ['//i[. = //i[@a = 2]]', flat],
    ['count(//i[contains($ctx:big, "y")])', flat],
    ['count(//i[string-length($body) > 1])', flat],
    ['count(//*[.//*[.//*[.//*]]])', deep],
    ['contains(//a, //b)', texts],
    [`string-length(concat(${Array(300).fill('//a').join(',')}))`, texts],
    ['//*', blank]
  ]
  for (const [xpath, message] of slow) {
    t.match(
      faultOf(() => text(xpath, message)),
      { code: 0, reason: 'an expression takes too long on this message' },
      xpath
    )
  }
  t.equal(text('count(//i)', flat), '30000.0')
  t.equal(text('string(//i = //i)', flat), 'true', 'sets compare in time that grows with their sizes')
  t.equal(text(`count(${'//*'.repeat(30)})`, deep), '223.0', 'steps do not multiply')
  t.equal(text('sum(//i)', flat), '210000.0')
})

t.test('functions that take nodes refuse anything else', async t => {
  for (const xpath of ["count('a')", 'sum(1)', "local-name('a')"]) {
    t.match(
      faultOf(() => text(xpath, messageOf('<a/>'))),
      { code: 0, reason: /expects a node-set/ },
      xpath
    )
  }
  t.equal(text("'a'/b | 1", messageOf('<a/>')), '', 'a path from what is no node finds nothing')
})
