import t from 'tap'
import { parse } from '../../../../lib/definitions/load.js'
import { writeXml } from '../../../../lib/definitions/write-xml.js'
import {
  definitionsOf,
  header,
  play,
  proxyOf,
  request,
  soapRequest,
  wrongWith
} from '../../../support/flows/drive-flow.js'

/** By the rules of the engine's own samples and sources. */

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

t.test('rewrite is the same after JSON, and what is wrong is reported', async t => {
  const xml = definitionsOf(`<sequence name="s"><rewrite inProperty="a"><rewriterule>
    <condition><equal source="x-kind" value="gold"/></condition>
    <action type="replace" regex="a" value="b" fragment="path" resolve="true"/><action xpath="//a"/></rewriterule></rewrite>
    </sequence>`)
  const { definitions, problems } = parse(xml)
  t.strictSame(problems, [])
  t.strictSame(parse(writeXml(definitions)).definitions, definitions)
  t.strictSame(parse(JSON.stringify(definitions)).problems, [])
  const wrong = (rules: string): string[] => wrongWith(`<sequence name="s"><rewrite>${rules}</rewrite></sequence>`)
  t.match(wrong(rule('<action fragment="query" type="append"/>')), [/needs a value or an xpath/])
  t.match(wrong(rule('<action value="1" type="replace"/>')), [/needs a regex/])
  t.match(wrong(rule('<action value="1"/>', '<xor/>')), [/unknown condition <xor>/])
})
