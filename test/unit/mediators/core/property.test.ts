import t from 'tap'
import type { Message } from '../../../../lib/message/message.js'
import { envelopeOf } from '../../../../lib/soap/read.js'
import {
  answered,
  header,
  play,
  proxyOf,
  request,
  SEND,
  soap,
  soapRequest,
  textOf,
  wrongWith
} from '../../../support/drive-flow.js'

const M = 'xmlns:m="http://synapse.apache.org"'
const wrong = (mediator: string) => wrongWith(`<sequence name="s">${mediator}</sequence>`)
/** What an endpoint gets. */
const sent = (mediators: string, message: Message = soapRequest()): Message =>
  play(proxyOf({ in: mediators + SEND, out: '<send/>' }), message, answered()).calls[0]!.message
const blocks = (message: Message): string[] => envelopeOf(message)!.blocks.map(({ name, text }) => `${name}=${text}`)
/** What an expression gives after these mediators. */
const value = (mediators: string, expression: string, message: Message = soapRequest()): string | undefined =>
  header(
    play(
      proxyOf({
        in: `${mediators}<property name="X-Value" expression="${expression}" scope="transport"/><respond/>`
      }),
      message
    ).response,
    'X-Value'
  )

t.test('header: valid names are accepted, others are refused', async t => {
  for (const name of ['To', 'Action', 'From', 'RelatesTo', 'ReplyTo', 'FaultTo']) {
    t.same(wrong(`<header name="${name}" value="v"/><header name="${name}" action="remove"/>`), [], name)
  }
  t.same(
    wrong(
      `<header name="m:MyHeader" value="v" ${M}/><header name="m:MyHeader" action="remove" scope="soap" ${M}/><header name="User-Agent" value="S" scope="transport"/><header name="User-Agent" action="remove" scope="transport"/>`
    ),
    []
  )
  t.match(wrong('<header name="MyHeader" value="v"/>'), [/unknown header "MyHeader" \(one of To,/])
  t.match(wrong('<header name="toString" value="v"/>'), [/unknown header "toString"/])
  t.match(wrong('<header name="m:MyHeader" action="remove"/>'), [
    /the prefix m of header "m:MyHeader" is not declared/
  ])
  t.match(wrong('<header name="To"/>'), [/needs a value/])
  t.match(wrong('<header value="v"/>'), [/needs a name/])
  t.match(wrong('<header name="A B" value="v" scope="transport"/>'), [/"A B" is not a valid name of an HTTP header/])
  t.match(wrong('<header name="X" value="v" scope="body"/>'), [/unknown scope "body"/])
})

t.test('header: blocks are added each time, and all of a name removed', async t => {
  const add = `<header name="m:simple" value="a &lt; b" ${M}/>`
  const complex = `<header><m:complex ${M}><property key="k1" value="v1"/><property key="k2" value="v2"/></m:complex></header>`
  t.same(blocks(sent(add + add)), ['simple=a < b', 'simple=a < b'])
  t.same(blocks(sent(add + complex, soapRequest('<x/>', '1.2', '<o:o xmlns:o="urn:o">O</o:o>'))), [
    'o=O',
    'simple=a < b',
    'complex='
  ])
  t.match(textOf(sent(complex)), /<property (xmlns="[^"]*" )?key="k1" value="v1"/)
  t.same(blocks(sent(`${add}${complex}<header name="m:complex" action="remove" ${M}/>`)), ['simple=a < b'])
  const twice = proxyOf({ in: complex + SEND })
  t.same(
    [1, 2].map(() => blocks(play(twice, soapRequest(), answered()).calls[0]!.message)),
    [['complex='], ['complex=']]
  )
  t.same(blocks(sent(`<header name="m:t" expression="//x" ${M}/>`, soapRequest('<x>from the body</x>'))), [
    't=from the body'
  ])
  t.equal(textOf(sent(add, request('<x/>', 'application/xml'))), '<x/>', 'plain XML has no place for it')
})

t.test('header: Action is SOAPAction', async t => {
  t.equal(header(sent('<header name="Action" value="urn:placeOrder"/>'), 'SOAPAction'), '"urn:placeOrder"')
  t.equal(
    header(sent('<header name="Action" value="urn:placeOrder"/>', soapRequest('<x/>', '1.2')), 'Content-Type'),
    'application/soap+xml; charset=UTF-8; action="urn:placeOrder"'
  )
  const had = soapRequest('<x/>', '1.1', '', {
    headers: ['SOAPAction', '"urn:old"'],
    addressing: { to: '/services/P', action: 'urn:old' }
  })
  t.equal(header(sent('<header name="Action" action="remove"/>', had), 'SOAPAction'), undefined)
  t.equal(
    header(sent('<header name="SOAPAction" value="urn:t" scope="transport"/>', had), 'SOAPAction'),
    'urn:t',
    'as it was written'
  )
})

t.test('HTTP headers: set, removed, never split', async t => {
  t.equal(
    header(sent('<header name="User-Agent" value="SynapseUser" scope="transport"/>'), 'User-Agent'),
    'SynapseUser'
  )
  const had = soapRequest('<x/>', '1.1', '', { headers: ['User-Agent', 'a', 'user-agent', 'b'] })
  t.equal(header(sent('<header name="user-agent" action="remove" scope="transport"/>', had), 'User-Agent'), undefined)
  for (const mediator of ['header', 'property']) {
    const split = play(
      proxyOf({ in: `<${mediator} name="X" expression="//x" scope="transport"/>${SEND}` }),
      soapRequest('<x>a&#13;&#10;Set-Cookie: b=c</x>')
    )
    t.match(
      { status: split.response.status, calls: split.calls.length, text: textOf(split.response) },
      { status: 500, calls: 0, text: /line break/ },
      mediator
    )
  }
  t.equal(value('', '//x', soapRequest('<x>é€</x>')), 'é?', 'what Latin-1 does not have cannot be in a header')
})

t.test('property: values, scopes and types', async t => {
  t.equal(
    value(
      '<property name="a" value="1"/><property name="b" value="2"/><property name="a" action="remove"/>',
      "concat('[', get-property('a'), '][', get-property('b'), ']')"
    ),
    '[][2]'
  )
  const types = {
    STRING: ['x', 'x'],
    INTEGER: ['25', '25'],
    LONG: ['-7', '-7'],
    SHORT: ['12', '12'],
    DOUBLE: ['1e3', '1000.0'],
    FLOAT: ['1.50', '1.5'],
    BOOLEAN: ['yes', 'true']
  }
  for (const [type, [given, seen]] of Object.entries(types)) {
    t.equal(value(`<property name="p" value="${given}" type="${type}"/>`, '$ctx:p'), seen, type)
  }
  t.equal(value('<property name="p" value="7" scope="axis2" type="LONG"/>', '$axis2:p'), '7')
  t.equal(
    value(
      '<property name="p" value="7" scope="axis2"/><property name="p" action="remove" scope="axis2"/>',
      "concat('[', $axis2:p, ']')"
    ),
    '[]'
  )
  t.equal(
    header(sent('<property name="nameThree" value="123.456" type="DOUBLE" scope="transport"/>'), 'nameThree'),
    '123.456'
  )
  t.equal(
    header(sent('<property name="X-None" expression="$ctx:nothing" scope="transport"/>'), 'X-None'),
    undefined,
    'what is absent is not set'
  )
  t.equal(
    header(sent('<property name="X-None" expression="//nothing" scope="transport"/>'), 'X-None'),
    '',
    'what finds nothing is empty'
  )
  t.match(wrong('<property name="p" value="x" type="INTEGER"/>'), [/INTEGER cannot have the value "x"/])
  t.match(wrong('<property name="p"/>'), [/needs a value/])
})

t.test('property: a value of XML', async t => {
  const project = '<property name="p"><Project xmlns=""><name>Synapse</name></Project></property>'
  t.equal(value(project, '$ctx:p'), '<Project><name>Synapse</name></Project>')
  t.equal(
    value(
      '<property name="s" value="&lt;v&gt;1&lt;/v&gt;"/><property name="o" expression="$ctx:s" type="OM"/>',
      '$ctx:o'
    ),
    '1'
  )
  t.equal(value(`${project}<property name="p" action="remove"/>`, "concat('[', $ctx:p, ']')"), '[]')
})

t.test('property: pattern and group select a part of the value', async t => {
  const grouped = (text: string, group: string) =>
    value(`<property name="p" value="${text}" pattern="([A-Z]+)([0-9]+)"${group}/>`, "concat('[', $ctx:p, ']')")
  t.equal(grouped('HELLOWORLD123', ''), '[HELLOWORLD123]')
  t.equal(grouped('HELLOWORLD123', ' group="1"'), '[HELLOWORLD]')
  t.equal(grouped('HELLOWORLD123', ' group="7"'), '[HELLOWORLD123]')
  t.equal(grouped('HELLOWORLD', ' group="1"'), '[]')
  t.match(wrong('<property name="p" value="a" group="1"/>'), [/a group, but no pattern/])
})

t.test('property: from the way in to the way out', async t => {
  const across = play(
    proxyOf({
      in: `<property name="d" value="D"/><property name="a" value="A" scope="axis2"/>${SEND}`,
      out: '<property name="X-D" expression="$ctx:d" scope="transport"/><property name="X-A" expression="$axis2:a" scope="transport"/><property name="X-P" expression="$ctx:proxy.name" scope="transport"/><send/>'
    }),
    soapRequest(),
    answered()
  ).response
  t.match(
    { d: header(across, 'X-D'), a: header(across, 'X-A'), p: header(across, 'X-P') },
    { d: 'D', a: undefined, p: 'P' }
  )
})

t.test('properties that are parts of the message', async t => {
  const get = request('', '', { method: 'GET', path: '/a', query: '?x=1', headers: ['X-Mine', 'm'] })
  const path = (mediators: string) => play(proxyOf({ in: mediators + SEND }), get, answered()).calls[0]!
  const axis2 = (name: string, what: string) => `<property name="${name}" ${what} scope="axis2"/>`
  t.equal(path('').path, '/s/a?x=1')
  t.equal(path(axis2('REST_URL_POSTFIX', 'value="/mine?z=1"')).path, '/s/mine?z=1')
  t.equal(path(axis2('REST_URL_POSTFIX', 'action="remove"')).path, '/s')
  t.equal(
    path(axis2('REST_URL_POSTFIX', 'value="m ü&#10;?q=ü"')).path,
    '/s/m%20%c3%bc%0a?q=%c3%bc',
    'no request line is split'
  )
  t.equal(path(axis2('HTTP_METHOD', 'value="PUT"')).message.method, 'PUT')
  t.same(path(axis2('TRANSPORT_HEADERS', 'action="remove"')).message.headers, [])
  t.equal(path(axis2('POST_TO_URI', 'value="true"')).path, 'http://backend/s/a?x=1')
  const bare = sent(axis2('NO_ENTITY_BODY', 'value="true" type="BOOLEAN"'))
  t.match({ body: bare.body, type: header(bare, 'Content-Type') }, { body: { kind: 'none' }, type: undefined })
  t.match(play(proxyOf({ in: axis2('HTTP_METHOD', 'value="A B"') + SEND }), get).response, { status: 500 })
  t.equal(proxyOf({ in: axis2('DISABLE_CHUNKING', 'value="true"') + SEND }).reads.request, 'body')
  t.strictSame(wrong(axis2('messageType', 'value="application/octet-stream"')), [], 'a warning, and it runs')
})

t.test('log: each level writes its fields', async t => {
  const line = (attributes: string, inside = '') =>
    play(
      proxyOf({ in: `<log ${attributes}>${inside}</log>` }),
      soapRequest('<x/>', '1.1', '<h:a xmlns:h="urn:h">A</h:a>', {
        addressing: { to: '/services/P', action: 'urn:act' }
      })
    ).logs[0]!
  t.match(line(''), {
    level: 'info',
    text: 'To: /services/P, WSAction: urn:act, SOAPAction: urn:act, Direction: request'
  })
  t.match(line('level="headers" separator=" | "', '<property name="p" value="v"/>'), { text: 'a: A | p = v' })
  t.match(line('level="full" category="ERROR"').text, /Direction: request, Envelope: <s:Envelope/)
  t.match(
    line(
      'level="custom" category=" warn "',
      '<property name="p" expression="//nothing"/><property name="q" value="a&#10;b"/>'
    ),
    { level: 'warn', text: 'p = , q = a\nb', fields: { q: 'a\nb' } }
  )
  t.equal(proxyOf({ in: '<log level="custom"/>' }).reads.request, 'nothing')
  t.same(wrong('<log level="loud"/>'), [], 'an unknown level is simple')
  t.not(wrong('<log category="LOUD"/>').length, 0)
  t.equal(
    play(proxyOf({ in: SEND, out: '<log/>' }), soapRequest(), answered(soap('<x/>'))).logs[0]!.text,
    'To: , Direction: response'
  )
})
