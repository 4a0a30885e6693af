import t from 'tap'
import { problemsOf } from '../../../../lib/compiler/find-problems.js'
import { parse } from '../../../../lib/definitions/load.js'
import { formatProblem } from '../../../../lib/definitions/model/problem.js'
import { ENGINE_PROPERTIES } from '../../../../lib/mediators/core/engine-properties.js'
import { FIXED_RUNTIME } from '../../../support/flows/fixed-runtime.js'

/** What acts in the real engines and not here is reported, at its place. */
const NS = 'http://ws.apache.org/ns/synapse'
const within = (mediators: string): string => `<sequence name="s" xmlns="${NS}">\n${mediators}\n</sequence>`
const reported = (mediators: string): string[] =>
  problemsOf(parse(within(mediators), 'f'), FIXED_RUNTIME).map(
    problem => `${problem.severity} ${formatProblem(problem).replace(' warning: ', ' ')}`
  )
const sendTo = (kind: string): string => `<send><endpoint>${kind}</endpoint></send>`

t.test('each property that acts in the real engines only is reported, with what to do instead', async t => {
  for (const scope of ['default', 'axis2'] as const) {
    for (const [name, { differs }] of Object.entries(ENGINE_PROPERTIES[scope])) {
      const [line, ...more] = reported(`<property name="${name}" value="true" scope="${scope}"/>`)
      t.strictSame(more, [], name)
      t.match(line, `${differs ? 'warning' : 'hint'} f:2:1 `, name)
      t.match(line, `the property ${name} of scope ${scope} has no effect here (`, name)
    }
  }
})

t.test('a property without effect is reported in a group of properties and in an endpoint', async t => {
  const property = '<property name="enableMTOM" value="true" scope="axis2"/>'
  t.match(reported(`<propertyGroup>${property}</propertyGroup>`), [/enableMTOM/])
  t.match(reported(sendTo(`<address uri="http://h/"/>${property}`)), [/enableMTOM/])
})

t.test('nothing is lost where a property without effect is removed, false, or of another scope', async t => {
  t.strictSame(reported('<property name="enableMTOM" action="remove" scope="axis2"/>'), [])
  t.strictSame(reported('<property name="enableMTOM" value="false" scope="axis2"/>'), [])
  t.strictSame(reported('<property name="enableMTOM" value="true"/>'), [])
  t.strictSame(reported('<property name="own" value="true" scope="axis2"/>'), [])
})

t.test('properties that act are not reported', async t => {
  const names = [
    'HTTP_SC',
    'HTTP_SC_DESC',
    'FORCE_SC_ACCEPTED',
    'NO_ENTITY_BODY',
    'DISABLE_CHUNKING',
    'FORCE_HTTP_1.0',
    'FORCE_HTTP_CONTENT_LENGTH',
    'FULL_URI',
    'POST_TO_URI',
    'REST_URL_POSTFIX',
    'ContentType',
    'FAULTS_AS_HTTP_200',
    'NO_KEEPALIVE',
    'REQUEST_HOST_HEADER',
    'FORCE_POST_PUT_NOBODY'
  ]
  for (const name of names) t.strictSame(reported(`<property name="${name}" value="true" scope="axis2"/>`), [], name)
})

t.test('a charset that messages cannot be written in is reported', async t => {
  t.strictSame(reported('<property name="CHARACTER_SET_ENCODING" value="ISO-8859-1" scope="axis2"/>'), [])
  t.match(reported('<property name="CHARACTER_SET_ENCODING" value="EBCDIC" scope="axis2"/>'), [
    /^warning .*messages are not written in EBCDIC/
  ])
})

t.test('a configured Host header points to REQUEST_HOST_HEADER', async t => {
  for (const element of ['header', 'property']) {
    t.match(
      reported(`<${element} name="Host" value="shop.example.org" scope="transport"/>`),
      [/^hint f:2:1 .*Host is not sent to endpoints.*REQUEST_HOST_HEADER/],
      element
    )
  }
})

t.test('a user and password in an address are reported, and the report does not repeat them', async t => {
  for (const kind of ['<address uri="http://user:secret@h/x"/>', '<http uri-template="http://user:secret@h/x"/>']) {
    const [line = ''] = reported(sendTo(kind))
    t.match(line, /^warning f:2:7 the user and password in the address are not sent/)
    t.notMatch(line, 'secret')
  }
})

t.test('an address of another protocol is an error, in a template too', async t => {
  for (const uri of [
    'jms:/queue',
    'vfs:file:///tmp',
    'hl7://h:1',
    'mailto:a@b',
    'local:///services/P',
    'tcp://h:1'
  ]) {
    for (const kind of [`<address uri="${uri}"/>`, `<http uri-template="${uri}"/>`]) {
      const scheme = uri.slice(0, uri.indexOf(':') + 1)
      t.match(reported(sendTo(kind)), [`error f:2:7 addresses that begin with ${scheme} are not supported`], kind)
    }
  }
})

t.test('an address that no message can be sent to is a warning', async t => {
  for (const uri of ['h/x', 'http:///x', 'http://h:99999/', 'http://h\\x']) {
    for (const kind of [`<address uri="${uri}"/>`, `<http uri-template="${uri}"/>`]) {
      t.match(reported(sendTo(kind)), [/^warning f:2:7 .* is not an http or https address/], kind)
    }
  }
})

t.test('a placeholder that nothing sets is a warning; one that something sets is not', async t => {
  const address = sendTo('<address uri="http://h/${place}"/>')
  t.match(reported(address), [/^warning f:2:7 .*needs the property place, which nothing in this configuration sets/])
  t.strictSame(reported(`<property name="place" value="x"/>${address}`), [])
  t.strictSame(reported(sendTo('<address uri="http://h/${uri.var.id}"/>')), [])
})

t.test('optimize, and attributes that only collect statistics, are accepted', async t => {
  t.match(reported(sendTo('<address uri="http://h/" optimize="mtom"/>')), [/^hint .*optimize has no effect/])
})
