import { once } from 'node:events'
import { createServer } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { text as whole } from 'node:stream/consumers'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import proxyServices from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { gateway, message, post, SOAP_11 } from '../support/gateway.js'
import { until } from '../support/until.js'
import { CERTIFICATE, KEY } from '../support/http/certificate.js'
import { triedIn } from './compare.js'
import { inProcess } from './in-process.js'
import { faultIn, textOf } from './meaning.js'
import { arrived } from './origin.js'
import { open, runCase, type Setting, type RunningCase } from './run-case.js'
import { type Plan, type Seen } from './record.js'
import { statusOf, valuesOf } from './wire.js'

// What docs/differences.md promises and no record shows. Each title begins with the id of its row.

const proxy = (parts: string, name = 'P'): string =>
  `<proxy name="${name}"><target>${parts}<outSequence><send/></outSequence></target></proxy>`
const definitions = (...parts: string[]): string =>
  `<definitions xmlns="http://ws.apache.org/ns/synapse">${parts.join('')}</definitions>`
const sending = (endpoint: string, more = ''): string =>
  definitions(proxy(`<inSequence><send><endpoint>${endpoint}</endpoint></send></inSequence>${more}`))
const address = (name: string, inside = ''): string => `<address uri="http://localhost:{${name}}/s">${inside}</address>`
const member = (name: string, inside = ''): string => `<endpoint>${address(name, inside)}</endpoint>`

const envelope = (header = '', body = '<a/>'): string =>
  `<s:Envelope xmlns:s="${SOAP_11}"><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
const clientId = (id: string): string =>
  envelope(`<syn:ClientID xmlns:syn="http://ws.apache.org/ns/synapse">${id}</syn:ClientID>`)
const HEAD = ['Host: localhost', 'Content-Type: text/xml; charset=UTF-8', 'SOAPAction: "urn:a"']

interface Setup extends RunningCase<Awaited<ReturnType<typeof inProcess>>> {
  /** A message to a proxy. */
  call (body?: string, name?: string, backendsNow?: Record<string, Plan>): Promise<Seen>
  /** Lines instead of the head that `call` sends. */
  send (head: string[], body?: string): Promise<Seen>
}

async function setUp (
  t: Test,
  setting: Omit<Setting, 'backends'> & Partial<Pick<Setting, 'backends'>>
): Promise<Setup> {
  const running = await open({ backends: {}, ...setting }, inProcess)
  t.teardown(running.close)
  const send: Setup['send'] = async (head, body = '') => await running.perform({ request: { head, body } })
  return {
    ...running,
    send,
    call: async (body = envelope(), name = 'P', backendsNow = {}) =>
      await running.perform({
        request: { head: [`POST /services/${name} HTTP/1.1`, ...HEAD, 'Content-Length: 0'], body },
        backendsNow
      })
  }
}

const status = ({ reply }: Seen): number => reply === null ? 0 : statusOf(reply.head)
const text = ({ reply }: Seen): string => reply === null ? '' : textOf(reply)

t.test('unknown-session-type: an unknown session type is reported when the configuration is read', async t => {
  const group = `<session type="noSuchType"/><loadbalance>${member('b1')}</loadbalance>`
  await t.rejects(open({ definitions: sending(group), backends: { b1: 'ok' } }, inProcess), {
    message: /unknown type of session "noSuchType"/
  })
})

t.test('relative-files: relative paths start at the folder of the configuration', async t => {
  const wsdl = '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:in-the-folder"/>'
  const given = definitions(
    '<proxy name="P"><target><inSequence><drop/></inSequence></target><publishWSDL uri="file:some/where.wsdl"/></proxy>'
  )
  const { send } = await setUp(t, { definitions: given, files: { 'some/where.wsdl': wsdl } })
  const seen = await send(['GET /services/P?wsdl HTTP/1.1', 'Host: localhost'])
  t.equal(status(seen), 200)
  t.match(text(seen), 'urn:in-the-folder')
})

t.test('ambiguous-framing: ambiguous framing is refused, and what is accepted is one request', async t => {
  const { send } = await setUp(t, { definitions: sending(address('b1')), backends: { b1: 'ok' } })
  const second = 'GET /services/P/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const framings = [
    ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    ['Content-Length: +5'],
    ['Content-Length : 5'],
    ['Content-Length: 5', 'Content-Length: 6'],
    ['Transfer-Encoding:\r\n chunked'],
    ['Transfer-Encoding: chunked, identity'],
    ['Transfer-Encoding: xchunked'],
    ['Transfer-Encoding: gzip'],
    ['Transfer-Encoding: ']
  ]
  for (const framing of framings) {
    const seen = await send(['POST /services/P HTTP/1.1', ...HEAD, ...framing], `0\r\n\r\n${second}`)
    t.equal(triedIn(seen), '', framing.join(', '))
    t.equal(status(seen), 400, framing.join(', '))
    t.equal(seen.connection, 'closed', framing.join(', '))
  }
  const seen = await send(['GET /services/P/first HTTP/1.1', 'Host: localhost', 'Content-Length: 0'], second)
  t.same(seen.atBackends.map(({ head }) => head[0]), ['GET /s/first HTTP/1.1'])
})

t.test('header-line-breaks: a value with a line break is refused', async t => {
  const given = definitions(
    proxy('<inSequence><property name="X-Value" scope="transport" expression="//value"/><respond/></inSequence>')
  )
  const { call } = await setUp(t, { definitions: given })
  t.equal(status(await call(envelope('', '<value>fine</value>'))), 200)
  const seen = await call(envelope('', '<value>a&#13;&#10;Set-Cookie: evil=1</value>'))
  t.equal(status(seen), 500)
  t.equal(faultIn(seen.reply!)?.version, '1.1')
  t.same(valuesOf(seen.reply!.head, 'set-cookie'), [])
})

t.test('reply-to-elsewhere: a ReplyTo that is not anonymous is a fault, and no endpoint is tried', async t => {
  const { call } = await setUp(t, {
    definitions: sending(address('b1', '<enableAddressing/>')),
    backends: { b1: 'ok', b2: 'ok' }
  })
  const wsa = (name: string, value: string): string =>
    `<w:${name} xmlns:w="http://www.w3.org/2005/08/addressing">${value}</w:${name}>`
  for (const name of ['ReplyTo', 'FaultTo']) {
    const seen = await call(
      envelope(
        wsa('Action', 'urn:a') +
          wsa('MessageID', 'urn:m') +
          wsa(name, '<w:Address>http://localhost:{b2}/s</w:Address>')
      )
    )
    t.equal(triedIn(seen), '', name)
    t.equal(status(seen), 500, name)
    t.match(text(seen), 'OnlyAnonymousAddressSupported', name)
  }
})

t.test('no-response: a fault sequence without a response leaves the fault for the client', async t => {
  const { call } = await setUp(t, { definitions: sending(address('dead'), '<faultSequence><log/></faultSequence>') })
  const seen = await call()
  t.equal(status(seen), 500)
  t.equal(faultIn(seen.reply!)?.version, '1.1')
})

t.test('session-scope: the same id in two proxies is two sessions', async t => {
  const group = (first: string, second: string): string =>
    `<inSequence><send><endpoint><session type="simpleClientSession"/><loadbalance>${member(first)}${member(second)}</loadbalance></endpoint></send></inSequence>`
  const { call } = await setUp(t, {
    definitions: definitions(proxy(group('b1', 'b2'), 'P'), proxy(group('b3', 'b4'), 'Q')),
    backends: { b1: 'ok', b2: 'ok', b3: 'ok', b4: 'ok' }
  })
  const order = [['x', 'P'], ['y', 'Q'], ['x', 'Q'], ['y', 'P'], ['x', 'P'], ['x', 'Q']] as const
  const found: string[] = []
  for (const [id, name] of order) found.push(triedIn(await call(clientId(id), name)))
  t.same(found, ['b1', 'b3', 'b4', 'b2', 'b1', 'b4'])
})

t.test('session-table: the session that was used least recently makes room', async t => {
  const group = `<session type="simpleClientSession" maxSessions="2"/><loadbalance>${member('b1')}${member('b2')}${member('b3')}</loadbalance>`
  const { call } = await setUp(t, { definitions: sending(group), backends: { b1: 'ok', b2: 'ok', b3: 'ok' } })
  const found: string[] = []
  for (const id of ['one', 'two', 'one', 'three', 'one', 'two']) found.push(triedIn(await call(clientId(id))))
  t.same(found, ['b1', 'b2', 'b1', 'b3', 'b1', 'b1'], 'two was forgotten, and goes where it is its turn')
})

t.test('retries: each member is tried once, even if none is ever suspended', async t => {
  const never =
    '<suspendOnFailure><initialDuration>0</initialDuration><maximumDuration>0</maximumDuration></suspendOnFailure>'
  const { call } = await setUp(t, {
    definitions: sending(`<loadbalance>${member('b1', never)}${member('b2', never)}</loadbalance>`),
    backends: { b1: 'reset', b2: 'reset' }
  })
  const seen = await call()
  t.equal(triedIn(seen), 'b1 b2')
  t.equal(status(seen), 500)
})

t.test('probe: after a suspension one request is the trial, others go to other members', async t => {
  const short = '<suspendOnFailure><initialDuration>1000</initialDuration></suspendOnFailure>'
  const { call, gateway, origins } = await setUp(t, {
    definitions: sending(`<loadbalance>${member('b1', short)}${member('b2')}</loadbalance>`),
    backends: { b1: ['reset', 'hang'], b2: 'ok' }
  })
  t.equal(triedIn(await call()), 'b1 b2')
  await gateway.pass(1000)
  const both = [call(), call()]
  await arrived(origins.slice(0, 1), 1, 5_000)
  for (let count = 0; count < 4; count++) t.match(text(await call()), 'b2')
  await origins[0]!.stop()
  for (const each of await Promise.all(both)) t.match(text(each), 'b2')
})

t.test('switched-off: a late response does not switch an endpoint on', async t => {
  const held: Array<() => void> = []
  const one = await backend(t, 'one', (_, response) => { held.push(() => response.end()) })
  const { app, url } = await gateway(t, { definitions: sending(`<address uri="${one.uri}"/>`) })
  const endpoint = [...app.endpointRegistry.endpoints.values()][0]!
  const response = post(`${url}/services/P`, message())
  await until(() => held.length > 0)
  app.endpointRegistry.switchOff(endpoint.name)
  held[0]!()
  await response
  t.equal(endpoint.health.state, 'off')
  t.equal((await post(`${url}/services/P`, message())).status, 500)
  t.equal(one.requests.length, 1)
})

t.test('on-error-of-member: the group fails over before the handler of the member runs', async t => {
  const handler =
    '<sequence name="handler"><property name="X-Handled" value="yes" scope="transport"/>' +
    '<makefault version="soap11"><code value="e:Server" xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"/>' +
    '<reason value="handled"/></makefault><respond/></sequence>'
  const handled = (name: string): string => `<endpoint onError="handler">${address(name)}</endpoint>`
  const { call } = await setUp(t, {
    definitions: definitions(
      proxy(
        `<inSequence><send><endpoint><loadbalance>${handled('b1')}${handled('b2')}</loadbalance></endpoint></send></inSequence>`
      ),
      handler
    ),
    backends: { b1: 'reset', b2: 'ok' }
  })
  const first = await call()
  t.equal(triedIn(first), 'b1 b2')
  t.equal(status(first), 200)
  const last = await call(undefined, 'P', { b2: 'reset' })
  t.equal(faultIn(last.reply!)?.reason, 'handled')
})

t.test('client-leaves: the connection to the back-end is closed, and no endpoint is suspended', async t => {
  let [arrive, leave] = [(): void => {}, (): void => {}]
  const arrived = new Promise<void>(resolve => { arrive = resolve })
  const left = new Promise<void>(resolve => { leave = resolve })
  const one = await backend(t, 'one', (_, response) => {
    response.once('close', leave)
    arrive()
  })
  const { app } = await gateway(t, { definitions: sending(`<address uri="${one.uri}"/>`) })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  const body = envelope()
  socket.write(['POST /services/P HTTP/1.1', ...HEAD, `Content-Length: ${body.length}`, '', body].join('\r\n'))
  await arrived
  socket.destroy()
  await left
  t.equal([...app.endpointRegistry.endpoints.values()][0]!.health.state, 'active')
})

t.test('weighted-skip: a weighted algorithm passes over a member that is suspended', async t => {
  const weighted = (name: string, weight: number): string =>
    `<endpoint>${address(name)}<property name="loadbalance.weight" value="${weight}"/></endpoint>`
  const { call } = await setUp(t, {
    definitions: sending(
      `<loadbalance algorithm="org.apache.synapse.endpoints.algorithms.WeightedRoundRobin">${weighted('b1', 2)}${weighted('b2', 1)}</loadbalance>`
    ),
    backends: { b1: 'reset', b2: 'ok' }
  })
  const found: string[] = []
  for (let count = 0; count < 4; count++) found.push(triedIn(await call()))
  t.same(found, ['b1 b2', 'b2', 'b2', 'b2'])
})

t.test('recipient-list: all recipients get a message that no mediator has read', async t => {
  const { perform } = await setUp(t, {
    definitions: sending(`<recipientlist>${member('b1')}${member('b2')}</recipientlist>`),
    backends: { b1: 'ok', b2: 'ok' }
  })
  const body = envelope('', '<for>all</for>')
  const seen = await perform({
    request: { head: ['POST /services/P HTTP/1.1', ...HEAD, 'Content-Length: 0'], body },
    settle: 1,
    atBackends: [1, 2]
  })
  t.same(seen.atBackends.map(({ backend }) => backend).sort(), ['b1', 'b2'])
  for (const each of seen.atBackends) t.match(textOf(each), '<for>all</for>')
})

t.test('error-code-in-xpath: an error code compares as a text and as a number', async t => {
  const filter = (name: string, test: string): string =>
    `<filter xpath="get-property('ERROR_CODE') = ${test}"><then><property name="${name}" value="yes" scope="transport"/></then></filter>`
  const fault =
    '<makefault version="soap11"><code value="e:Server" xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"/>' +
    '<reason value="r"/></makefault><respond/>'
  const { call } = await setUp(t, {
    definitions: sending(
      address('dead'),
      `<faultSequence>${filter('X-Text', "'101503'")}${filter('X-Number', '101503')}${fault}</faultSequence>`
    )
  })
  const { reply } = await call()
  t.same([valuesOf(reply!.head, 'x-text'), valuesOf(reply!.head, 'x-number')], [['yes'], ['yes']])
})

t.test('error-codes: a list that names what the engine shows matches as well', async t => {
  const counting = (code: number): string =>
    `<markForSuspension><errorCodes>${code}</errorCodes><retriesBeforeSuspension>1</retriesBeforeSuspension><retryDelay>0</retryDelay></markForSuspension>`
  for (const [code, isCounted] of [[101505, true], [101508, true], [101504, false]] as const) {
    const { call } = await setUp(t, {
      definitions: sending(address('b1', counting(code))),
      backends: { b1: ['close', 'ok'] }
    })
    await call()
    t.equal(triedIn(await call()), isCounted ? 'b1' : '', `${code} ${isCounted ? 'is counted first' : 'suspends'}`)
  }
  for (const plan of ['close', 'reset'] as const) {
    const { call } = await setUp(t, {
      definitions: sending(
        address('b1', '<markForSuspension><retriesBeforeSuspension>1</retriesBeforeSuspension></markForSuspension>')
      ),
      backends: { b1: [plan, 'ok'] }
    })
    await call()
    t.equal(triedIn(await call()), '', `${plan}: suspended at once, although one retry is granted to 101505`)
  }
})

t.test('session-cookie-names: names of session cookies must match exactly', async t => {
  const group = (cookies: string): string =>
    `<session type="http" ${cookies}/><loadbalance>${member('b1')}${member('b2')}</loadbalance>`
  const response = (name: string): Plan => ({
    headers: [
      ['Content-Type', 'text/xml'],
      ['Set-Cookie', `${name}=1`]
    ],
    body: envelope()
  })
  for (const [cookies, name, isSession] of [
    ['', 'JSESSIONID', true],
    ['', 'MYJSESSIONID', false],
    ['cookies="sid"', 'sid', true]
  ] as const) {
    const { send } = await setUp(t, {
      definitions: sending(group(cookies)),
      backends: { b1: response(name), b2: 'ok' }
    })
    const found: string[] = []
    for (let count = 0; count < 3; count++) {
      found.push(
        triedIn(
          await send(
            [
              'POST /services/P HTTP/1.1',
              ...HEAD,
              `Cookie: ${count > 0 ? `${name}=1` : 'a=b'}`,
              'Content-Length: 0'
            ],
            envelope()
          )
        )
      )
    }
    t.same(found, isSession ? ['b1', 'b1', 'b1'] : ['b1', 'b2', 'b1'], name)
  }
})

t.test('log-line-breaks: text of a message is one line in the log', async t => {
  const stream = new PassThrough()
  const app = Fastify({ logger: { stream } })
  t.teardown(async () => await app.close())
  const given = definitions(
    proxy(
      '<inSequence><log level="custom"><property name="said" expression="//value"/></log><respond/></inSequence>'
    )
  )
  await app.register(proxyServices, { definitions: given })
  await app.listen({ port: 0, host: '127.0.0.1' })
  await post(
    `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/services/P`,
    message('c', '<value>one\n{"level":60,"msg":"forged"}</value>')
  )
  await app.close()
  const lines = (await whole(stream.end())).trim().split('\n').map(line => JSON.parse(line))
  t.notOk(lines.some(({ msg }) => msg === 'forged'))
  t.ok(lines.some(line => JSON.stringify(line).includes('forged')), 'it is logged')
})

t.test('tls-verified: an untrusted certificate ends the connection', async t => {
  let requests = 0
  const server = createServer({ key: KEY, cert: CERTIFICATE }, (_, response) => { requests++; response.end() })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => { server.close(); server.closeAllConnections() })
  const { call } = await setUp(t, {
    definitions: sending(`<address uri="https://localhost:${(server.address() as AddressInfo).port}/s"/>`)
  })
  t.equal(status(await call()), 500)
  t.equal(requests, 0)
})

t.test('broken-artefact: without failSafe nothing starts, and every problem is reported', async t => {
  const app = Fastify()
  t.teardown(async () => await app.close())
  const given = definitions(
    proxy('<inSequence><noSuchMediator/></inSequence>'),
    proxy('<inSequence><alsoUnknown/></inSequence>', 'Q'),
    proxy('<inSequence><drop/></inSequence>', 'R')
  )
  await t.rejects(async () => await app.register(proxyServices, { definitions: given }), {
    message: /noSuchMediator[^]*alsoUnknown/
  })
})

t.test('doctype: a message with a DOCTYPE gets a 400 with a fault', async t => {
  const { call } = await setUp(t, {
    definitions: definitions(proxy('<inSequence><log level="full"/><respond/></inSequence>'))
  })
  const seen = await call(`<!DOCTYPE s:Envelope [<!ENTITY e "boom">]>${envelope('', '<a>&e;</a>')}`)
  t.equal(status(seen), 400)
  t.ok(faultIn(seen.reply!))
  t.notMatch(text(seen), 'boom')
})

t.test('runCase reports a refused configuration', async t => {
  t.match(
    await runCase({ name: '', title: '', definitions: '<definitions', backends: {}, exchanges: [] }, inProcess),
    { refused: /./ }
  )
})
