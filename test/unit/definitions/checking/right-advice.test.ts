import t from 'tap'
import { problemsOf } from '../../../../lib/compiler/find-problems.js'
import { buildValidParts } from '../../../../lib/definitions/checking/fail-safe.js'
import { parse } from '../../../../lib/definitions/load.js'
import { formatProblem } from '../../../../lib/definitions/model/problem.js'
import { play, program, request } from '../../../support/flows/endpoint-harness.js'
import { completed, type Sliced } from '../../../../lib/slices/sliced-work.js'
import { FIXED_RUNTIME } from '../../../support/flows/fixed-runtime.js'

/** What `check` advises leads to a configuration that is right, and never to one that is less safe. */
const NS = 'http://ws.apache.org/ns/synapse'
const reported = (text: string): string[] =>
  problemsOf(parse(text, 'f'), FIXED_RUNTIME).map(problem => `${problem.severity} ${formatProblem(problem)}`)
const proxy = (inside: string, target = '<target><inSequence/></target>'): string =>
  `<proxy name="P" xmlns="${NS}">\n${target}${inside}\n</proxy>`
const withMediators = (mediators: string): string => `<sequence name="s" xmlns="${NS}">\n${mediators}\n</sequence>`
const sendTo = (endpoint: string): string => withMediators(`<send><endpoint>${endpoint}</endpoint></send>`)

t.test('the advice for enableSec is never to remove it without a replacement', async t => {
  const [onProxy = ''] = reported(proxy('<enableSec/>'))
  t.match(onProxy, 'without it the service is open to everyone: authenticate in front of it')
  const [onEndpoint = ''] = reported(sendTo('<address uri="http://h/"><enableSec policy="p"/></address>'))
  t.match(onEndpoint, 'messages reach the back-end as their clients secured them, and no more')
  for (const line of [onProxy, onEndpoint]) t.notMatch(line, /leave it out|without this element/)
})

t.test('a second element of which the first counts is reported as such', async t => {
  const target = '<target><inSequence/><outSequence/><outSequence/></target>'
  t.match(reported(proxy('', target)), [
    'hint f:2:36 hint: a second <outSequence> has no effect: the first one counts'
  ])
  t.match(
    reported(proxy('<publishWSDL key="a"/><publishWSDL key="a"/>')).join('\n'),
    'a second <publishWSDL> has no effect: the first one counts'
  )
  t.match(reported(sendTo('<address uri="http://h/"/><address uri="http://i/"/>')), [/a second <address>/])
})

t.test('<action> in <timeout> points to <responseAction>', async t => {
  const timeout = '<timeout><duration>100</duration><action>fault</action></timeout>'
  t.match(reported(sendTo(`<address uri="http://h/">${timeout}</address>`)), [
    /<action> in <timeout> has no effect \(write <responseAction>\)/
  ])
})

t.test('<failoverHttpStatusCodes> points to failureStatus, which takes the same statuses', async t => {
  const codes = '<failoverHttpStatusCodes>500, 501,502</failoverHttpStatusCodes>'
  const endpoint = `<address uri="http://h/">${codes}</address>`
  t.match(reported(sendTo(endpoint)), [
    /^hint .*<failoverHttpStatusCodes> has no effect, .*\(write failureStatus="500 501 502" as an attribute of <address>\)/
  ])
  t.match(reported(sendTo(`<failover>${codes}<endpoint><address uri="http://h/"/></endpoint></failover>`)), [
    /write failureStatus="500 501 502" as an attribute of <failover>/
  ])
  t.strictSame(reported(sendTo('<address uri="http://h/" failureStatus="500 501 502"/>')), [])
})

t.test('an expression in another language is called by its name', async t => {
  const expected = {
    '$.a': '"$.a" is a JSONPath: write json-eval($.a)',
    '$[0].a': '"$[0].a" is a JSONPath: write json-eval($[0].a)',
    ['$'.concat('{vars.x')]: '"${" begins an expression of Micro Integrator, which ends with "}"',
    ['a $'.concat('{vars.x} b')]: 'an expression of Micro Integrator, ${…}, stands alone here'
  }
  for (const [expression, message] of Object.entries(expected)) {
    for (const mediator of [`<property name="p" expression="${expression}"/>`, `<filter xpath="${expression}"/>`]) {
      t.match(reported(withMediators(mediator)), [`error f:2:1 ${message}`], expression)
    }
  }
  t.strictSame(reported(withMediators('<property name="p" expression="concat(\'${\', \'}\')"/>')), [])
})

t.test('a parameter of a template without a value is named, whatever its field expects', async t => {
  const template =
    '<template name="T"><parameter name="d"/><endpoint><address uri="$uri"><timeout>' +
    '<duration>$d</duration></timeout></address></endpoint></template>'
  t.match(
    reported(`<definitions xmlns="${NS}">${template}<endpoint name="E" template="T" uri="http://h/"/></definitions>`),
    [/the template "T" needs a value for d/]
  )
})

t.test('a chain of a thousand sequences is valid', async t => {
  const links = Array.from(
    { length: 1000 },
    (_, at) => `<sequence name="s${at}">${at === 999 ? '<respond/>' : `<sequence key="s${at + 1}"/>`}</sequence>`
  )
  t.strictSame(reported(`<definitions xmlns="${NS}">${links.join('')}</definitions>`), [])
})

const WSDL =
  '<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/"><w:service name="S"><w:port name="p">' +
  '<s:address xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" location="http://h:1/"/></w:port></w:service></w:definitions>'

t.test('missing-port: a port that a WSDL lacks is a warning, and each message to it fails', async t => {
  const text =
    `<definitions xmlns="${NS}"><proxy name="P"><target><inSequence><send><endpoint name="a">` +
    `<wsdl service="S" port="q">${WSDL}</wsdl></endpoint></send></inSequence></target></proxy></definitions>`
  t.match(reported(text), [/^warning .*every message to this endpoint fails: .* it has no port "q", only p/])
  const { calls, response } = play(program(text), request(), () => {
    throw new Error('nothing is sent')
  })
  t.strictSame([calls.length, response.status], [0, 500])
})

t.test('fail-safe reports a configuration of which no part can run', async t => {
  const loaded = parse(proxy('', '<target/>'), 'f')
  const nothing = function * (): Sliced<undefined> {
    return undefined
  }
  t.throws(() => completed(buildValidParts(loaded, nothing)), /nothing is left to run/)
})

t.test('a mediator of WSO2 in a namespace of its own has the advice of its name', async t => {
  const [rule = '', ...more] = reported(withMediators('<rule xmlns="http://wso2.org/carbon/rules"><source/></rule>'))
  t.match(rule, /^error f:2:1 unsupported mediator <rule> \(write it in JavaScript: /)
  t.strictSame(more, [])
  t.match(reported(withMediators('<rule xmlns="urn:other"/>')), [/<rule> is not in the namespace/])
})
