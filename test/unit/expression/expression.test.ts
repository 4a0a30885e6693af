import t from 'tap'
import { compileExpression } from '../../../lib/expression/expression.js'
import { javaText } from '../../../lib/expression/java-number.js'
import { systemProperties } from '../../../lib/expression/system.js'
import type { Message, Properties, BodyRemainder } from '../../../lib/message/message.js'
import { scan } from '../../../lib/soap/scan.js'
import { faultOf } from '../../support/flows/fault-of.js'

/**
 * What the engines make of expressions: variables, functions, and results as text. Recorded cases of Apache Synapse
 * 3.0.1 are named after what they show.
 */

const SOAP11 = 'http://schemas.xmlsoap.org/soap/envelope/'
const SOAP12 = 'http://www.w3.org/2003/05/soap-envelope'
const NAMESPACES = { g: 'urn:golden', s11: SOAP11, s12: SOAP12, v: 'urn:v', h: 'urn:h' }

const ORDER = '<m:order xmlns:m="urn:golden"><m:id>7</m:id><m:symbol>IBM</m:symbol></m:order>'
const HEADER = '<s:Header><h:a xmlns:h="urn:h">A</h:a><h:b xmlns:h="urn:h">B</h:b></s:Header>'
const soap = (body: string, header = '', version = SOAP11): string =>
  `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="${version}">${header}<s:Body>${body}</s:Body></s:Envelope>`

const messageOf = (
  body: string | undefined,
  more: Partial<Message> = {},
  type = 'text/xml; charset=UTF-8'
): Message => ({
  direction: 'request',
  method: 'POST',
  path: '',
  query: '',
  headers: body === undefined ? [] : ['Content-Type', type],
  addressing: {},
  properties: {},
  axis2: {},
  read: true,
  body: body === undefined ? { kind: 'none' } : { kind: 'bytes', bytes: Buffer.from(body) },
  ...more
})

const text = (xpath: string, message: Message): string | undefined =>
  compileExpression({ xpath, namespaces: NAMESPACES }).text(message)
const test = (xpath: string, message: Message): boolean =>
  compileExpression({ xpath, namespaces: NAMESPACES }).test(message)
const markup = (xpath: string, message: Message): readonly string[] | undefined =>
  compileExpression({ xpath, namespaces: NAMESPACES }).markup(message)

const withProperties = (properties: Properties, more: Partial<Message> = {}): Message =>
  messageOf(soap(ORDER), { properties, ...more })

t.test('results are texts, in both versions of SOAP and in plain XML (xpath-variables)', async t => {
  const soap11 = messageOf(soap(ORDER, HEADER))
  const soap12 = messageOf(soap(ORDER, '', SOAP12), {}, 'application/soap+xml; charset=UTF-8')
  const plain = messageOf(ORDER, {}, 'application/xml')
  const everywhere: Record<string, string> = {
    '$body//g:symbol': 'IBM',
    '//g:order/g:id': '7',
    '//g:order': ORDER,
    'count(//g:order/*)': '2.0',
    '//g:nothing': '',
    '//g:nothing = 1': 'false',
    '//g:order/*': '7IBM',
    '//g:id + 1': '8.0',
    "substring-before('a:b', ':')": 'a',
    '//g:symbol/text()': 'IBM',
    'count(//@*)': '0.0'
  }
  for (const [xpath, expected] of Object.entries(everywhere)) {
    for (const [name, message] of Object.entries({ soap11, soap12, plain })) {
      t.equal(text(xpath, message), expected, `${xpath} in ${name}`)
    }
  }
  t.same(
    ['$header/*', 'local-name(/*)', '/s11:Envelope/s11:Body/g:order/g:id'].map(each => text(each, soap11)),
    ['AB', 'Envelope', '7']
  )
  t.same(
    ['$header/*', 'local-name(/*)', '/s11:Envelope/s11:Body/g:order/g:id'].map(each => text(each, soap12)),
    ['', 'Envelope', '']
  )
  t.same(
    ['$header/*', 'local-name(/*)', '/s11:Envelope/s11:Body/g:order/g:id'].map(each => text(each, plain)),
    ['', 'Header', ''],
    'in plain XML the root is the envelope around it'
  )
  t.equal(text('/s12:Envelope/s12:Body/g:order/g:id', soap12), '7')
})

t.test('an element without text of its own is its XML, with the declarations of its prefixes', async t => {
  const message = messageOf(
    `<e:Envelope xmlns:e="${SOAP11}" xmlns:x="urn:x" xmlns="urn:d"><e:Body><order x:kind="a&amp;&quot;b"> <id type="x:y">1 &lt; 2</id></order></e:Body></e:Envelope>`
  )
  t.equal(
    text('//*[@{urn:x}kind]', message),
    '<order xmlns:x="urn:x" xmlns="urn:d" x:kind="a&amp;&quot;b"> <id type="x:y">1 &lt; 2</id></order>'
  )
  t.equal(text('//@type', message), 'x:y')
  t.equal(text('/', messageOf(soap('<a/>'))), `<s:Envelope xmlns:s="${SOAP11}"><s:Body><a/></s:Body></s:Envelope>`)
  t.equal(text('//p', messageOf(soap('<p>one <b>two</b> three</p>'))), 'one  three', 'only its own text counts')
  t.equal(text('string(//p)', messageOf(soap('<p>one <b>two</b> three</p>'))), 'one two three')
})

t.test(
  'an absent property has no text, a path that finds nothing has the empty one (property-scopes, xpath-url-trp)',
  async t => {
    const message = withProperties({})
    for (const xpath of [
      "get-property('nothing')",
      '$ctx:nothing',
      '$axis2:nothing',
      '$trp:Nothing',
      "get-property('axis2', 'nothing')",
      "get-property('transport', 'nothing')",
      '$operation:nothing',
      '$header'
    ]) {
      t.equal(text(xpath, message), undefined, xpath)
      t.equal(test(xpath, message), false, xpath)
      t.equal(text(`concat('[', ${xpath}, ']')`, message), '[]', `concat of ${xpath}`)
    }
    for (const xpath of [
      '//nothing',
      '$url:nothing',
      '$func:nothing',
      '$header/*',
      '$ctx:nothing/a',
      "get-property('system', 'file.separator')",
      "get-property('env', 'HOME')",
      "get-property('To')",
      "get-property('FAULT')"
    ]) {
      t.equal(text(xpath, message), '', xpath)
    }
    t.equal(test("get-property('nothing') != 'x'", message), false, 'nothing differs from nothing')
  }
)

t.test('properties are read by scope, with functions and variables (property-scopes)', async t => {
  const message = withProperties(
    { p: 'default' },
    {
      axis2: { p: 'axis2', test2: '1234' },
      headers: ['Content-Type', 'text/xml', 'p', 'transport', 'MyHeader', 'one', 'myheader', 'two']
    }
  )
  const expected: Record<string, string> = {
    "get-property('p')": 'default',
    "get-property('default', 'p')": 'default',
    "get-property('axis2', 'p')": 'axis2',
    "get-property('transport', 'p')": 'transport',
    '$ctx:p': 'default',
    '$axis2:p': 'axis2',
    '$trp:p': 'transport',
    '$trp:MYHEADER': 'one',
    "get-property('transport', 'myHeader')": 'one',
    "syn:get-property('p')": 'default',
    "synapse:get-property('axis2', 'p')": 'axis2',
    "fn:concat($ctx:p, '-', fn:upper-case('x'))": 'default-X',
    "get-property(concat('', 'p'))": 'default'
  }
  for (const [xpath, value] of Object.entries(expected)) t.equal(text(xpath, message), value, xpath)
  t.equal(test('$axis2:test2 = 1234', message), true)
  for (const name of ['constructor', '__proto__', 'toString']) {
    t.equal(text(`get-property('${name}')`, message), undefined, name)
  }
})

t.test('values are converted to their types (property-types)', async t => {
  const message = withProperties({
    b: true,
    b2: false,
    i: 25,
    l: -7,
    d: javaText(1e3),
    f: 1.5,
    t: ' padded ',
    o: { xml: '<v>1</v>' }
  })
  const expected: Record<string, string> = {
    '$ctx:b': 'true',
    '$ctx:b2': 'false',
    '$ctx:i': '25',
    '$ctx:l': '-7',
    '$ctx:d': '1000.0',
    '$ctx:f': '1.5',
    "concat('[', $ctx:t, ']')": '[ padded ]',
    '$ctx:o': '1',
    '$ctx:i + 1': 'NaN',
    "get-property('i') + 1": 'NaN',
    '-$ctx:i': 'NaN'
  }
  for (const [xpath, value] of Object.entries(expected)) t.equal(text(xpath, message), value, xpath)
  t.equal(text('$ctx:d + 1', message), '1001.0')
  t.equal(text('number($ctx:i) + 1', message), '26.0')
  t.equal(test('$ctx:b', message) && !test('$ctx:b2', message), true)
})

t.test('ERROR_CODE compares with and without quotes, as a number and as a text', async t => {
  for (const code of ['101503', 101503]) {
    const message = withProperties({ ERROR_CODE: code })
    for (const xpath of [
      "get-property('ERROR_CODE') = '101503'",
      "get-property('ERROR_CODE') = 101503",
      '101503 = $ctx:ERROR_CODE',
      '$ctx:ERROR_CODE > 101500',
      "starts-with($ctx:ERROR_CODE, '1015')"
    ]) {
      t.equal(test(xpath, message), true, xpath)
    }
    for (const xpath of ["get-property('ERROR_CODE') = '101504'", "get-property('ERROR_CODE') != 101503"]) {
      t.equal(test(xpath, message), false, xpath)
    }
    t.equal(text('$ctx:ERROR_CODE', message), '101503')
  }
})

t.test('an XML value is read by paths (property-xml)', async t => {
  const xml = '<v:list xmlns:v="urn:v"><v:item>one</v:item><v:item>two</v:item></v:list>'
  const message = withProperties({ x: { xml } })
  t.equal(text("get-property('x')", message), xml)
  t.equal(text('$ctx:x', message), xml)
  t.equal(text('$ctx:x//v:item[2]', message), 'two')
  t.equal(text("get-property('x')/v:item[1]", message), 'one')
  t.equal(text('count($ctx:x//v:item | //g:order)', message), '3.0')
  t.same(markup('$ctx:x/v:item', message), [
    '<v:item xmlns:v="urn:v">one</v:item>',
    '<v:item xmlns:v="urn:v">two</v:item>'
  ])
  t.match(
    faultOf(() => text('$ctx:x', withProperties({ x: { xml: '<a>' } }))),
    { code: 601000, reason: /^a property cannot be read: / }
  )
})

t.test('get-property reads special names (xpath-get-property)', async t => {
  const entries = (key: string): string | undefined => (key === 'xpath-entry' ? 'a local text' : undefined)
  const get = (name: string, message: Message): string | undefined =>
    compileExpression({ xpath: `get-property('${name}')` }, { localEntry: entries }).text(message)
  const fault = '<s:Fault><faultcode>s:Client</faultcode><faultstring>f</faultstring></s:Fault>'
  const cases: [string, Message, string, string][] = [
    ['SOAP 1.1', messageOf(soap(ORDER)), 'soap11', ''],
    ['SOAP 1.2', messageOf(soap(ORDER, '', SOAP12), {}, 'application/soap+xml'), 'soap12', ''],
    ['plain XML', messageOf(ORDER, {}, 'application/xml'), 'pox', ''],
    ['GET', messageOf(undefined, { method: 'GET' }), 'pox', ''],
    ['a fault', messageOf(soap(fault)), 'soap11', 'TRUE'],
    ['a fault made here', messageOf(soap(ORDER), { fault: true }), 'soap11', 'TRUE'],
    ['JSON', messageOf('{"a":1}', {}, 'application/json'), 'pox', '']
  ]
  for (const [name, message, format, isFault] of cases) {
    t.equal(get('MESSAGE_FORMAT', message), format, `${name}: MESSAGE_FORMAT`)
    t.equal(get('FAULT', message), isFault, `${name}: FAULT`)
    t.equal(get('OperationName', message), 'mediate')
    t.equal(get('OperationNamespace', message), '')
    t.equal(get('Direction', message), undefined)
    t.equal(get('xpath-entry', message), 'a local text')
  }
  t.equal(
    compileExpression({ xpath: '$ctx:xpath-entry' }, { localEntry: entries }).text(cases[0]![1]),
    undefined,
    'a variable knows no local entries'
  )
  t.equal(get('xpath-entry', withProperties({ 'xpath-entry': 'a property' })), 'a property', 'a property comes first')
  const addressing = {
    to: 'u:to',
    from: 'u:from',
    action: 'u:action',
    faultTo: 'u:faultTo',
    replyTo: 'u:replyTo',
    messageId: 'u:id',
    relatesTo: 'u:relates'
  }
  const addressed = messageOf(soap(ORDER), { addressing, properties: { To: 'not this' } })
  t.same(
    ['To', 'From', 'Action', 'FaultTo', 'ReplyTo', 'MessageID', 'RelatesTo'].map(each => get(each, addressed)),
    ['u:to', 'u:from', 'u:action', 'u:faultTo', 'u:replyTo', 'u:id', 'u:relates']
  )
})

t.test('java-properties: those that JAVA_OPTS defines, and separators', async t => {
  const at = (name: string, options?: string): string | undefined =>
    compileExpression(
      { xpath: `get-property('system', "${name}")` },
      { systemProperty: systemProperties(options) }
    ).text(messageOf(undefined))
  const options =
    '-Xmx1g -Dmy.host=a -Dmy.host=http://h:1/x?a=b -D"my.words=one two" -Dmy.more=\'three four\' -Dempty -Dfile.separator=!'
  const cases: [string, string][] = [
    ['my.host', 'http://h:1/x?a=b'],
    ['my.words', 'one two'],
    ['my.more', 'three four'],
    ['empty', ''],
    ['file.separator', '!'],
    ['Xmx1g', ''],
    ['PATH', ''],
    ['toString', '']
  ]
  for (const [name, value] of cases) t.equal(at(name, options), value, name)
  t.same(
    ['file.separator', 'path.separator', 'line.separator'].map(name => at(name)),
    ['/', ':', '\n']
  )
  t.equal(
    text("get-property('system', 'file.separator')", messageOf(undefined)),
    '',
    'empty where no system properties are supplied'
  )
})

t.test('date and time are those of the clock', async t => {
  const now = Date.UTC(2026, 8, 3, 14, 5, 9, 42)
  const at = (xpath: string): string | undefined =>
    compileExpression({ xpath }, { now: () => now }).text(messageOf(undefined))
  t.equal(at("get-property('SYSTEM_TIME')"), String(now))
  t.equal(at("get-property('SYSTEM_DATE')"), '9/3/26, 2:05 PM')
  t.equal(at("get-property('SYSTEM_DATE', 'yyyy-MM-dd HH:mm:ss.SSSZ')"), '2026-09-03 14:05:09.042+0000')
  t.equal(
    at("get-property('default', 'SYSTEM_DATE', \"EEE, d MMM yy hh 'o''clock' a EEEE MMMM\")"),
    "Thu, 3 Sep 26 02 o'clock PM Thursday September"
  )
  t.equal(at("get-property('SYSTEM_DATE', \"G k K z X ''\")"), "AD 14 2 UTC Z '")
  t.match(
    faultOf(() => at("get-property('SYSTEM_DATE', 'Q')")),
    { reason: 'unknown letter Q in a date format' }
  )
  t.equal(text("get-property('SYSTEM_TIME')", messageOf(undefined)), undefined, 'without a clock there is none')
})

t.test('variables read the query and the headers of the request (xpath-url-trp)', async t => {
  const post = messageOf(soap(ORDER), {
    path: '/sub/path',
    query: '?q=a%20b&r=2',
    addressing: { to: '/services/XpathUrl/sub/path?q=a%20b&r=2' }
  })
  const get = messageOf(undefined, { method: 'GET', path: '/sub', query: '?q=1+2' })
  const all = [
    '$url:q',
    '$url:Q',
    "concat('[', $url:zz, ']')",
    '$trp:Content-Type',
    '$axis2:REST_URL_POSTFIX',
    '$axis2:HTTP_METHOD',
    "get-property('axis2', 'HTTP_METHOD')",
    "get-property('To')"
  ]
  t.same(
    all.map(each => text(each, post)),
    [
      'a b',
      'a b',
      '[]',
      'text/xml; charset=UTF-8',
      '/sub/path?q=a%20b&r=2',
      'POST',
      'POST',
      '/services/XpathUrl/sub/path?q=a%20b&r=2'
    ]
  )
  t.same(
    all.map(each => text(each, get)),
    ['1 2', '1 2', '[]', undefined, '/sub?q=1+2', 'GET', 'GET', '']
  )
  const response = messageOf(soap(ORDER), { direction: 'response', status: 503 })
  t.equal(test('$axis2:HTTP_SC = 503', response), true)
  t.equal(
    text('$axis2:HTTP_SC', { ...response, axis2: { HTTP_SC: '500' } }),
    '500',
    'what a mediator has set comes first'
  )
})

t.test('expressions of the tests of Apache Synapse give the same values', async t => {
  const body = '<a:test xmlns:a="http://somens">one<b:another xmlns:b="b">two</b:another></a:test><test>123456</test>'
  const header =
    '<s:Header><t:test xmlns:t="http://test">h1</t:test><t:test xmlns:t="http://test">h2</t:test></s:Header>'
  const message = messageOf(soap(body, header), { properties: { test: 'some' }, axis2: { test2: '1234' } })
  t.equal(text('$body//{http://somens}test', message), 'one')
  t.equal(text('$body//{http://somens}test/{b}another', message), 'two')
  t.equal(text('//test', message), '123456')
  t.equal(text('$body/test', message), '123456')
  t.equal(
    compileExpression({ xpath: 'count($header/t:test)', namespaces: { t: 'http://test' } }).text(message),
    '2.0'
  )
  t.equal(text('count($header/*)', message), '2.0')
  t.equal(text('$ctx:test', message), 'some')
  t.equal(text('string-length(//test)', message), '6.0')
  t.equal(text('count($env/*)', message), '2.0')
})

t.test('base64Encode with encodings, and filters over names', async t => {
  t.equal(
    text('url-encode($ctx:name)', withProperties({ name: 'this/is+a/synapse test?for=url+encoding' })),
    'this/is%2Ba/synapse%20test?for=url+encoding'
  )
  t.equal(text("url-encode('ä%[')", withProperties({})), '%C3%A4%25%5B')
  t.equal(text("url-encode('ä', 'ISO-8859-1')", withProperties({})), '%E4')
  t.equal(text("base64Encode('Hällo')", withProperties({})), 'SMOkbGxv')
  t.equal(text("base64Decode(base64Encode('Hällo', 'iso-8859-1'), 'ISO-8859-1')", withProperties({})), 'Hällo')
  t.match(
    faultOf(() => text("base64Encode('a', 'EBCDIC')", withProperties({}))),
    { code: 0 }
  )
  const quote = messageOf(soap('<GetQuote xmlns="http://www.webserviceX.NET/"><symbol>IBM</symbol></GetQuote>'))
  for (const [symbol, expected] of [
    ['IBM', true],
    ['MSFT', false]
  ] as const) {
    t.equal(
      compileExpression({
        xpath: `//*[wsx:symbol='${symbol}']`,
        namespaces: { wsx: 'http://www.webserviceX.NET/' }
      }).test(quote),
      expected
    )
  }
})

t.test('numbers are written as in Java in the result, and as in XPath inside of an expression', async t => {
  const expected: [string, string][] = [
    ['1 div 0', 'Infinity'],
    ['-1 div 0', '-Infinity'],
    ['0 div 0', 'NaN'],
    ['-0', '-0.0'],
    ['0', '0.0'],
    ['2', '2.0'],
    ['1.5', '1.5'],
    ['10000000', '1.0E7'],
    ['12345678.5', '1.23456785E7'],
    ['9999999', '9999999.0'],
    ['0.001', '0.001'],
    ['0.0001', '1.0E-4'],
    ["concat('', count(//*))", '5'],
    ['concat("", 1 div 3)', '0.3333333333333333'],
    ['string(10000000 * 1000000000000000)', '10000000000000000000000'],
    ['string(0.0000001)', '0.0000001']
  ]
  for (const [xpath, value] of expected) t.equal(text(xpath, messageOf(soap(ORDER))), value, xpath)
})

t.test('an expression in XML: an element as text is its markup', async t => {
  const message = messageOf(soap(ORDER, HEADER))
  t.same(markup('//g:order/*', message), [
    '<m:id xmlns:m="urn:golden">7</m:id>',
    '<m:symbol xmlns:m="urn:golden">IBM</m:symbol>'
  ])
  t.same(markup('$header/*', message), ['<h:a xmlns:h="urn:h">A</h:a>', '<h:b xmlns:h="urn:h">B</h:b>'])
  t.same(markup('//g:nothing', message), [])
  for (const xpath of ['//text()', "'<a/>'", '$ctx:nothing', 'count(//*)', '//g:id | //text()']) {
    t.equal(markup(xpath, message), undefined, xpath)
  }
})

t.test('how much an expression reads is known before it runs', async t => {
  const needs: Record<string, 'nothing' | 'header' | 'body'> = {
    "'text'": 'nothing',
    "get-property('x')": 'nothing',
    "get-property('axis2', 'To')": 'nothing',
    "get-property('SYSTEM_DATE', 'yyyy')": 'nothing',
    "concat($trp:A, $url:b, $ctx:c, get-property('OperationName'), $axis2:d, $func:e, $operation:f)": 'nothing',
    '$ctx:x/a[../b = string()]//c': 'nothing',
    '$ctx:x/a[/b]': 'nothing',
    'true() and not(1 = 2)': 'nothing',
    'position()': 'nothing',
    $header: 'header',
    '$header/h:a[@b = $ctx:x]//text()': 'header',
    'count($header/*[local-name() = "a"])': 'header',
    "get-property('To')": 'header',
    "get-property('default', 'Action')": 'header',
    "get-property('MESSAGE_FORMAT')": 'header',
    "get-property('FAULT')": 'body',
    'get-property($ctx:name)': 'body',
    '$header/..': 'body',
    '$header/following-sibling::*': 'body',
    '$header/*[//g:x]': 'body',
    '$header/*[. = $body/g:x]': 'body',
    $body: 'body',
    $env: 'body',
    '//g:x': 'body',
    'g:x': 'body',
    '.': 'body',
    'string()': 'body',
    'local-name()': 'body',
    "lang('en')": 'body',
    '(//g:x)[1]': 'body',
    "$ctx:x or contains($trp:A, 'b') or //g:x": 'body'
  }
  for (const [xpath, need] of Object.entries(needs)) {
    t.equal(compileExpression({ xpath, namespaces: NAMESPACES }).depth, need, xpath)
  }
})

t.test('an expression reads as much of a message as it needs', async t => {
  const nowhere: BodyRemainder = { discard () {} }
  const broken = soap('<a></b>', HEADER)
  t.equal(text('$header/h:a', messageOf(broken)), 'A', 'what is after the Header may be anything')
  t.match(
    faultOf(() => text('//h:a', messageOf(broken))),
    { code: 601000 }
  )
  t.equal(text("get-property('x')", messageOf(broken, { properties: { x: 'y' } })), 'y')

  const head = Buffer.from(broken)
  const stream = messageOf(undefined, {
    headers: ['Content-Type', 'text/xml'],
    body: { kind: 'stream', head, rest: nowhere, scan: scan(head) }
  })
  t.equal(text('$header/h:b', stream), 'B')
  t.equal(text('count(//h:*)', stream), '2.0', 'of a body that flows past only the Header is seen')
  t.equal(text('count($body/*)', stream), '0.0')
  t.equal(
    text('count(//h:*)', messageOf(undefined, { read: false, body: { kind: 'stream', head, rest: nowhere } })),
    '0.0',
    'empty where the body is not read'
  )
  t.equal(
    text('count($header/h:a/@x | $header/h:a)', messageOf(soap('<b/>', HEADER.replace('<h:a', '<h:a x="1"')))),
    '2.0',
    'the Header has its attributes'
  )
  t.equal(text('$body/*', messageOf(soap('<b>x</b>', '<s:Header/>'))), 'x')
})

t.test('a message is parsed once for all expressions', async t => {
  const message = messageOf(soap(ORDER, HEADER))
  const bytes = (message.body as { bytes: Buffer }).bytes
  t.equal(text('//g:id', message), '7')
  bytes.fill(0)
  t.equal(text('//g:symbol', message), 'IBM')
  t.equal(text('$header/h:a', message), 'A')
})

t.test('a message without XML is an empty envelope for expressions', async t => {
  const bodies: Record<string, Message> = {
    none: messageOf(undefined),
    empty: messageOf(''),
    binary: messageOf('\0\x01<a/>', {}, 'application/octet-stream'),
    untyped: messageOf('a=b', { headers: [] }),
    multipart: messageOf('--x\r\n', {}, 'multipart/related; boundary=x')
  }
  for (const [name, message] of Object.entries(bodies)) {
    t.equal(text('count(//*)', message), '2.0', name)
    t.equal(text("concat('[', $body, $header, ']')", message), '[]', name)
    t.equal(test('$body/*', message), false, name)
  }
  t.equal(text('//g:id', messageOf(soap(ORDER), { headers: [] })), '7', 'XML without a Content-Type is read')
})

t.test('encodings are those that messages may have', async t => {
  const order = (encoding: string): string => `<?xml version="1.0" encoding="${encoding}"?><o>Käse</o>`
  t.equal(text('//o', messageOf(order('UTF-8'))), 'Käse')
  t.equal(
    text('//o', {
      ...messageOf(''),
      body: { kind: 'bytes', bytes: Buffer.from(order('ISO-8859-1'), 'latin1') },
      headers: ['Content-Type', 'text/xml']
    }),
    'Käse'
  )
  t.equal(
    text('//o', {
      ...messageOf(''),
      body: { kind: 'bytes', bytes: Buffer.from('<o>Käse</o>', 'latin1') },
      headers: ['Content-Type', 'text/xml; charset=iso-8859-1']
    }),
    'Käse'
  )
  t.equal(
    text('//o', {
      ...messageOf(''),
      body: { kind: 'bytes', bytes: Buffer.from(`\uFEFF${order('UTF-16')}`, 'utf16le') },
      headers: ['Content-Type', 'text/xml']
    }),
    'Käse'
  )
  t.match(
    faultOf(() =>
      text('//o', { ...messageOf(''), body: { kind: 'bytes', bytes: Buffer.from('<o>Käse</o>', 'latin1') } })
    ),
    { code: 601000 }
  )
})
