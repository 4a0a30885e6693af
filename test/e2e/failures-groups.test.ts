import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { backend } from '../support/backend.js'
import { gateway } from '../support/gateway.js'
import { promised, rawBackend } from '../support/http/bare-proxy.js'
import { schedulingDelay } from '../support/timing/scheduling-delay.js'

const XML = { method: 'POST', headers: { 'content-type': 'application/xml' }, body: '<a/>' }
const proxyOf = (endpoint: object, more: object = {}): object => ({ proxies: { P: { endpoint, ...more } } })

t.test('a member that fails is out, and comes back as soon as it listens', async t => {
  const [one, two] = [await backend(t, 'one'), await backend(t, 'two')]
  const member = (port: number): object => ({ kind: 'member', hostName: '127.0.0.1', httpPort: port })
  const { url, app } = await gateway(t, {
    definitions: proxyOf({ kind: 'loadbalance', members: [member(one.port), member(two.port)] })
  })
  const send = async (): Promise<string> =>
    /<from>(.*)<\/from>/.exec(await (await fetch(`${url}/services/P?x=1`, XML)).text())![1]!
  await one.stop()
  t.strictSame([await send(), await send(), await send()], ['two', 'two', 'two'])
  const back = once(app.endpointRegistry, 'stateChange')
  await one.start()
  t.match(await back, [{ from: { state: 'suspended' }, to: { state: 'active' } }])
  t.strictSame([await send(), await send()].sort(), ['one', 'two'])
  t.equal(one.requests.at(-1)!.url, '/services/P?x=1')
})

t.test('a client gets the first response of a recipient list; the others still get the whole message', async t => {
  const quick = await backend(t, 'quick')
  const received = promised<string>()
  const finished = promised()
  const slow = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => { body += chunk }).on('end', () => {
      received.resolve(body)
      finished.promise.then(() => response.end('<late/>'))
    })
  }).listen(0, '127.0.0.1')
  await once(slow, 'listening')
  t.teardown(() => { slow.close(); slow.closeAllConnections() })
  const address = (name: string, uri: string): object => ({ kind: 'address', name, uri })
  const { url, app } = await gateway(t, {
    definitions: proxyOf({
      kind: 'recipientlist',
      members: [
        address('slow', `http://127.0.0.1:${(slow.address() as AddressInfo).port}/`),
        address('quick', quick.uri)
      ]
    })
  })
  const body = `<a>${'x'.repeat(1_000_000)}</a>`
  t.match(await (await fetch(`${url}/services/P`, { ...XML, body })).text(), /quick/)
  t.equal(await received.promise, body)
  t.match(quick.requests, [{ body }])
  const endpoint = app.endpointRegistry.endpoints.get('slow')!
  t.match(endpoint, { inFlight: 1, responses: 0, health: { state: 'active' } }, 'it still has the message')
  const counted = promised()
  Object.defineProperty(endpoint, 'responses', { get: () => 0, set: counted.resolve })
  finished.resolve()
  await counted.promise
  t.equal(endpoint.health.state, 'active', 'and its late response counts for it')
})

t.test('failed-recipient: a recipient that fails does not delay the response of another', async t => {
  const gone = await backend(t, 'gone')
  const well = await backend(t, 'well')
  await gone.stop()
  const { url, app } = await gateway(t, {
    definitions: proxyOf({
      kind: 'recipientlist',
      members: [
        { kind: 'address', name: 'gone', uri: gone.uri },
        { kind: 'address', uri: well.uri }
      ]
    })
  })
  t.match(await (await fetch(`${url}/services/P`, XML)).text(), /well/)
  t.equal(app.endpointRegistry.endpoints.get('gone')!.health.state, 'suspended')
  await well.stop()
  t.equal((await fetch(`${url}/services/P`, XML)).status, 503)
})

t.test('a client that disconnects from a recipient list suspends no endpoint', async t => {
  const received = promised()
  const port = await rawBackend(t, socket => socket.on('data', () => received.resolve()))
  const { url, app } = await gateway(t, {
    definitions: proxyOf({
      kind: 'recipientlist',
      members: [{ kind: 'address', name: 'silent', uri: `http://127.0.0.1:${port}/`, timeout: { duration: 60_000 } }]
    })
  })
  const leaving = new AbortController()
  const response = fetch(`${url}/services/P`, { ...XML, signal: leaving.signal })
  await received.promise
  leaving.abort()
  await t.rejects(response)
  const endpoint = app.endpointRegistry.endpoints.get('silent')!
  await app.close()
  t.match(endpoint, { failures: 0, health: { state: 'active' } })
})

t.test('late-without-action: a late response is a failure', async t => {
  const port = await rawBackend(t, socket => socket.on('data', () => {}))
  const { url } = await gateway(t, {
    definitions: proxyOf({ kind: 'address', uri: `http://127.0.0.1:${port}/`, timeout: { duration: 50 } })
  })
  const response = await fetch(`${url}/services/P`, {
    ...XML,
    body: '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
    headers: { 'content-type': 'text/xml' }
  })
  t.equal(response.status, 500)
  t.match(await response.text(), /101504/)
})

t.test('discarded: the client gets 202 when the timeout of the endpoint ends', async t => {
  const port = await rawBackend(t, socket => socket.on('data', () => {}))
  const { url, app } = await gateway(t, {
    definitions: proxyOf({
      kind: 'address',
      name: 'late',
      uri: `http://127.0.0.1:${port}/`,
      timeout: { duration: 150, responseAction: 'discard' }
    })
  })
  const scheduling = schedulingDelay(t)
  const before = performance.now()
  const response = await fetch(`${url}/services/P`, XML)
  const took = performance.now() - before
  t.match(response, { status: 202 })
  t.equal(await response.text(), '')
  t.ok(took >= 149 && took < 1500 + 2 * scheduling.take(), `after ${took} ms`)
  t.equal(app.endpointRegistry.endpoints.get('late')!.health.state, 'suspended')
})

t.test('defaults of the engine\'s own file, a WSDL beside it', async t => {
  const well = await backend(t, 'well')
  const folder = t.testdir({
    'synapse.properties':
      '# ours\nsynapse.global_endpoint_suspend_duration = 1234\nsynapse.global_timeout_interval=5000\nother=1\n',
    'q.wsdl': `<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:h="http://schemas.xmlsoap.org/wsdl/http/"><w:service name="Q"><w:port name="p"><h:address location="${well.uri}"/></w:port></w:service></w:definitions>`,
    'p.xml':
      '<proxy xmlns="http://ws.apache.org/ns/synapse" name="P"><target><endpoint name="q">' +
      '<wsdl uri="file:q.wsdl" service="Q" port="p"/></endpoint></target></proxy>'
  })
  const { url, app } = await gateway(t, { config: folder })
  t.match(await (await fetch(`${url}/services/P`, XML)).text(), /well/)
  t.match(app.endpointRegistry.endpoints.get('q'), { address: well.uri, policy: { initialDuration: 1234 } })
})
