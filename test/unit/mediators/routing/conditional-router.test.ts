import t from 'tap'
import { parse } from '../../../../lib/definitions/load.js'
import { writeXml } from '../../../../lib/definitions/write-xml.js'
import { fragmentsOf, uriOf } from '../../../../lib/mediators/values/uri-fragments.js'
import { header, play, proxyOf, request, soapRequest, wrongWith } from '../../../support/drive-flow.js'

/** `rewrite` and `conditionalRouter`, by the rules of the engine's own samples and sources. */

const rewritten = (
  rules: string,
  to: string,
  more: Readonly<Record<string, string>> = {}
): string | undefined => {
  const properties = Object.entries(more).map(([name, value]) => `<property name="${name}" value="${value}"/>`).join('')
  return header(
    play(
      proxyOf({
        in: `${properties}<header name="To" value="${to}"/><rewrite>${rules}</rewrite>` +
          '<property name="X-To" expression="get-property(\'To\')" scope="transport"/><respond/>'
      }),
      soapRequest()
    ).response,
    'X-To'
  )
}
const rule = (action: string, condition = ''): string =>
  `<rewriterule>${condition && `<condition>${condition}</condition>`}${action}</rewriterule>`

t.test('rewrite: each action changes its part of the address', async t => {
  const url = 'http://www.test.com:9000/services/a/b?x=1&amp;y=2#end'
  const cases: [action: string, to: string][] = [
    ['value="http://h/q"', 'http://h/q'],
    ['value="https" fragment="protocol"', 'https://www.test.com:9000/services/a/b?x=1&y=2#end'],
    ['value="h.org" fragment="host"', 'http://h.org:9000/services/a/b?x=1&y=2#end'],
    ['value="80" fragment="port"', 'http://www.test.com:80/services/a/b?x=1&y=2#end'],
    ['value="-1" fragment="port"', 'http://www.test.com/services/a/b?x=1&y=2#end'],
    ['value="me" fragment="user"', 'http://me@www.test.com:9000/services/a/b?x=1&y=2#end'],
    ['value="/v2" fragment="path" type="prepend"', 'http://www.test.com:9000/v2/services/a/b?x=1&y=2#end'],
    ['value="/c" fragment="path" type="append"', 'http://www.test.com:9000/services/a/b/c?x=1&y=2#end'],
    ['value="soap" regex="services" fragment="path" type="replace"', 'http://www.test.com:9000/soap/a/b?x=1&y=2#end'],
    ['value="/$2/$1" regex="/(\\w)/(\\w)$" fragment="path" type="replace"',
      'http://www.test.com:9000/services/b/a?x=1&y=2#end'],
    ['type="remove" fragment="query"', 'http://www.test.com:9000/services/a/b#end'],
    ['type="remove" fragment="ref"', 'http://www.test.com:9000/services/a/b?x=1&y=2'],
    ['value="z=3" fragment="query" type="append"', 'http://www.test.com:9000/services/a/b?x=1&y=2&z=3#end'],
    ['value="z=3" fragment="query" type="prepend"', 'http://www.test.com:9000/services/a/b?z=3&x=1&y=2#end'],
    ['value="x" fragment="query" type="remove-query-param"', 'http://www.test.com:9000/services/a/b?y=2#end'],
    ['xpath="concat(\'/\', 1 + 1)" fragment="path"', 'http://www.test.com:9000/2?x=1&y=2#end'],
    ['value="/a b/ü%" fragment="path"', 'http://www.test.com:9000/a%20b/%C3%BC%25?x=1&y=2#end']
  ]
  for (const [action, to] of cases) t.equal(rewritten(rule(`<action ${action}/>`), url), to, action)
})

t.test('rewrite: names in braces are replaced by properties, and an unknown one empties its part', async t => {
  const action = '<action value="/{customer}/orders" fragment="path" resolve="true"/>'
  t.equal(rewritten(rule(action), 'http://h/x', { customer: 'c7' }), 'http://h/c7/orders')
  t.equal(rewritten(rule(action), 'http://h/x'), 'http://h')
})

t.test('rewrite: a rule holds for messages that meet its condition, in order', async t => {
  const rules = rule('<action value="https" fragment="protocol"/>', '<equal type="url" source="host" value="H"/>') +
    rule('<action value="secure" fragment="ref"/>', '<match type="url" source="protocol" regex="https.*"/>')
  t.equal(rewritten(rules, 'http://h/x'), 'https://h/x#secure')
  t.equal(rewritten(rules, 'http://other/x'), 'http://other/x')
})

t.test('rewrite: an address in a property, and the result in another', async t => {
  const { response } = play(
    proxyOf({
      in: '<property name="a" value="http://h/x"/><rewrite inProperty="a" outProperty="b">' +
        '<rewriterule><action value="9" fragment="port"/></rewriterule></rewrite>' +
        '<property name="X-B" expression="$ctx:b" scope="transport"/><respond/>'
    }),
    soapRequest()
  )
  t.equal(header(response, 'X-B'), 'http://h:9/x')
})

t.test('rewrite: what makes no address fails the message', async t => {
  const failing: [string, string, RegExp][] = [
    [rule('<action value="x" fragment="port"/>'), 'http://h/', /"x" is not a port/],
    [rule('<action value="x" fragment="path"/>'), 'http://h/', /its path does not begin with a slash/],
    [rule('<action value="a b"/>'), 'http://h/', /"a b" is not a URI/]
  ]
  for (const [rules, to, reason] of failing) {
    const { response } = play(proxyOf({
      in: `<header name="To" value="${to}"/><rewrite>${rules}</rewrite><respond/>`,
      fault: '<property name="X-Error" expression="$ctx:ERROR_MESSAGE" scope="transport"/><respond/>'
    }), request('<a/>', 'application/xml'))
    t.match(header(response, 'X-Error'), reason)
  }
})

t.test('addresses are taken apart and put together again', async t => {
  for (const uri of ['http://h', 'http://u:p@h:1/a/b?q#r', '/services/P', '/p?x=%20', '', 'http://[::1]:9/']) {
    t.equal(uriOf(fragmentsOf(uri)), uri)
  }
  t.strictSame(fragmentsOf('http://h:80/a%20b?c%3Dd'), {
    protocol: 'http', host: 'h', port: '80', path: '/a b', query: 'c=d'
  })
  for (const uri of ['a b', 'http://h/%zz', 'http://h/%ff', 'a\nb']) t.throws(() => fragmentsOf(uri), /is not a URI/)
})

const taken = (conditions: readonly string[], more: { attributes?: string, routes?: string } = {}): string => {
  const routes = conditions.map((condition, index) =>
    `<conditionalRoute ${more.routes ?? ''}><condition>${condition}</condition><target><sequence>` +
    `<property name="X-R" expression="concat(get-property('transport', 'X-R'), '${index}')" scope="transport"/>` +
    '</sequence></target></conditionalRoute>').join('')
  const service = proxyOf({
    in: `<property name="region" value="EU"/><property name="X-Kind" value="Gold" scope="transport"/>
      <header name="To" value="http://h:8/shop?lang=de%20at&amp;empty="/>
      <conditionalRouter ${more.attributes ?? 'continueAfter="true"'}>${routes}</conditionalRouter><respond/>`
  })
  return header(play(service, soapRequest()).response, 'X-R') ?? ''
}
const IS = { header: '<equal source="x-kind" value="gold"/>', no: '<equal source="X-None" value=""/>' }

t.test('conditionalRouter: conditions on headers, parameters, the address, properties and the message', async t => {
  const met = [
    IS.header,
    '<equal type="header" source="X-Kind" value="GOLD"/>',
    '<match type="header" source="X-Kind" regex="G.*"/>',
    '<equal type="param" source="lang" value="de at"/>',
    '<match type="url" regex="http://h:8/.*"/>',
    '<equal type="url" source="host" value="h"/>',
    '<equal type="url" source="port" value="8"/>',
    '<equal type="url" source="path" value="/shop"/>',
    '<equal type="property" source="region" value="eu"/>',
    '<match type="soap" source="//x" regex="&lt;x.*"/>',
    `<and>${IS.header}<not>${IS.no}</not></and>`,
    `<or>${IS.no}${IS.header}</or>`
  ]
  for (const each of met) t.equal(taken([each]), '0', each)
  const unmet = [
    IS.no,
    '<match type="header" source="X-Kind" regex="G"/>',
    '<equal type="param" source="empty" value=""/>',
    '<equal type="param" source="none" value="x"/>',
    '<equal type="property" source="toString" value=""/>',
    `<and>${IS.header}${IS.no}</and>`,
    `<or>${IS.no}${IS.no}</or>`,
    `<not>${IS.header}</not>`
  ]
  for (const each of unmet) t.equal(taken([each]), '', each)
})

t.test('conditionalRouter: the first route that is met ends the search, unless breakRoute is false', async t => {
  t.equal(taken([IS.no, IS.header, IS.header]), '1')
  t.equal(taken([IS.no, IS.header, IS.header], { routes: 'breakRoute="false"' }), '12')
})

t.test('conditionalRouter: without continueAfter a message ends there, and a target that responds still does', async t => {
  const route = `<conditionalRoute><condition>${IS.no}</condition><target><sequence><respond/></sequence></target></conditionalRoute>`
  const ended = play(proxyOf({
    in: `<conditionalRouter>${route}</conditionalRouter><property name="X-Behind" value="1" scope="transport"/><respond/>`
  }), soapRequest())
  t.equal(header(ended.response, 'X-Behind'), undefined)
  const responding = play(proxyOf({
    in: `<property name="X-None" value="" scope="transport"/><conditionalRouter>${route}</conditionalRouter><drop/>`
  }), soapRequest())
  t.equal(responding.response.status ?? 200, 200)
})

t.test('conditionalRouter: with continueAfter a message continues that a target has dropped', async t => {
  const dropping = `<conditionalRoute><condition>${IS.header}</condition><target><sequence><drop/></sequence></target></conditionalRoute>`
  const { response } = play(proxyOf({
    in: '<property name="X-Kind" value="Gold" scope="transport"/><conditionalRouter continueAfter="true">' +
      `${dropping}</conditionalRouter><property name="X-Behind" value="1" scope="transport"/><respond/>`
  }), soapRequest())
  t.equal(header(response, 'X-Behind'), '1')
})

t.test('conditionalRouter and rewrite are the same after JSON, and what is wrong is reported', async t => {
  const text = `<definitions xmlns="http://ws.apache.org/ns/synapse"><sequence name="s"><conditionalRouter continueAfter="true">
    <conditionalRoute breakRoute="false"><condition><and>${IS.header}<not>${IS.no}</not></and></condition>
    <target endpoint="e"/></conditionalRoute></conditionalRouter>
    <rewrite inProperty="a"><rewriterule><condition>${IS.header}</condition>
    <action type="replace" regex="a" value="b" fragment="path" resolve="true"/><action xpath="//a"/></rewriterule></rewrite>
    </sequence><endpoint name="e"><default/></endpoint></definitions>`
  const { definitions, problems } = parse(text)
  t.strictSame(problems, [])
  t.strictSame(parse(writeXml(definitions)).definitions, definitions)
  t.strictSame(parse(JSON.stringify(definitions)).problems, [])
  const sequence = (inside: string): string => `<sequence name="s">${inside}</sequence>`
  t.match(wrongWith(sequence('<conditionalRouter><conditionalRoute/></conditionalRouter>')),
    [/needs a <condition>/, /needs a <target>/])
  t.match(wrongWith(sequence(`<rewrite>${rule('<action fragment="query" type="append"/>')}</rewrite>`)), [/needs a value or an xpath/])
  t.match(wrongWith(sequence(`<rewrite>${rule('<action value="1" type="replace"/>')}</rewrite>`)), [/needs a regex/])
  t.match(wrongWith(sequence(`<rewrite>${rule('<action value="1"/>', '<xor/>')}</rewrite>`)), [/unknown condition <xor>/])
})
