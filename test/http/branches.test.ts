import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer, type ServerResponse } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t, { type Test } from 'tap'
import { gateway } from '../support/gateway.js'
import { bodyOf } from '../support/http/bare-proxy.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

// Branches of a message on real connections: side by side, limited, with and without a client.

interface Arrival {
  readonly body: string
  readonly response: ServerResponse
}

/** A back-end that hands out its requests in the order of their arrival, and responds when the test does. */
async function held (t: Test) {
  const arrivals: Arrival[] = []
  const waiting: (() => void)[] = []
  const server = createServer((request, response) => {
    void bodyOf(request).then(body => {
      arrivals.push({ body, response })
      waiting.shift()?.()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  let taken = 0
  const next = async (): Promise<Arrival> => {
    while (arrivals.length <= taken) await new Promise<void>(resolve => waiting.push(resolve))
    return arrivals[taken++]!
  }
  return { port: (server.address() as AddressInfo).port, next, arrivals }
}

const respond = ({ response }: Arrival, xml: string): void => {
  response.writeHead(200, { 'Content-Type': 'application/xml' }).end(xml)
}

const proxy = (inside: string, out = ''): string =>
  `<definitions xmlns="http://ws.apache.org/ns/synapse"><proxy name="P"><target><inSequence>${inside}</inSequence>` +
  `${out}</target></proxy></definitions>`
const call = (port: number): string => `<call><endpoint><address uri="http://127.0.0.1:${port}/"/></endpoint></call>`
const iterate = (port: number, more = ''): string =>
  `<property name="all"><all xmlns=""/></property><iterate id="i" expression="//item"${more}>` +
  `<target><sequence>${call(port)}</sequence></target></iterate>`
const aggregate = (condition: string): string =>
  `<aggregate id="i"><completeCondition${condition}/>` +
  '<onComplete expression="//ok" enclosingElementProperty="all"><respond/></onComplete></aggregate>'
const items = (count: number): string =>
  `<items>${Array.from({ length: count }, (_, index) => `<item>${index}</item>`).join('')}</items>`
const post = async (url: string, body: string, signal?: AbortSignal): Promise<string> => {
  const response = await fetch(`${url}/services/P`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/xml' },
    ...(signal && { signal })
  })
  return await response.text()
}

t.test('branches are sent side by side, and the responses are joined in the order of their arrival', async t => {
  const { port, next } = await held(t)
  const { url } = await gateway(t, { definitions: proxy(iterate(port) + aggregate('')) })
  const response = post(url, items(2))
  const [one, two] = [await next(), await next()]
  respond(two, '<ok>two</ok>')
  respond(one, '<ok>one</ok>')
  t.match(await response, /^<all><ok>(one|two)<\/ok><ok>(one|two)<\/ok><\/all>$/)
})

t.test('sequential branches are sent one after the other', async t => {
  const { port, next, arrivals } = await held(t)
  const { url } = await gateway(t, { definitions: proxy(iterate(port, ' sequential="true"') + aggregate('')) })
  const response = post(url, items(3))
  for (const text of ['a', 'b', 'c']) {
    const arrival = await next()
    t.equal(arrivals.at(-1), arrival)
    respond(arrival, `<ok>${text}</ok>`)
  }
  t.equal(await response, '<all><ok>a</ok><ok>b</ok><ok>c</ok></all>')
})

t.test('an aggregate whose time is over is complete with the responses that have arrived', async t => {
  const { port, next } = await held(t)
  const { url } = await gateway(t, { definitions: proxy(iterate(port) + aggregate(' timeout="1"')) })
  const response = post(url, items(2))
  const [first, late] = [await next(), await next()]
  respond(first, '<ok>first</ok>')
  t.equal(await response, '<all><ok>first</ok></all>')
  respond(late, '<ok>late</ok>')
  t.match(await post(url, '<items/>'), '', 'the gateway continues')
})

t.test('an aggregate that can never be complete: its client gets the response when the last branch has ended', async t => {
  const { port, next } = await held(t)
  const timeout = '<timeout><duration>3000</duration><responseAction>fault</responseAction></timeout>'
  const silent = call(port).replace('/>', `>${timeout}</address>`)
  const split = iterate(port).replace(call(port), silent)
  const { app, url } = await gateway(t, {
    definitions: proxy(split + aggregate('').replace('<completeCondition/>', '<completeCondition><messageCount min="9"/></completeCondition>'))
  })
  const response = post(url, items(3))
  respond(await next(), '<ok>one</ok>')
  await next()
  await next()
  t.equal(await response, '<all><ok>one</ok></all>')
  const closed = app.close()
  t.equal(await closed, undefined, 'nothing is left that the app waits for')
})

t.test('aggregates that never complete hold no memory: their messages are released with their requests', async t => {
  const { port, next } = await held(t)
  const never = aggregate('').replace('<completeCondition/>', '<completeCondition><messageCount min="9"/></completeCondition>')
  const { url } = await gateway(t, { definitions: proxy(iterate(port) + never) })
  const large = `<ok>${'x'.repeat(1_000_000)}</ok>`
  const heap: number[] = []
  for (let round = 0; round < 30; round++) {
    const response = post(url, items(2))
    respond(await next(), large)
    respond(await next(), large)
    t.equal((await response).length, 2 * large.length + '<all></all>'.length)
    collect()
    heap.push(process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed)
  }
  const growth = heap.at(-1)! - heap[9]!
  t.ok(growth < 40_000_000, `${growth} bytes more after 20 rounds of 4 MB: what is kept would be 80 MB`)
})

t.test('at most 32 branches of a request run at one time', async t => {
  const { port, next, arrivals } = await held(t)
  const { url } = await gateway(t, { definitions: proxy(iterate(port) + aggregate('')) })
  const response = post(url, items(40))
  const first = []
  for (let count = 0; count < 32; count++) first.push(await next())
  t.equal(arrivals.length, 32)
  for (const each of first) respond(each, '<ok/>')
  for (let count = 32; count < 40; count++) respond(await next(), '<ok/>')
  t.equal((await response).match(/<ok\/>/g)?.length, 40)
})

t.test('a copy is delivered when its client has the response, and the app waits for it when it closes', async t => {
  const { port, next, arrivals } = await held(t)
  const copy = `<clone continueParent="true"><target><sequence>${call(port)}${call(port)}</sequence></target></clone>`
  const { app, url } = await gateway(t, { definitions: proxy(`${copy}<respond/>`) })
  const first = next()
  t.equal(await post(url, '<x/>'), '<x/>')
  const one = await first
  const closed = app.close()
  respond(one, '<y/>')
  respond(await next(), '<z/>')
  await closed
  t.same(
    arrivals.map(({ body }) => body),
    ['<x/>', '<y/>']
  )
})

t.test('FORCE_SC_ACCEPTED before a split: the client gets 202 at once, and the aggregate runs', async t => {
  const { port, next } = await held(t)
  const forced = '<property name="FORCE_SC_ACCEPTED" value="true" scope="axis2"/>'
  const joined = `<aggregate id="i"><completeCondition/><onComplete expression="//ok" enclosingElementProperty="all">
    ${call(port)}</onComplete></aggregate>`
  const { url } = await gateway(t, { definitions: proxy(forced + iterate(port) + joined) })
  t.equal(await post(url, items(2)), '')
  respond(await next(), '<ok/>')
  respond(await next(), '<ok/>')
  const last = await next()
  t.equal(last.body, '<all><ok/><ok/></all>')
  respond(last, '<done/>')
})

t.test('branches that have not begun are left out when the client disconnects', async t => {
  const { port, next, arrivals } = await held(t)
  const { app, url } = await gateway(t, { definitions: proxy(iterate(port, ' sequential="true"')) })
  const leaving = new AbortController()
  const connected = once(app.server, 'connection')
  const response = post(url, items(3), leaving.signal)
  const [socket]: Socket[] = await connected
  const first = await next()
  const closed = once(socket!, 'close')
  leaving.abort()
  await t.rejects(response)
  await closed
  respond(first, '<ok/>')
  const probe = post(url, items(1))
  respond(await next(), '<ok/>')
  t.equal(await probe, '')
  t.equal(arrivals.length, 2)
})

t.test('where no more deliveries may continue, branches that have not begun are left out', async t => {
  const { port, next, arrivals } = await held(t)
  const copy = `<clone continueParent="true"><target><sequence>${call(port)}${call(port)}</sequence></target></clone>`
  const { url } = await gateway(t, { definitions: proxy(`${copy}<respond/>`), limits: { maxDetached: 0 } })
  t.equal(await post(url, '<x/>'), '<x/>')
  respond(await next(), '<y/>')
  respond(await next(), '<z/>')
  t.equal(arrivals.length, 2, 'a branch that has begun continues')
})
