import t, { type Test } from 'tap'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { backend } from '../support/backend.js'
import { gateway, post, SOAP_11 } from '../support/gateway.js'

/** Properties of scope axis2 that say how a message is sent. @see WSO2, HTTP transport properties */
const NS = 'http://ws.apache.org/ns/synapse'
const proxy = (uri: string, before: string, after = ''): string =>
  `<definitions xmlns="${NS}"><proxy name="P"><target><inSequence>${before}<send><endpoint><address uri="${uri}"/></endpoint></send></inSequence><outSequence>${after}<send/></outSequence></target></proxy></definitions>`
const axis2 = (name: string, value: string): string => `<property name="${name}" value="${value}" scope="axis2"/>`
const envelope = (text: string): string =>
  `<s:Envelope xmlns:s="${SOAP_11}"><s:Body><x>${text}</x></s:Body></s:Envelope>`
const XML = { 'content-type': 'text/xml; charset=UTF-8', soapaction: '"urn:x"' }

async function sent (t: Test, before: string, body = envelope('a'), headers: Record<string, string> = XML) {
  const { uri, requests } = await backend(t, 'a')
  const { url } = await gateway(t, { definitions: proxy(uri, before) })
  t.equal((await post(`${url}/services/P`, body, headers)).status, 200)
  return requests[0]!
}

for (const upstreamClient of ['own', 'undici'] as const) {
  t.test(`REQUEST_HOST_HEADER is the Host that the back-end gets (${upstreamClient})`, async t => {
    const { uri, requests } = await backend(t, 'a')
    const definitions = proxy(uri, axis2('REQUEST_HOST_HEADER', 'shop.example.org'))
    const { url } = await gateway(t, { definitions, upstreamClient })
    await post(`${url}/services/P`, envelope('a'), XML)
    t.equal(requests[0]!.headers.host, 'shop.example.org')
  })

  t.test(`NO_KEEPALIVE ends the connection to the back-end with each message (${upstreamClient})`, async t => {
    const { uri, requests } = await backend(t, 'a')
    const { url } = await gateway(t, { definitions: proxy(uri, axis2('NO_KEEPALIVE', 'true')), upstreamClient })
    for (let at = 0; at < 2; at++) t.equal((await post(`${url}/services/P`, envelope('a'), XML)).status, 200)
    t.strictSame(
      requests.map(({ headers }) => headers.connection),
      ['close', 'close']
    )
  })
}

t.test('without NO_KEEPALIVE the connection is kept', async t => {
  t.equal((await sent(t, '')).headers.connection, 'keep-alive')
})

t.test('FORCE_POST_PUT_NOBODY sends POST without a body', async t => {
  const { method, body, headers } = await sent(t, axis2('FORCE_POST_PUT_NOBODY', 'true'))
  t.strictSame([method, body, headers['content-length'], headers['content-type']], ['POST', '', '0', undefined])
})

t.test('character-set-encoding: CHARACTER_SET_ENCODING is the charset of the request, and of the response', async t => {
  const { url, lastRequest } = await latin1Backend(t)
  const latin1 = axis2('CHARACTER_SET_ENCODING', 'ISO-8859-1')
  const { url: gatewayUrl } = await gateway(t, { definitions: proxy(url, latin1, latin1) })
  const response = await fetch(`${gatewayUrl}/services/P`, { method: 'POST', headers: XML, body: envelope('é€') })
  t.match(lastRequest(), /content-type: text\/xml; charset=ISO-8859-1/i)
  t.match(lastRequest(), '<x>\u00e9&#8364;</x>')
  t.match(response.headers.get('content-type'), 'charset=ISO-8859-1')
  t.match(Buffer.from(await response.arrayBuffer()).toString('latin1'), '<x>\u00e9</x>')
})

/** Keeps the bytes of a request as Latin-1, and responds in UTF-8. */
async function latin1Backend (t: Test) {
  let seen = ''
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        seen += chunk.toString('latin1')
        if (!seen.includes('</s:Envelope>')) return
        const body = Buffer.from(envelope('é'))
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-Length: ${body.length}\r\n\r\n`
        )
        socket.write(body)
      })
  })
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`, lastRequest: () => seen }
}

t.test('credentials-in-address: a user and password in an address reach neither the back-end nor the name of its endpoint', async t => {
  const { uri, requests } = await backend(t, 'a')
  const { app, url } = await gateway(t, { definitions: proxy(uri.replace('//', '//user:secret@'), '') })
  t.equal((await post(`${url}/services/P`, envelope('a'), XML)).status, 200)
  t.equal(requests[0]!.headers.authorization, undefined)
  const names = [...app.endpointRegistry.endpoints.keys()].join()
  t.notMatch(names, 'secret')
})
