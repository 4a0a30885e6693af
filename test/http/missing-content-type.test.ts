import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { gateway, message } from '../support/gateway.js'
import { whole, wire } from '../support/http/bare-proxy.js'

// What says nothing of what it is counts as XML only if it looks like it.

const ADDRESSED = (
  port: number,
  more = ''
): string => `<definitions xmlns="http://ws.apache.org/ns/synapse"><proxy name="P"><target><inSequence>${more}<send>
  <endpoint><address uri="http://127.0.0.1:${port}/s"><enableAddressing/></address></endpoint></send></inSequence><outSequence><log level="full"/><send/></outSequence></target></proxy></definitions>`

/** A back-end that responds with these bytes, piece by piece, and keeps what it was sent last. */
async function saying (t: Test, ...pieces: readonly Buffer[]) {
  const got = { text: '' }
  const server = createServer((socket: Socket) => {
    socket
      .on('error', () => {})
      .on('data', chunk => {
        got.text += chunk.toString('latin1')
        if (!whole(got.text)) return
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.concat(pieces).length}\r\nConnection: close\r\n\r\n`
        )
        const next = (at: number): void => {
          socket.write(pieces[at] ?? Buffer.alloc(0), () => {
            if (at < pieces.length) setImmediate(next, at + 1)
          })
        }
        next(0)
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { port: (server.address() as AddressInfo).port, got }
}

const post = (body: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(
      `POST /services/P HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`
    ),
    body
  ])
const BOM = Buffer.from([0xef, 0xbb, 0xbf])
const NOT_XML: Record<string, Buffer> = {
  text: Buffer.from('plain text < and more'),
  JSON: Buffer.from(' \r\n\t{"a": "<a>"}'),
  'marked text': Buffer.concat([BOM, Buffer.from('text')]),
  bytes: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 1, 0xff]),
  'UTF-16 text': Buffer.from('\uFEFFsome text', 'utf16le'),
  'one byte': Buffer.from('x'),
  blank: Buffer.from('  \n ')
}
const ENVELOPE = Buffer.from(message('c1'))

t.test('untyped: a response without Content-Type that is not XML passes byte by byte', async t => {
  for (const [name, body] of Object.entries(NOT_XML)) {
    for (const pieces of [[body], Array.from(body, byte => Buffer.from([byte]))]) {
      const { port } = await saying(t, ...pieces)
      const { url } = await gateway(t, { definitions: ADDRESSED(port) })
      const client = wire(t, Number(new URL(url).port), post(ENVELOPE))
      await client.closed
      t.match(client.text, /^HTTP\/1\.1 200 OK/, name)
      t.notMatch(client.text, /Content-Type/i, name)
      t.equal(client.text.slice(client.text.indexOf('\r\n\r\n') + 4), body.toString('latin1'), name)
    }
  }
})

t.test('a request without Content-Type that is not XML passes byte by byte', async t => {
  for (const [name, body] of Object.entries(NOT_XML)) {
    const { port, got } = await saying(t, Buffer.from('ok'))
    const { url } = await gateway(t, {
      definitions: ADDRESSED(
        port,
        '<log level="full"/><property name="X-Found" expression="boolean(//*[local-name() = \'Value\'])" scope="transport"/>'
      )
    })
    const client = wire(t, Number(new URL(url).port), post(body))
    await client.closed
    t.match(client.text, /^HTTP\/1\.1 200 OK/, name)
    t.match(got.text, /X-Found: false/, name)
    t.equal(got.text.slice(got.text.indexOf('\r\n\r\n') + 4), body.toString('latin1'), name)
  }
})

t.test('a body without a Content-Type that looks like XML is read', async t => {
  for (const mark of [Buffer.alloc(0), BOM, Buffer.from(' \r\n')]) {
    const response = Buffer.concat([
      mark,
      Buffer.from(
        message('gone').replace('<syn:', '<w:To xmlns:w="http://www.w3.org/2005/08/addressing">urn:to</w:To><syn:')
      )
    ])
    const { port, got } = await saying(t, response)
    const { url } = await gateway(t, { definitions: ADDRESSED(port) })
    const client = wire(t, Number(new URL(url).port), post(Buffer.concat([mark, ENVELOPE])))
    await client.closed
    t.match(got.text, /wsa:MessageID/)
    t.match(client.text, /^HTTP\/1\.1 200 OK(.|\r\n)*gone/)
    t.notMatch(client.text, 'urn:to')
  }
})

t.test('a body that looks like XML, and is not well-formed, is a fault', async t => {
  for (const body of ['<a', '<!DOCTYPE a><a/>']) {
    const { port } = await saying(t, Buffer.from(body))
    const { url } = await gateway(t, { definitions: ADDRESSED(port) })
    const client = wire(t, Number(new URL(url).port), post(ENVELOPE))
    await client.closed
    t.match(client.text, /^HTTP\/1\.1 (500|400) /, body)
  }
})

t.test('a Content-Type that is not a media type passes as it came', async t => {
  const { port, got } = await saying(t, Buffer.from('ok'))
  const { url } = await gateway(t, {
    definitions: `<definitions xmlns="http://ws.apache.org/ns/synapse"><proxy name="P"><target><inSequence><send><endpoint><address uri="http://127.0.0.1:${port}/s"/></endpoint></send></inSequence><outSequence><send/></outSequence></target></proxy></definitions>`
  })
  for (const type of [
    'text',
    ';;',
    '"text/xml"',
    'text/xml, text/plain',
    'a b/c',
    'text/',
    '',
    'text/xml; charset',
    'multipart/related'
  ]) {
    got.text = ''
    const response = await wire(
      t,
      Number(new URL(url).port),
      `POST /services/P HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: 4\r\n\r\n<a/>`
    ).until(whole)
    t.match(response, /^HTTP\/1\.1 200 [^]*ok$/, type)
    t.match(got.text.toLowerCase(), `content-type: ${type}\r\n`)
    t.match(got.text, /<a\/>$/)
  }
})
