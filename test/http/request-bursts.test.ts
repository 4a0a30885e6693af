import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import t, { type Test } from 'tap'
import { CERTIFICATE, KEY } from '../support/http/certificate.js'
import { LARGE_PER_TURN, spreadRequestBursts } from '../../plugins/http/server/request-bursts.js'

const CLIENTS = 3 * LARGE_PER_TURN + 7
const BODY = 'x'.repeat(20_000)
const LARGE = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`
const CHUNKED = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' +
  `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`
const LAST = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

/** A server that counts the requests of each turn of the event loop, and clients that are connected to it. */
async function connected (t: Test, isSecure = false): Promise<{ clients: Client[], perTurn: Map<number, number> }> {
  const perTurn = new Map<number, number>()
  let turn = 0
  const next = (): void => {
    turn++
    timer = setImmediate(next)
  }
  let timer = setImmediate(next)
  t.teardown(() => clearImmediate(timer))
  const onRequest: RequestListener = (request, response) => {
    perTurn.set(turn, (perTurn.get(turn) ?? 0) + 1)
    let size = 0
    request.on('data', (chunk: Buffer) => { size += chunk.length }).on('end', () => response.end(`<${size}>`))
  }
  const server = isSecure ? createSecureServer({ key: KEY, cert: CERTIFICATE }, onRequest) : createServer(onRequest)
  spreadRequestBursts(server)
  await once(server.listen({ port: 0, host: '127.0.0.1', backlog: CLIENTS }), 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const clients = await Promise.all(Array.from({ length: CLIENTS }, async () => {
    const address = { port, host: '127.0.0.1' }
    const secureAddress = { ...address, ca: CERTIFICATE, servername: 'localhost' }
    const client = new Client(isSecure ? connectSecurely(secureAddress) : connect(address))
    t.teardown(() => client.socket.destroy())
    await once(client.socket, isSecure ? 'secureConnect' : 'connect')
    return client
  }))
  return { clients, perTurn }
}

class Client {
  readonly socket: Socket
  text = ''
  #onText = (): void => {}

  constructor (socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1').on('error', () => {}).on('data', (chunk: string) => {
      this.text += chunk
      this.#onText()
    })
  }

  /** Resolves when the body of a response is here. */
  async has (size: number): Promise<void> {
    while (!this.text.includes(`<${size}>`)) await new Promise<void>(resolve => { this.#onText = resolve })
    this.text = ''
  }
}

const BURSTS = [['with a length', LARGE, false], ['in chunks', CHUNKED, false], ['over TLS', LARGE, true]] as const
for (const [what, request, isSecure] of BURSTS) {
  t.test(`large bodies ${what}: a burst is received in portions, again and again on its connections`, async t => {
    const { clients, perTurn } = await connected(t, isSecure)
    for (let burst = 0; burst < 3; burst++) {
      for (const { socket } of clients) socket.write(request)
      for (const client of clients) await client.has(BODY.length)
    }
    t.equal([...perTurn.values()].reduce((sum, count) => sum + count), 3 * CLIENTS)
    const most = Math.max(...perTurn.values())
    // A record of TLS that is decrypted already is read in the same turn.
    t.ok(most <= LARGE_PER_TURN + (isSecure ? 8 : 0), `${most} in one turn`)
  })
}

t.test('connections that end while they wait for their turn leave the others', async t => {
  const { clients } = await connected(t)
  for (const { socket } of clients) socket.write(LARGE)
  for (const { socket } of clients.slice(1, -1)) socket.resetAndDestroy()
  for (const client of [clients[0]!, clients.at(-1)!]) {
    await client.has(BODY.length)
    client.socket.write(LAST)
    await client.has(0)
  }
  t.pass()
})
