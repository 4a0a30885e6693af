import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { startGateway } from '../../lib/cli/serve/gateway.js'
import proxyServices, { type ProxyServicesOptions } from '../../plugins/index.js'
import { capture } from '../support/operation/captured-log.js'
import { until } from '../support/until.js'
import { bodyOf, envelope, promised, whole, wire } from '../support/http/bare-proxy.js'

// OUT_ONLY and FORCE_SC_ACCEPTED: the client has its 202 before an endpoint has answered, and what it sent is delivered
// without it.

const FORCED = '<property name="FORCE_SC_ACCEPTED" value="true" scope="axis2"/>'
const ONE_WAY = '<property name="OUT_ONLY" value="true"/>'
const definitions = (inside: string, fault = '', out = ''): string =>
  `<definitions xmlns="http://ws.apache.org/ns/synapse"><proxy name="P"><target><inSequence>${inside}</inSequence>${out}${fault}</target></proxy></definitions>`
const at = (port: number): string => `<endpoint><address uri="http://127.0.0.1:${port}/s"/></endpoint>`
const sendTo = (...ports: number[]): string =>
  `<send><endpoint><failover>${ports.map(at).join('')}</failover></endpoint></send>`

async function open (t: Test, options: ProxyServicesOptions) {
  const { app, lines } = capture(t, 'warn')
  await app.register(proxyServices, options)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const [services] = [...app.proxyServices]
  return { app, lines, services: services!, port: (app.server.address() as AddressInfo).port }
}

/** A back-end that hands each request to the caller of `next`, and responds when the test resumes it. */
async function held (t: Test) {
  const come: Array<{ request: IncomingMessage; response: ServerResponse; body: Promise<string> }> = []
  const waiting: Array<() => void> = []
  const server = createServer((request, response) => {
    come.push({ request, response, body: bodyOf(request) })
    waiting.shift()?.()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  let taken = 0
  const next = async () => {
    if (come.length <= taken) await new Promise<void>(resolve => waiting.push(resolve))
    return come[taken++]!
  }
  return { port: (server.address() as AddressInfo).port, next, come }
}

const post = (body: string, headers = ''): string =>
  `POST /services/P HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nSOAPAction: "urn:a"\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const ok = (response: ServerResponse): void => {
  response.writeHead(200, { 'Content-Type': 'text/xml' }).end(envelope(100))
}

for (const [name, property] of [
  ['FORCE_SC_ACCEPTED', FORCED],
  ['OUT_ONLY', ONE_WAY]
] as const) {
  t.test(
    `one-way: ${name}: 202 at once; the next member is tried although the client has disconnected, and the first one is suspended`,
    async t => {
      const [one, two] = [await held(t), await held(t)]
      const { app, port, services } = await open(t, {
        definitions: definitions(property + sendTo(one.port, two.port), '', '<outSequence><send/></outSequence>')
      })
      const client = wire(t, port, post(envelope(1000)))
      const first = await one.next()
      t.match(await client.until(whole), /^HTTP\/1\.1 202 Accepted\r\n/)
      t.notMatch(client.text, /Content-Type/i)
      t.equal(services.detachedDeliveries.size, 1)
      t.ok(services.budget.inUse > 0, 'what may have to be sent again is still accounted for')
      client.socket.destroy()
      await client.closed
      first.request.socket.destroy()
      const second = await two.next()
      t.equal(await second.body, envelope(1000))
      ok(second.response)
      await until(() => services.detachedDeliveries.size === 0)
      t.equal(services.budget.inUse, 0)
      t.same(
        [...app.endpointRegistry.endpoints.values()].map(({ health: { state } }) => state),
        ['suspended', 'active']
      )
    }
  )

  t.test(`${name}: the fault sequence runs; without one, the log names the lost message`, async t => {
    const [dead, letters] = [await held(t), await held(t)]
    const fault = `<faultSequence><property name="OUT_ONLY" action="remove"/><property name="X-Code" expression="get-property('ERROR_CODE')" scope="transport"/><send>${at(letters.port)}</send></faultSequence>`
    for (const faultSequence of [fault, '']) {
      const { port, lines } = await open(t, { definitions: definitions(property + sendTo(dead.port), faultSequence) })
      const client = wire(t, port, post(envelope(1000)))
      const first = await dead.next()
      t.match(await client.until(whole), /^HTTP\/1\.1 202 /)
      first.request.socket.destroy()
      if (faultSequence === '') {
        await until(() => lines.some(({ msg }) => /detached message was not delivered/.test(msg)))
        continue
      }
      const { request, response } = await letters.next()
      t.equal(request.headers['x-code'], '101505')
      ok(response)
    }
  })

  t.test(`${name}: a body that streams is there as a whole before its client gets a response`, async t => {
    const one = await held(t)
    const { port, services } = await open(t, {
      definitions: definitions(property + sendTo(one.port)),
      limits: { replayBufferLimit: 1000 }
    })
    const request = post(envelope(500_000))
    const client = wire(t, port, request.slice(0, 300_000))
    const { body, response } = await one.next()
    await until(() => services.detachedDeliveries.size === 1)
    t.equal(client.text, '')
    client.socket.write(request.slice(300_000))
    t.equal(await body, envelope(500_000))
    t.match(await client.until(whole), /^HTTP\/1\.1 202 Accepted\r\n(?!(.|\r\n)*Connection: close)/)
    ok(response)
    await until(() => services.detachedDeliveries.size === 0)
  })

  t.test(`${name}: a truncated body is not delivered`, async t => {
    const one = await held(t)
    const { app, port, services, lines } = await open(t, {
      definitions: definitions(property + sendTo(one.port)),
      limits: { replayBufferLimit: 1000 }
    })
    const client = wire(t, port, post(envelope(500_000)).slice(0, 300_000))
    const { request, body } = await one.next()
    body.catch(() => {})
    const closed = promised()
    request.socket.on('close', closed.resolve)
    client.socket.destroy()
    await closed.promise
    await until(() => services.detachedDeliveries.size === 0)
    t.ok(lines.some(({ msg }) => /not delivered/.test(msg)))
    t.equal([...app.endpointRegistry.endpoints.values()][0]!.health.state, 'active')
  })

  t.test(`${name}: a client whose body the endpoint stops reading gets a response`, async t => {
    const one = await held(t)
    const { port } = await open(t, {
      definitions: definitions(property + sendTo(one.port)),
      limits: { replayBufferLimit: 1000 }
    })
    const client = wire(t, port, post(envelope(5_000_000)).slice(0, 300_000))
    const { request, body } = await one.next()
    body.catch(() => {})
    request.socket.destroy()
    t.match(await client.until(whole), /^HTTP\/1\.1 202 (.|\r\n)*Connection: close/)
  })
}

t.test('one-way: call with OUT_ONLY: mediation continues at once with the unchanged message', async t => {
  const [one, dead] = [await held(t), await held(t)]
  const call = (port: number): string => `<call>${at(port)}</call>`
  const { port, lines, services } = await open(t, {
    definitions: definitions(
      `${ONE_WAY}${call(one.port)}${call(dead.port)}<property name="X-Next" value="yes" scope="transport"/><respond/>`
    )
  })
  const client = wire(t, port, post(envelope(1000)))
  const text = await client.until(whole)
  t.match(text, /^HTTP\/1\.1 200 /)
  t.match(text, /^X-Next: yes/m)
  t.ok(text.endsWith(envelope(1000)))
  t.equal(services.detachedDeliveries.size, 2)
  ok((await one.next()).response)
  ;(await dead.next()).request.socket.destroy()
  await until(() => services.detachedDeliveries.size === 0)
  t.match(lines.map(({ msg }) => msg).join(), /not delivered/)
})

t.test('beyond the limit of detached deliveries, the next message keeps its client waiting', async t => {
  const one = await held(t)
  const { port, services } = await open(t, {
    definitions: definitions(FORCED + sendTo(one.port)),
    limits: { maxDetached: 1 }
  })
  const [first, second] = [wire(t, port, post('<a/>')), wire(t, port, post('<b/>'))]
  const both = [await one.next(), await one.next()]
  await Promise.race([first.until(whole), second.until(whole)])
  t.equal([first, second].filter(({ text }) => text !== '').length, 1)
  t.equal(services.detachedDeliveries.size, 1)
  for (const { response } of both) ok(response)
  for (const each of [first, second]) t.match(await each.until(whole), /^HTTP\/1\.1 202 /)
})

t.test('a back-end that never responds holds a detached message for detachedTimeout only', async t => {
  const one = await held(t)
  const { port, services, lines } = await open(t, {
    definitions: definitions(ONE_WAY + sendTo(one.port)),
    limits: { detachedTimeout: 50 }
  })
  const client = wire(t, port, post('<a/>'))
  await client.until(whole)
  await until(() => services.detachedDeliveries.size === 0)
  t.match(lines.map(({ msg }) => msg).join(), /not delivered/)
})

/**
 * Closes something while a message is under way there whose client has its response; what happened, in order. @param
 * closing resolves when closing has begun
 */
async function closedMeanwhile (
  t: Test,
  one: Awaited<ReturnType<typeof held>>,
  port: number,
  close: () => Promise<unknown>,
  closing: () => Promise<unknown>
): Promise<void> {
  const client = wire(t, port, post('<a/>', 'Connection: close\r\n'))
  const { response } = await one.next()
  await client.closed
  const order: string[] = []
  const closed = close().then(() => order.push('closed'))
  await closing()
  order.push('answered')
  ok(response)
  await closed
  t.same(order, ['answered', 'closed'])
}

t.test('the app closes when its detached messages are delivered', async t => {
  const one = await held(t)
  const { app, port } = await open(t, { definitions: definitions(FORCED + sendTo(one.port)) })
  await closedMeanwhile(
    t,
    one,
    port,
    async () => await app.close(),
    async () => await new Promise(setImmediate)
  )
})

t.test('the gateway closes when its detached messages are delivered', async t => {
  const one = await held(t)
  const gateway = await startGateway({
    port: 0,
    host: '127.0.0.1',
    logLevel: 'silent',
    definitions: definitions(FORCED + sendTo(one.port))
  })
  await closedMeanwhile(
    t,
    one,
    gateway.port,
    async () => await gateway.close(),
    async () => await until(() => !gateway.app.server.listening)
  )
})

t.test('a detached message that is not delivered in time is aborted, and logged', async t => {
  const one = await held(t)
  const list = `<send><endpoint><recipientlist>${at(one.port)}</recipientlist></endpoint></send>`
  for (const sending of [sendTo(one.port), list]) {
    const { port, services, lines } = await open(t, { definitions: definitions(FORCED + sending) })
    const client = wire(t, port, post('<a/>'))
    const { request } = await one.next()
    await client.until(whole)
    const cut = promised()
    ;(request.socket as Socket).on('close', cut.resolve)
    await services.detachedDeliveries.settle(1)
    await cut.promise
    await until(() => services.detachedDeliveries.size === 0)
    t.match(lines.map(({ msg }) => msg).join(), /was aborted/)
  }
})

t.test('reason-phrase: HTTP_SC_DESC is the reason phrase; one that would break the head is refused', async t => {
  const set = (name: string, expression: string): string =>
    `<property name="${name}" expression="${expression}" scope="axis2"/>`
  const { port } = await open(t, {
    definitions: definitions(`${set('HTTP_SC_DESC', '//d')}${set('HTTP_SC', '//c')}<respond/>`)
  })
  const statusLine = async (code: string, reason: string): Promise<string> => {
    const socket = wire(
      t,
      port,
      post(
        `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><c>${code}</c><d>${reason}</d></s:Body></s:Envelope>`,
        'Connection: close\r\n'
      )
    )
    await socket.closed
    return socket.text.slice(0, socket.text.indexOf('\r\n'))
  }
  t.equal(await statusLine('418', 'I am a teapot'), 'HTTP/1.1 418 I am a teapot')
  t.equal(await statusLine('200', 'Ça va €'), 'HTTP/1.1 200 \xc7a va ?')
  t.equal(await statusLine('200', 'a&#13;&#10;Set-Cookie: b=c'), 'HTTP/1.1 500 Internal Server Error')
})
