import t from 'tap'
import {
  answered,
  header,
  play,
  proxyOf,
  request,
  SEND,
  sentAfter,
  soapRequest,
  valueAfter,
  wrongWith
} from '../../../support/flows/drive-flow.js'

const wrong = (mediator: string) => wrongWith(`<sequence name="s">${mediator}</sequence>`)

t.test('property: values, scopes and types', async t => {
  t.equal(
    valueAfter(
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
    t.equal(valueAfter(`<property name="p" value="${given}" type="${type}"/>`, '$ctx:p'), seen, type)
  }
  t.equal(valueAfter('<property name="p" value="7" scope="axis2" type="LONG"/>', '$axis2:p'), '7')
  t.equal(
    valueAfter(
      '<property name="p" value="7" scope="axis2"/><property name="p" action="remove" scope="axis2"/>',
      "concat('[', $axis2:p, ']')"
    ),
    '[]'
  )
  t.equal(
    header(sentAfter('<property name="nameThree" value="123.456" type="DOUBLE" scope="transport"/>'), 'nameThree'),
    '123.456'
  )
  t.equal(
    header(sentAfter('<property name="X-None" expression="$ctx:nothing" scope="transport"/>'), 'X-None'),
    undefined,
    'what is absent is not set'
  )
  t.equal(
    header(sentAfter('<property name="X-None" expression="//nothing" scope="transport"/>'), 'X-None'),
    '',
    'what finds nothing is empty'
  )
  t.match(wrong('<property name="p" value="x" type="INTEGER"/>'), [/INTEGER cannot have the value "x"/])
  t.match(wrong('<property name="p"/>'), [/needs a value/])
})

t.test('property: a value of XML is read as XML, and removed', async t => {
  const project = '<property name="p"><Project xmlns=""><name>Synapse</name></Project></property>'
  t.equal(valueAfter(project, '$ctx:p'), '<Project><name>Synapse</name></Project>')
  t.equal(
    valueAfter(
      '<property name="s" value="&lt;v&gt;1&lt;/v&gt;"/><property name="o" expression="$ctx:s" type="OM"/>',
      '$ctx:o'
    ),
    '1'
  )
  t.equal(valueAfter(`${project}<property name="p" action="remove"/>`, "concat('[', $ctx:p, ']')"), '[]')
})

t.test('property: pattern and group select a part of the value', async t => {
  const grouped = (text: string, group: string) =>
    valueAfter(`<property name="p" value="${text}" pattern="([A-Z]+)([0-9]+)"${group}/>`, "concat('[', $ctx:p, ']')")
  t.equal(grouped('HELLOWORLD123', ''), '[HELLOWORLD123]')
  t.equal(grouped('HELLOWORLD123', ' group="1"'), '[HELLOWORLD]')
  t.equal(grouped('HELLOWORLD123', ' group="7"'), '[HELLOWORLD123]')
  t.equal(grouped('HELLOWORLD', ' group="1"'), '[]')
  t.match(wrong('<property name="p" value="a" group="1"/>'), [/a group, but no pattern/])
})

t.test('property: values of scope default last until the response, those of axis2 do not', async t => {
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

t.test('properties of scope axis2 that are parts of the message change it', async t => {
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
  const bare = sentAfter(axis2('NO_ENTITY_BODY', 'value="true" type="BOOLEAN"'))
  t.match({ body: bare.body, type: header(bare, 'Content-Type') }, { body: { kind: 'none' }, type: undefined })
  t.match(play(proxyOf({ in: axis2('HTTP_METHOD', 'value="A B"') + SEND }), get).response, { status: 500 })
  t.equal(proxyOf({ in: axis2('DISABLE_CHUNKING', 'value="true"') + SEND }).reads.request, 'body')
  t.strictSame(wrong(axis2('messageType', 'value="application/octet-stream"')), [], 'a warning, and it runs')
})
