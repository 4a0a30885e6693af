import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { gateway, SOAP_11 } from '../support/gateway.js'
import { bodyOf, wire } from '../support/http/bare-proxy.js'

// MTOM and SOAP with attachments, through sockets: the root is read and edited, and every other byte is what it was.

const FINAL = 'http://www.w3.org/2005/08/addressing'
const TYPE =
  'multipart/related; type="application/xop+xml"; boundary="uuid:1+2"; start="<root@x>"; start-info="text/xml"'
const PICTURE = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7919) % 256)).toString('latin1')
const clientId = (id: string): string => `<i:ClientID xmlns:i="http://ws.apache.org/ns/synapse">${id}</i:ClientID>`
const root = (header: string): string =>
  `<s:Envelope xmlns:s="${SOAP_11}"><s:Header>${header}</s:Header><s:Body><x><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:p"/></x></s:Body></s:Envelope>`
const parts = (header: string, { id = '<root@x>', more = '' } = {}): string =>
  `\r\n--uuid:1+2\r\nContent-ID: ${id}\r\n${more}Content-Type: application/xop+xml; charset=utf-8; type="text/xml"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${root(header)}` +
  `\r\n--uuid:1+2\r\nContent-ID: <p>\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n${PICTURE}\r\n--uuid:1+2--\r\n`

interface Got {
  readonly name: string
  readonly path: string
  readonly head: IncomingMessage['headers']
  readonly body: string
}

/** Back-ends that keep what they are sent, and respond with their name, or with parts. */
async function origins (t: Test, count: number, text?: string) {
  const got: Got[] = []
  const ports: number[] = []
  for (let number = 0; number < count; number++) {
    const server = createServer((request, response) => {
      void bodyOf(request).then(body => {
        got.push({ name: `b${number}`, path: request.url!, head: request.headers, body })
        if (text === undefined) response.end(`b${number}`)
        else response.writeHead(200, { 'Content-Type': TYPE }).end(Buffer.from(text, 'latin1'))
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => {
      server.close()
      server.closeAllConnections()
    })
    ports.push((server.address() as AddressInfo).port)
  }
  return { ports, got }
}

const sending = (endpoint: string): string =>
  `<definitions xmlns="http://ws.apache.org/ns/synapse"><proxy name="P"><target><inSequence><send><endpoint>${endpoint}</endpoint></send></inSequence></target></proxy></definitions>`
const at = (port: number, inside = ''): string => `<address uri="http://127.0.0.1:${port}/s">${inside}</address>`

async function post (t: Test, url: string, body: string, { chunked = false, type = TYPE } = {}): Promise<string> {
  const framed = chunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body
  const head = `POST /services/P/below HTTP/1.1\r\nHost: a\r\nConnection: close\r\nSOAPAction: "urn:a"\r\nContent-Type: ${type}\r\n${chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`}\r\n\r\n`
  const client = wire(t, Number(new URL(url).port), Buffer.from(head + framed, 'latin1'))
  await client.closed
  return client.text
}

t.test('sessions by ClientID are found in the root part, whole or streaming', async t => {
  for (const replayLimit of [1000, 1_000_000]) {
    const { ports, got } = await origins(t, 2)
    const group = `<session type="simpleClientSession"/><loadbalance>${ports.map(port => `<endpoint>${at(port)}</endpoint>`).join('')}</loadbalance>`
    const { url } = await gateway(t, { definitions: sending(group), limits: { replayBufferLimit: replayLimit } })
    for (const [id, chunked] of [
      ['one', false],
      ['two', true],
      ['two', false],
      ['one', true]
    ] as const) {
      await post(t, url, parts(clientId(id)), { chunked })
    }
    t.same(
      got.map(({ name }) => name),
      ['b0', 'b1', 'b1', 'b0']
    )
    t.ok(got.every(({ body }, number) => body === parts(clientId(number === 0 || number === 3 ? 'one' : 'two'))))
  }
})

t.test(
  'attachments: addressing is written into the root part, and all else passes byte by byte, both ways',
  async t => {
    for (const replayLimit of [1000, 1_000_000]) {
      for (const chunked of [false, true]) {
        const { ports, got } = await origins(
          t,
          1,
          parts(`<w:To xmlns:w="${FINAL}">urn:somewhere</w:To>${clientId('answer')}`)
        )
        const { url } = await gateway(t, {
          definitions: sending(at(ports[0]!, '<enableAddressing/>')),
          limits: { replayBufferLimit: replayLimit }
        })
        const text = await post(t, url, parts(clientId('one')), { chunked })
        const [{ head, body }] = got as [Got]
        t.match(
          body,
          /ClientID><wsa:To [^>]*>http:\/\/127\.0\.0\.1:\d+\/s<\/wsa:To><wsa:MessageID.*<wsa:Action [^>]*>urn:a<\/wsa:Action><\/s:Header>/
        )
        t.ok(body.replace(/<wsa:To.*<\/wsa:Action>/, '') === parts(clientId('one')))
        t.equal(head['content-type'], TYPE)
        t.equal(head['content-length'], chunked && replayLimit === 1000 ? undefined : String(body.length))
        t.match(text, /^HTTP\/1\.1 200 OK/)
        t.ok(text.includes(TYPE))
        const chunks = /^transfer-encoding/im.test(text.slice(0, 1000))
        t.ok(
          chunks || text.slice(text.indexOf('\r\n\r\n') + 4) === parts(clientId('answer')),
          'what was meant for us is gone'
        )
        t.notMatch(text.slice(0, 2000), 'urn:somewhere')
      }
    }
  }
)

t.test('a SOAP message with attachments goes to the address of its endpoint', async t => {
  const { ports, got } = await origins(t, 1)
  const { url } = await gateway(t, { definitions: sending(at(ports[0]!)) })
  await post(t, url, parts(''))
  t.equal(got[0]!.path, '/s')
  t.ok(got[0]!.body === parts(''))
})

t.test('a multipart message without an unambiguous root part passes unread', async t => {
  const bodies: [string, string][] = [
    [parts(clientId('one'), { id: '<another@x>' }), TYPE],
    [parts(clientId('one'), { more: `X-Long: ${'x'.repeat(100_000)}\r\n` }), TYPE],
    [parts(clientId('one')), TYPE.replace('boundary="uuid:1+2"; ', '')],
    [parts(clientId('one')), TYPE.replace('uuid:1+2', 'x'.repeat(71))],
    [parts(clientId('one')).replace('8bit', 'base64'), TYPE]
  ]
  for (const [body, type] of bodies) {
    for (const replayLimit of [1000, 1_000_000]) {
      const { ports, got } = await origins(t, 1)
      const { url } = await gateway(t, {
        definitions: sending(at(ports[0]!, '<enableAddressing/>')),
        limits: { replayBufferLimit: replayLimit }
      })
      t.match(await post(t, url, body, { type }), /^HTTP\/1\.1 200 /)
      t.ok(got[0]!.body === body)
    }
  }
})

t.test('a root part of another form is a fault of the sender, and no endpoint is suspended', async t => {
  const { ports, got } = await origins(t, 1)
  const { app, url } = await gateway(t, {
    definitions: sending(`<address uri="http://127.0.0.1:${ports[0]!}/s" format="soap12"/>`)
  })
  t.match(await post(t, url, parts('')), /^HTTP\/1\.1 500 (.|\r\n)*has attachments/)
  t.equal(got.length, 0)
  t.equal([...app.endpointRegistry.endpoints.values()][0]!.health.state, 'active')
})
