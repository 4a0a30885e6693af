import t from 'tap'
import { documentAddresses } from '../../../../lib/definitions/checking/expand.js'
import { parse } from '../../../../lib/definitions/load.js'
import { ConfigurationError } from '../../../../lib/definitions/model/problem.js'
import { writeXml } from '../../../../lib/definitions/write-xml.js'
import { findPort } from '../../../../lib/wsdl/port.js'
import {
  around,
  requestsOf,
  failed,
  play,
  program,
  request,
  textOf,
  type Given
} from '../../../support/flows/endpoint-harness.js'
import { completed } from '../../../../lib/slices/sliced-work.js'

const problems = (text: string, given: Given = {}): string[] => {
  try {
    program(text, given)
    return []
  } catch (error) {
    return (error as ConfigurationError).problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
  }
}

const TEMPLATE = `<template name="quotes"><parameter name="time"/><parameter name="kind"/><endpoint name="$name"><address uri="$uri" format="$kind"><timeout><duration>$time</duration></timeout><suspendOnFailure><errorCodes>101503</errorCodes></suspendOnFailure></address></endpoint></template>
`
const made = (attributes: string, parameters: Record<string, string>): string =>
  `<endpoint ${attributes}>${Object.entries(parameters)
    .map(([name, value]) => `<parameter name="${name}" value="${value}"/>`)
    .join('')}</endpoint>`

t.test('an endpoint made from a template has the settings of the template', async t => {
  const text = around(
    '<endpoint key="fast"/>',
    TEMPLATE + made('name="fast" template="quotes" uri="http://h:1/a"', { time: '250', kind: 'pox' })
  )
  const one = program(text)
  t.match(play(one, request()).calls, [{ origin: 'http://h:1', path: '/a', options: { timeout: 250 } }])
  t.ok(one.lease.registry.endpoints.has('fast'), 'named by its attribute')
  t.match(
    parse(text).definitions,
    {
      templates: {
        quotes: {
          parameters: ['time', 'kind'],
          endpoint: { kind: 'address', name: '$name', uri: '$uri', timeout: { duration: '$time' } }
        }
      },
      endpoints: { fast: { kind: 'template', template: 'quotes' } }
    },
    'the model keeps the template'
  )
})

t.test('a template is used inline, in a group, and by another template', async t => {
  const nested =
    '<template name="outer"><endpoint template="quotes" uri="$uri" name="$name"><parameter name="time" value="0"/><parameter name="kind" value="rest"/></endpoint></template>'
  const group = `<endpoint><failover>${made(
    'name="a" template="outer" uri="http://h:1/"',
    {}
  )}${made('name="b" template="quotes" uri="http://h:2/"', { time: '5', kind: 'rest' })}</failover></endpoint>`
  const one = program(around(group, TEMPLATE + nested))
  t.strictSame([...one.lease.registry.endpoints.keys()], ['a', 'b'])
  t.strictSame(requestsOf(play(one, request())), ['POST http://h:1/'])
})

t.test('numbers become numbers only where numbers are wanted', async t => {
  const template =
    '<template name="m"><parameter name="host"/><parameter name="port"/><endpoint><loadbalance><member hostName="$host" httpPort="$port"></member></loadbalance></endpoint></template>'
  const one = program(around(made('template="m"', { host: '10', port: '9001' }), template))
  t.strictSame(requestsOf(play(one, request())), ['POST http://0.0.0.10:9001/services/P'])
  const codes = program(
    around(
      made('name="c" template="c" uri="http://h:1/"', { codes: '101503, 101504' }),
      '<template name="c"><parameter name="codes"/><endpoint name="$name"><address uri="$uri"><suspendOnFailure><errorCodes>$codes</errorCodes></suspendOnFailure></address></endpoint></template>'
    )
  )
  t.strictSame(codes.lease.registry.endpoints.get('c')!.policy.suspendCodes, [101503, 101504])
})

t.test('parameters stand in fields that the reader of XML converts: seconds, methods, words, lists', async t => {
  const template =
    '<template name="t"><parameter name="verb"/><parameter name="s"/><parameter name="codes"/><parameter name="action"/>' +
    '<endpoint name="$name"><http uri-template="http://h:1/" method="$verb" failureStatus="$codes">' +
    '<suspendDurationOnFailure>$s</suspendDurationOnFailure>' +
    '<timeout><responseAction>$action</responseAction></timeout></http></endpoint></template>'
  const given = (verb: string, s: string): string =>
    around(made('template="t" name="e"', { verb, s, codes: '502 503', action: 'DISCARD' }), template)
  const one = program(given('put', '20'))
  t.strictSame(requestsOf(play(one, request())), ['PUT http://h:1/'])
  t.match(one.lease.registry.endpoints.get('e')!.policy, { initialDuration: 20_000, progressionFactor: 1 })
  const { definitions } = parse(given('put', '20'))
  t.match(definitions, {
    templates: {
      t: { endpoint: { method: '$verb', failureStatus: '$codes', suspendOnFailure: { initialDuration: '$s s' } } }
    }
  })
  t.strictSame(parse(writeXml(definitions)).definitions, definitions, 'convert keeps the placeholders')
  t.match(problems(given('fetch', '20')), [/invalid value "FETCH" for "method" of template "t"|"FETCH"/])
  t.match(problems(given('get', 'soon')), [/"soon"/])
})

t.test('what cannot be made from a template is reported at its location', async t => {
  t.strictSame(problems(around('<endpoint template="none" uri="http://h:1/" name="x"/>', TEMPLATE)), [
    '2:43 unknown template "none"'
  ])
  t.strictSame(problems(around('<endpoint template="toString" uri="http://h:1/" name="x"/>')), [
    `1:${around('').indexOf('</send>') + 1} unknown template "toString"`
  ])
  t.strictSame(problems(around(made('template="quotes" uri="http://h:1/" name="x"', { time: '5' }), TEMPLATE)), [
    '2:43 the template "quotes" needs a value for kind'
  ])
  t.match(
    problems(around(made('template="quotes" uri="http://h:1/" name="x"', { time: 'soon', kind: 'pox' }), TEMPLATE)),
    [/^2:43 invalid value "soon" for "duration" at timeout of template "quotes"/]
  )
  t.match(
    problems(around(made('template="quotes" uri="http://h:1/" name="x"', { time: '1', kind: 'none' }), TEMPLATE)),
    [/^2:43 invalid value "none" for "format" at template "quotes"/]
  )
  const loop =
    '<template name="a"><endpoint template="b" uri="$uri"/></template><template name="b"><endpoint template="a" uri="$uri"/></template>'
  t.match(problems(around('<endpoint template="a" uri="http://h:1/"/>', loop)), [/the template "a" contains itself: a → b → a/])
})

const WSDL = (address: string, extra = ''): string =>
  `<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:s12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:h="http://schemas.xmlsoap.org/wsdl/http/" xmlns:t="urn:t" targetNamespace="urn:t">
<w:binding name="get"><h:binding verb="GET"/></w:binding><w:binding name="post"><h:binding verb="POST"/></w:binding>
<w:service name="Quotes"><w:port name="p11" binding="t:b"><s:address location="${address}"/></w:port><w:port name="p12" binding="t:b"><s12:address location="${address}"/></w:port>
<w:port name="get" binding="t:get"><h:address location="${address}"/></w:port><w:port name="post" binding="t:post"><h:address location="${address}"/></w:port><w:port name="none" binding="t:x"/></w:service>${extra}</w:definitions>`

t.test('an endpoint of a WSDL port has the address and the format of the port', async t => {
  const text = WSDL('http://h:1/q')
  for (const [port, format] of [
    ['p11', 'soap11'],
    ['p12', 'soap12'],
    ['get', 'get'],
    ['post', 'rest']
  ] as const) {
    t.strictSame(findPort(text, 'Quotes', port), { address: 'http://h:1/q', format })
  }
  t.throws(() => findPort(text, 'Nothing', 'p11'), /it has no service "Nothing", only Quotes/)
  t.throws(() => findPort(text, 'Quotes', 'p13'), /it has no port "p13", only p11, p12, get, post, none/)
  t.throws(() => findPort(text, 'Quotes', 'none'), /its port "none" has no SOAP or HTTP address/)
  t.throws(() => findPort('<description xmlns="http://www.w3.org/ns/wsdl"/>', 'Quotes', 'p11'), /not WSDL 1\.1/)
  t.throws(() => findPort('<!DOCTYPE a><a/>', 'Quotes', 'p11'), /DOCTYPE/)
})

const byWsdl = (attributes: string, inside = ''): string =>
  around(
    `<endpoint><wsdl ${attributes} service="Quotes" port="p12"><suspendDurationOnFailure>20</suspendDurationOnFailure>${inside}</wsdl></endpoint>`
  )

t.test('an endpoint of a WSDL is the address of its port, in its format, with its own settings', async t => {
  const environment = (name: string): string | undefined => (name === 'WHERE' ? 'file:q.wsdl' : undefined)
  const documents = new Map([['file:q.wsdl', WSDL('http://h:1/q')]])
  for (const text of [byWsdl('uri="file:q.wsdl"'), byWsdl('uri="$SYSTEM:WHERE"'), byWsdl('', WSDL('http://h:1/q'))]) {
    const one = program(text, { environment, documents })
    const { calls } = play(one, request({ body: { kind: 'bytes', bytes: Buffer.from('<a/>') } }))
    t.strictSame(requestsOf({ calls }), ['POST http://h:1/q'])
    t.match(
      textOf(calls[0]!.message),
      /<soapenv:Envelope xmlns:soapenv="http:\/\/www\.w3\.org\/2003\/05\/soap-envelope">/
    )
    t.equal(one.services.get('P')!.reads.request, 'body')
    t.match([...one.lease.registry.endpoints.values()], [{ policy: { initialDuration: 20_000 } }])
  }
  const { definitions } = parse(byWsdl('uri="$SYSTEM:WHERE"'))
  const addresses = completed(documentAddresses(definitions, { environment }))
  t.strictSame([...addresses.keys()], ['file:q.wsdl'])
})

t.test('wsdl-endpoint-state: an endpoint of a WSDL is suspended like any other', async t => {
  const one = program(byWsdl('', WSDL('http://h:1/q')))
  play(one, request(), () => failed())
  t.match([...one.lease.registry.endpoints.values()], [{ health: { state: 'suspended', duration: 20_000 } }])
  t.match(play(one, request()), { calls: [] })
})

t.test('a WSDL that cannot be used is reported at its endpoint', async t => {
  const at = '1:'
  t.match(problems(byWsdl('uri="file:q.wsdl"')), [
    new RegExp(`^${at}\\d+ the WSDL "file:q.wsdl" cannot be used: it was not read`)
  ])
  t.match(
    problems(byWsdl('uri="file:q.wsdl"'), {
      documents: new Map([['file:q.wsdl', new Error('there is no such file')]])
    }),
    [/cannot be used: there is no such file/]
  )
  t.match(problems(byWsdl('uri="$SYSTEM:NONE"')), [/the environment variable NONE is not set/])
  t.match(parse(around('<endpoint><wsdl/></endpoint>')).problems, [
    { message: /needs a uri/ },
    { message: /needs a service/ },
    { message: /needs a port/ }
  ])
})
