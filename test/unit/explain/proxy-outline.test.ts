import t from 'tap'
import { compile } from '../../../lib/compiler/compile.js'
import { definitionsOrThrow, parse } from '../../../lib/definitions/load.js'
import { outlineOf, type OutlineStep, type ProxyOutline } from '../../../lib/explain/proxy-outline.js'
import { runtime } from '../../../plugins/gateway/configuration/runtime.js'

function outline (inside: string, { withValues = true, more = '' } = {}): ProxyOutline {
  const loaded = parse(
    `<definitions xmlns="http://ws.apache.org/ns/synapse">
<proxy name="P"><target>${inside}</target></proxy>${more}</definitions>`,
    'p.xml'
  )
  const { locations } = loaded
  const { expanded: definitions, endpointNames } = compile(definitionsOrThrow(loaded), runtime, { locations })
  return outlineOf('P', { definitions, locations, endpointNames, withValues })!
}

const lines = (steps: readonly OutlineStep[], indent = ''): string[] =>
  steps.flatMap(({ kind, text, branches }) => [
    `${indent}${kind}: ${text}`,
    ...branches.flatMap(({ label, steps: inside }) => [`${indent}  (${label})`, ...lines(inside, `${indent}    `)])
  ])

t.test('each mediator is one line of what it does', async t => {
  const {
    in: steps,
    out,
    at
  } = outline(
    `<inSequence>
    <header name="Action" value="urn:placeOrder"/>
    <header name="To" action="remove"/>
    <property name="RESPONSE" value="true" scope="axis2"/>
    <log level="custom"><property name="order" expression="//id"/><property name="client" value="x"/></log>
    <send><endpoint key="LB"/></send></inSequence><outSequence><send/></outSequence>`,
    {
      more: '<endpoint name="LB"><failover><endpoint name="a"><address uri="http://a/"/></endpoint></failover></endpoint>'
    }
  )
  t.strictSame(lines(steps), [
    'header: Action = urn:placeOrder',
    'header: remove To',
    'property: RESPONSE (axis2) = true',
    'log: custom: order, client',
    'send: to LB'
  ])
  t.match(steps.at(-1)!.endpoint, { name: 'LB', kind: 'failover', algorithm: null, at: { file: 'p.xml', line: 7 } })
  t.strictSame(lines(out!), ['send: to the client'])
  t.match(
    [at, steps[0]!.at],
    [
      { file: 'p.xml', line: 2 },
      { file: 'p.xml', line: 3 }
    ]
  )
})

t.test('named sequences open in place; alternatives are branches', async t => {
  const { in: steps } = outline(
    `<inSequence><sequence key="s"/>
    <switch source="//a"><case regex="x.*"><drop/></case><default><respond/></default></switch>
    <clone><target><endpoint><address uri="http://a/"/></endpoint></target></clone></inSequence>`,
    { more: '<sequence name="s"><filter xpath="//b"><then><drop/></then><else><log/></else></filter></sequence>' }
  )
  t.strictSame(lines(steps), [
    'sequence: s',
    '  (s)',
    '    filter: //b',
    '      (then)',
    '        drop: ends the message',
    '      (else)',
    '        log: simple',
    'switch: //a',
    '  (matches x.*)',
    '    drop: ends the message',
    '  (default)',
    '    respond: to the client',
    'clone: 1 copies',
    '  (targets 1)',
    '    send: to P http://a/'
  ])
})

t.test('the fault sequence has its name, that of all proxies included', async t => {
  const fault =
    '<sequence name="fault"><makefault version="soap11"><code xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" value="s:Server"/><reason value="no"/></makefault><send/></sequence>'
  const { fault: found } = outline('<inSequence><drop/></inSequence>', { more: fault })
  t.equal(found!.name, 'fault')
  t.strictSame(lines(found!.steps), ['makefault: no', 'send: to the client'])
})

t.test('an outline without values shows the names of headers only', async t => {
  const { in: steps } = outline(
    '<inSequence><header name="Authorization" scope="transport" value="Basic secret"/><drop/></inSequence>',
    { withValues: false }
  )
  t.strictSame(lines(steps), ['header: Authorization (transport) = …', 'drop: ends the message'])
})

t.test('an endpoint of a proxy, and one that a message names', async t => {
  const { endpoint, out, in: steps } = outline('<endpoint><address uri="http://a/"/></endpoint>')
  t.match(endpoint, { name: 'P http://a/', kind: 'address' })
  t.equal(out, null)
  t.strictSame(steps, [])
})

t.test('a proxy with thousands of steps is cut', async t => {
  const { in: steps, isCut } = outline(`<inSequence>${'<log/>'.repeat(3000)}</inSequence>`)
  t.equal(steps.length, 500)
  t.ok(isCut)
})
