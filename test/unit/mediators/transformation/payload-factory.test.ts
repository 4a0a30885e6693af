import t from 'tap'
import {
  answered,
  header,
  play,
  proxyOf,
  request,
  SEND,
  soapRequest,
  textOf,
  valueAfter,
  wrongWith
} from '../../../support/flows/drive-flow.js'

const JSON_TYPE = 'application/json'
const SHOP = '{"shop":{"name":"A \\"B\\"","price":12.50,"tags":["x","y"],"owner":{"id":7}}}'

const response = (mediators: string, message = request(SHOP, JSON_TYPE)) => {
  const { response } = play(proxyOf({ in: `${mediators}<respond/>` }), message)
  return { type: header(response, 'Content-Type'), text: textOf(response), status: response.status }
}
const json = (format: string, args: string, message?: Parameters<typeof response>[1]): string =>
  response(`<payloadFactory media-type="json"><format>${format}</format><args>${args}</args></payloadFactory>`, message)
    .text
const xml = (format: string, args: string, message?: Parameters<typeof response>[1]): string =>
  response(`<payloadFactory><format>${format}</format><args>${args}</args></payloadFactory>`, message).text

t.test('payloadFactory json: texts are escaped, objects and arrays are JSON', async t => {
  t.equal(json('{"n":"$1"}', '<arg evaluator="json" expression="$.shop.name"/>'), '{"n":"A \\"B\\""}')
  t.equal(json('{"n":$1}', '<arg evaluator="json" expression="$.shop.price"/>'), '{"n":12.50}')
  t.equal(
    json(
      '{"n":$1,"m":$2}',
      '<arg evaluator="json" expression="$.shop.owner"/><arg expression="json-eval($.shop.tags)"/>'
    ),
    '{"n":{"id":7},"m":["x","y"]}'
  )
  t.equal(
    json('{"n":"$1"}', '<arg evaluator="json" literal="true" expression="$.shop.owner"/>'),
    '{"n":"{\\"id\\":7}"}'
  )
  t.equal(json('{"n":"$1"}', '<arg value="line&#10;break"/>'), '{"n":"line\\nbreak"}')
  t.equal(json('{"n":"$1"}', '<arg evaluator="json" expression="$.nothing"/>'), '{"n":""}')
  t.equal(json('{"n":"$9"}', '<arg value="a"/>'), '{"n":"$9"}', 'a number without an argument is text')
  t.equal(
    json('{"n":$1}', '<arg expression="//a"/>', request('<a><b>1</b></a>', 'application/xml')),
    '{"n":{"a":{"b":1}}}'
  )
})

t.test('text-as-json: payloadFactory escapes a text that only begins as JSON does', async t => {
  for (const text of ['[","admin":"', '{', ' [\n', '{"a":1} and more']) {
    const made = json('{"n":"$1"}', '<arg evaluator="json" expression="$.a"/>', request(JSON.stringify({ a: text }), JSON_TYPE))
    t.strictSame(JSON.parse(made), { n: text }, text)
  }
})

t.test('payloadFactory json: the message gets the media type of JSON', async t => {
  const made = response(
    '<payloadFactory media-type="json"><format>{"a":1}</format><args/></payloadFactory>',
    soapRequest()
  )
  t.same(made, { type: 'application/json; charset=UTF-8', text: '{"a":1}', status: 200 })
})

t.test('payloadFactory xml: texts are escaped, JSON becomes elements', async t => {
  t.equal(xml('<a xmlns="">$1</a>', '<arg value="x &lt; y"/>'), '<a>x &lt; y</a>')
  t.equal(
    xml('<a xmlns=""><b>$1</b></a>', '<arg evaluator="json" expression="$.shop.owner"/>'),
    '<a><b><id>7</id></b></a>'
  )
  t.equal(
    xml('<a xmlns="">$1</a>', '<arg expression="//b"/>', request('<a><b>1</b></a>', 'application/xml')),
    '<a>1</a>'
  )
  t.equal(
    xml('<a xmlns="" c="$1">$2</a>', '<arg value="&quot;"/><arg value="&lt;z/&gt;"/>'),
    '<a c="&quot;"><z/></a>'
  )
})

t.test('payloadFactory xml: in SOAP it replaces the Body, and the Header stays', async t => {
  const message = soapRequest('<x/><y/>', '1.2', '<h:id xmlns:h="urn:h">7</h:id>')
  const made = response('<payloadFactory><format><a xmlns="urn:a"/></format><args/></payloadFactory>', message)
  t.equal(
    made.text,
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header><h:id xmlns:h="urn:h">7</h:id></s:Header><s:Body><a xmlns="urn:a"/></s:Body></s:Envelope>'
  )
  t.equal(made.type, 'application/soap+xml; charset=UTF-8')
})

t.test('payloadFactory xml: an envelope replaces the whole message', async t => {
  const envelope =
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><a/></e:Body></e:Envelope>'
  const made = response(
    `<payloadFactory><format>${envelope.replace('<a/>', '<a xmlns="">$1</a>')}</format><args><arg value="1"/></args></payloadFactory>`,
    soapRequest()
  )
  t.equal(made.type, 'text/xml; charset=UTF-8')
  t.match(made.text, /<e:Body><a[^>]*>1<\/a><\/e:Body>/)
})

t.test('payloadFactory xml: what is not well-formed is a fault, never a broken message', async t => {
  const { status, text } = response(
    '<payloadFactory><format>&lt;a&gt;$1</format><args><arg value="1"/></args></payloadFactory>'
  )
  t.equal(status, 500)
  t.match(text, /not well-formed XML/)
})

t.test('payloadFactory writes text', async t => {
  const made = response(
    '<payloadFactory media-type="text"><format>Hello $1 &amp; you</format><args><arg evaluator="json" expression="$.shop.name"/></args></payloadFactory>'
  )
  t.same(made, { type: 'text/plain; charset=UTF-8', text: 'Hello A "B" & you', status: 200 })
})

t.test('payloadFactory: expressions of Micro Integrator in the format', async t => {
  t.equal(
    json('{"n":${payload.shop.owner},"m":"${payload.shop.name}","p":${payload.shop.price}}', ''),
    '{"n":{"id":7},"m":"A \\"B\\"","p":12.50}'
  )
  t.equal(xml('<a xmlns="">${payload.shop.name}</a>', ''), '<a>A &quot;B&quot;</a>')
  t.equal(
    response('<payloadFactory media-type="text"><format>${toUpper(payload.shop.tags[1])}</format></payloadFactory>')
      .text,
    'Y'
  )
})

t.test('payloadFactory: a format is read by key', async t => {
  const service = (key: string) =>
    proxyOf({
      in: `<payloadFactory media-type="json"><format key="${key}"/><args><arg value="1"/></args></payloadFactory><respond/>`,
      beside: '<localEntry key="f">{"a":$1}</localEntry>'
    })
  t.equal(textOf(play(service('f'), request(SHOP, JSON_TYPE)).response), '{"a":1}')
  t.equal(
    textOf(play(service("{get-property('which')}"), request(SHOP, JSON_TYPE, { properties: { which: 'f' } })).response),
    '{"a":1}'
  )
  t.match(textOf(play(service('gone'), request(SHOP, JSON_TYPE)).response), /no local entry is called \\"gone\\"/)
})

t.test('payloadFactory: invalid configurations are refused', async t => {
  const wrong = (mediator: string): string[] => wrongWith(`<sequence name="s">${mediator}</sequence>`)
  t.match(wrong('<payloadFactory template-type="freemarker"><format>a</format></payloadFactory>'), [
    /freemarker" is not supported/
  ])
  t.match(wrong('<payloadFactory><args/></payloadFactory>'), [/needs a <format>/])
  t.match(wrong('<payloadFactory><format>a</format><args><arg/></args></payloadFactory>'), [
    /needs a value or an expression/
  ])
  t.match(wrong('<payloadFactory><format>${payload.</format></payloadFactory>'), [])
  t.match(wrong('<payloadFactory><format>${payload +}</format></payloadFactory>'), [/unexpected end/])
  t.match(
    wrong(
      '<payloadFactory media-type="json"><format>a</format><args><arg evaluator="json" expression="$["/></args></payloadFactory>'
    ),
    [/invalid JSONPath/]
  )
})

t.test('messageType: XML is sent as JSON, and JSON as XML or SOAP', async t => {
  const type = (value: string): string => `<property name="messageType" value="${value}" scope="axis2"/>`
  t.same(response(type('application/json'), soapRequest('<a><b>1</b></a>')), {
    type: 'application/json; charset=UTF-8',
    text: '{"a":{"b":1}}',
    status: 200
  })
  t.same(response(type('application/xml'), request('{"a":1}', JSON_TYPE)), {
    type: 'application/xml; charset=UTF-8',
    text: '<jsonObject><a>1</a></jsonObject>',
    status: 200
  })
  const { calls } = play(proxyOf({ in: `${type('text/xml')}${SEND}` }), request('{"a":1}', JSON_TYPE), answered())
  t.match(
    textOf(calls[0]!.message),
    /^<soapenv:Envelope .*<soapenv:Body><jsonObject><a>1<\/a><\/jsonObject><\/soapenv:Body>/
  )
  t.equal(
    response(type('application/json'), request('{"a":1.50}', JSON_TYPE)).text,
    '{"a":1.50}',
    'JSON stays byte by byte'
  )
})

t.test('a JSON message: XPath sees it as XML, makefault responds in JSON', async t => {
  const out = (xpath: string): string | undefined => valueAfter('', xpath, request(SHOP, JSON_TYPE))
  t.equal(out('//jsonObject/shop/owner/id'), '7')
  t.equal(out('json-eval($.shop.tags[0])'), 'x')
  t.equal(out('json-eval($.shop.tags)'), '["x","y"]')
  t.equal(out('${payload.shop.price * 2}'), '25.0')
  const fault = response(
    '<makefault><code xmlns:t="http://www.w3.org/2003/05/soap-envelope" value="t:Receiver"/><reason value="no &quot;way&quot;"/></makefault>'
  )
  t.same(
    { ...fault, text: JSON.parse(fault.text).Fault.faultstring },
    { type: 'application/json; charset=UTF-8', text: 'no "way"', status: 500 }
  )
})

t.test('malformed JSON is a fault of its sender', async t => {
  const { status, text } = response('<property name="a" expression="json-eval($.a)"/>', request('{"a":', JSON_TYPE))
  t.equal(status, 400)
  t.match(text, /is not JSON/)
  t.equal(
    response('<property name="a" expression="json-eval($.a)"/>', request(`${'['.repeat(100_000)}`, JSON_TYPE)).status,
    400
  )
})
