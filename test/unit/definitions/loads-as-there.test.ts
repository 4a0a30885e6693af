import t from 'tap'
import { problemsOf } from '../../../lib/compiler/find-problems.js'
import { load, parse } from '../../../lib/definitions/load.js'
import { runtime } from '../../../plugins/gateway/configuration/runtime.js'
import { answered, header, play, proxyOf, request, SEND, soapRequest, textOf } from '../../support/flows/drive-flow.js'

/** Configurations that the engines load although their messages fail or differ: `check` warns, and they run. */

const NS = 'http://ws.apache.org/ns/synapse'
const warnings = (inside: string): string[] =>
  problemsOf(parse(`<definitions xmlns="${NS}"><sequence name="s">${inside}</sequence></definitions>`, 'f'), runtime)
    .map(({ severity, code, message }) => `${severity} ${code}: ${message}`)

t.test('an undeclared prefix, an unknown function or variable fails the messages that reach it', async t => {
  const cases: [expression: string, reason: string][] = [
    ['//m0:a', 'the prefix m0 is not declared'],
    ['fn:tokenize(//a)', 'unknown function fn:tokenize()'],
    ['hashicorp:vault-lookup("a")', 'unknown function hashicorp:vault-lookup()'],
    ['$nothing', 'unknown variable $nothing']
  ]
  for (const [expression, reason] of cases) {
    const property = `<property name="a" expression='${expression}'/>`
    t.strictSame(warnings(property),
      [`warning message-failure: ${reason}: every message that reaches this expression fails`])
    const { response } = play(proxyOf({
      in: `<filter xpath="boolean(//bad)"><then>${property}</then></filter><respond/>`,
      fault: '<property name="X-Error" expression="$ctx:ERROR_MESSAGE" scope="transport"/><respond/>'
    }), soapRequest('<bad/>'))
    t.equal(header(response, 'X-Error'), reason)
    const service = proxyOf({ in: `<filter xpath="boolean(//bad)"><then>${property}</then></filter><respond/>` })
    t.match(textOf(play(service, soapRequest('<good/>')).response), /<good\/>/, 'other messages pass')
  }
  t.match(warnings('<property name="a" expression="//a["/>'), [/^error /], 'what is not an XPath stays an error')
})

t.test('a messageType without a conversion is reported, and its messages are sent as they are', async t => {
  const typed = (type: string): string => `<property name="messageType" value="${type}" scope="axis2"/>`
  t.match(warnings(typed('application/x-www-form-urlencoded')), [/^warning unsupported-feature: bodies are not converted/])
  const { calls } = play(proxyOf({ in: typed('application/x-www-form-urlencoded') + SEND }),
    request('<a>1</a>', 'application/xml'), answered())
  t.equal(textOf(calls[0]!.message), '<a>1</a>')
})

t.test('enrich with the key of no local entry warns, and fails the messages that reach it', async t => {
  const enrich = '<enrich><source type="inline" key="gone"/><target type="body"/></enrich>'
  t.strictSame(warnings(enrich),
    ['warning missing-reference: no local entry is called "gone": every message that reaches it fails'])
  const { response } = play(proxyOf({
    in: `${enrich}<respond/>`,
    fault: '<property name="X-Error" expression="$ctx:ERROR_MESSAGE" scope="transport"/><respond/>'
  }), soapRequest())
  t.equal(header(response, 'X-Error'), 'no local entry is called "gone"')
})

t.test('parameters and capitals of a messageType do not count', async t => {
  const typed = '<property name="messageType" value="Application/JSON; charset=UTF-8" scope="axis2"/>'
  t.strictSame(warnings(typed), [])
  const { calls } = play(proxyOf({ in: typed + SEND }), request('<a>1</a>', 'application/xml'), answered())
  t.equal(textOf(calls[0]!.message), '{"a":1}')
})

t.test('projects that lie side by side, without a common root, are read together', async t => {
  const artefact = (name: string): string => `<sequence xmlns="${NS}" name="${name}"><drop/></sequence>`
  const project = (name: string) => ({
    'pom.xml': '<project/>',
    src: { main: { 'synapse-config': { sequences: { 'a.xml': artefact(name) } } } }
  })
  const folder = t.testdir({ One: project('one'), Two: project('two'), other: { 'readme.txt': '' } })
  const { definitions, problems } = await load(folder)
  t.strictSame(problems, [])
  t.strictSame(Object.keys(definitions.sequences ?? {}), ['one', 'two'])
})
