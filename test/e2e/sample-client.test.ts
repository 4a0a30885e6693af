import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test, type Test } from 'tap'
import { placeOrder, sessionClient, simpleClient } from '../../lib/cli/sample/client.js'
import { startBackend } from '../../lib/cli/sample/server.js'

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = []
  for await (const each of items) list.push(each)
  return list
}

async function listen (t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => { server.close(); server.closeAllConnections() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/LBProxy`
}

const seen = async (request: IncomingMessage) => ({ ...request.headers, body: await text(request) })
const envelopeOf = (content: string, namespace = 'http://www.w3.org/2003/05/soap-envelope') =>
  `<e:Envelope xmlns:e="${namespace}"><e:Body>${content}</e:Body></e:Envelope>`

test('mode session sends what the documented client sends, each time with a random session', async t => {
  const requests: Awaited<ReturnType<typeof seen>>[] = []
  const url = await listen(t, async (request, response) => {
    requests.push(await seen(request))
    response.end(envelopeOf('<Value>Response from server: A</Value>'))
  })
  const chances = [0, 0.34, 0.99]
  const replies = await all(sessionClient({ url, requests: 3, random: () => chances.shift()! }))
  t.same(
    replies,
    ([0, 1, 2] as const).map(session => ({
      number: session + 1,
      session,
      status: 200,
      text: 'Response from server: A',
      fault: false
    }))
  )
  t.match(requests[1], {
    'content-type': 'application/soap+xml; charset=UTF-8; action="urn:sampleOperation"',
    'transfer-encoding': 'chunked',
    'user-agent': 'Axis2',
    body: '<soapenv:Header><syn:ClientID xmlns:syn="http://ws.apache.org/ns/synapse">c2</syn:ClientID></soapenv:Header><soapenv:Body><Value>v1</Value></soapenv:Body>'
  })
  t.equal(requests[1]!.body.includes('addressing'), false)
})

test('a fault is a response with its reason, in both versions of SOAP', async t => {
  const now = await listen(t, (_request, response) => {
    response.statusCode = 500
    response.end(
      envelopeOf(
        '<e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code><e:Reason>' +
        '<e:Text xml:lang="en">no server</e:Text></e:Reason></e:Fault>'
      )
    )
  })
  t.match(await all(sessionClient({ url: now, requests: 1 })), [{ status: 500, text: 'no server', fault: true }])
  const old = await listen(t, (_request, response) => {
    response.statusCode = 500
    response.end(
      envelopeOf(
        '<e:Fault><faultcode>e:Server</faultcode><faultstring>no server</faultstring></e:Fault>',
        'http://schemas.xmlsoap.org/soap/envelope/'
      )
    )
  })
  t.match(await all(simpleClient({ url: old, requests: 1 })), [
    { number: 1, status: 500, text: 'no server', fault: true }
  ])
})

test('a response without a Value in no namespace stops the client, as do a missing and an endless response', async t => {
  for (const content of ['<Value xmlns="urn:other">x</Value>', '', '<Other/>']) {
    const url = await listen(t, (_request, response) => { response.end(envelopeOf(content)) })
    await t.rejects(all(sessionClient({ url, requests: 1 })), {
      message: 'the response has no element Value in no namespace'
    })
  }
  const closes = await listen(t, request => { request.socket.destroy() })
  await t.rejects(all(sessionClient({ url: closes, requests: 1 })))
  const endless = await listen(t, (_request, response) => {
    response.on('close', () => response.destroy())
    response.end(Buffer.alloc(1024 * 1024 + 1))
  })
  await t.rejects(all(sessionClient({ url: endless, requests: 1 })), { message: /exceeds 1048576 bytes/ })
})

test('mode simple is SOAP 1.1, and sends cookies back', async t => {
  const requests: Awaited<ReturnType<typeof seen>>[] = []
  const url = await listen(t, async (request, response) => {
    requests.push(await seen(request))
    response
      .setHeader('Set-Cookie', ['JSESSIONID=a1; Path=/', 'nonsense', 'b=2'])
      .end(envelopeOf('<Value>x</Value>', 'http://schemas.xmlsoap.org/soap/envelope/'))
  })
  await all(simpleClient({ url, requests: 2 }))
  t.match(requests[0], {
    'content-type': 'text/xml; charset=UTF-8',
    soapaction: '"urn:sampleOperation"',
    body: /<soapenv:Body><Value>Sample string<\/Value>/
  })
  t.same(requests.map(each => each.cookie), [undefined, 'JSESSIONID=a1; b=2'])
})

test('client and back-end understand each other', async t => {
  const log: string[] = []
  const backend = await startBackend({ port: 0, name: 'MyServer1', log: line => log.push(line) })
  t.teardown(() => backend.close())
  const url = `http://127.0.0.1:${backend.port}/services`
  for (const replies of [
    await all(sessionClient({ url: `${url}/LBService1`, requests: 5 })),
    await all(simpleClient({ url: `${url}/LBService1`, requests: 5 }))
  ]) {
    t.same(
      replies.map(({ text }) => text),
      Array(5).fill('Response from server: MyServer1')
    )
  }
  t.same(
    await placeOrder({
      url: `${url}/SimpleStockQuoteService`,
      symbol: 'IBM',
      quantity: 18398,
      price: 172.23182849731984
    }),
    { status: 202, fault: undefined }
  )
  t.match(log.join(), 'Accepted order #1 for : 18398 stocks of IBM at $ 172.23182849731984')
})
