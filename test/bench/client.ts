/**
 * What one request costs by each client: the project's own, undici's, and that of node:http, against one raw server
 * in a process of its own.
 *
 *     npm run bench:client -- [--seconds 60] [--requests 4000] [--only NAME]
 *
 * The clients take turns in every round; printed are the median CPU time of this process for a request, and the
 * median of the ratios to undici within a round.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request as nodeRequest } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createSecureServer } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { ConnectionPool } from '../../plugins/http/client/connection-pool.js'
import { CERTIFICATE, KEY } from '../support/http/certificate.js'
import { median, quartiles, ratios } from './figures.js'

const SELF = fileURLToPath(import.meta.url)
const BLOCK = Buffer.alloc(65_536, 'x')
const ENVELOPE = Buffer.from('x'.repeat(700))
const HEADERS = [
  'Content-Type', 'application/soap+xml; charset=UTF-8; action="urn:sampleOperation"', 'Accept', '*/*',
  'Accept-Encoding', 'gzip, deflate', 'X-Request-Id', '0f3b9c1e-8d8e-4a41-9a5e-2f1f2d3c4b5a'
]
const RESPONSES: Readonly<Record<string, readonly [head: string, size: number]>> = {
  '/small': ['Content-Length: 700\r\n\r\n', 700],
  '/chunked': ['Transfer-Encoding: chunked\r\n\r\n', 700],
  '/large': ['Content-Length: 16777216\r\n\r\n', 16_777_216]
}
const START = 'HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml; charset=UTF-8\r\n' +
  'Date: Sun, 29 Nov 2026 00:00:00 GMT\r\n' +
  'Server: bench\r\nConnection: keep-alive\r\n'

interface Client {
  readonly name: string
  readonly send: (path: string) => Promise<number>
  readonly close: () => unknown
}

interface Bench {
  readonly name: string
  readonly path: string
  readonly secure: boolean
  readonly concurrency: number
  /** Of the requests of a round. */
  readonly weight: number
}

const BENCHES: readonly Bench[] = [
  { name: 'one connection, 700 bytes each way', path: '/small', secure: false, concurrency: 1, weight: 1 },
  { name: '64 connections, 700 bytes each way', path: '/small', secure: false, concurrency: 64, weight: 1 },
  { name: '64 connections, response in chunks', path: '/chunked', secure: false, concurrency: 64, weight: 1 },
  { name: '64 connections, TLS', path: '/small', secure: true, concurrency: 64, weight: 1 },
  { name: '4 connections, response of 16 MB', path: '/large', secure: false, concurrency: 4, weight: 1 / 200 }
]

// The server

function serveRaw (socket: Socket): void {
  let text = ''
  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    for (;;) {
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = Number(/content-length: *(\d+)/i.exec(text.slice(0, end))?.[1] ?? 0)
      if (text.length < end + 4 + length) return
      const path = text.slice(text.indexOf(' ') + 1, text.indexOf(' ', 5))
      text = text.slice(end + 4 + length)
      respond(socket, path)
    }
  })
}

function respond (socket: Socket, path: string): void {
  const [head, size] = RESPONSES[path]!
  const body = 'x'.repeat(Math.min(size, 700))
  if (size === 700) socket.write(START + head + (path === '/chunked' ? `2bc\r\n${body}\r\n0\r\n\r\n` : body), 'latin1')
  else {
    socket.write(START + head, 'latin1')
    let left = size
    const more = (): void => {
      while (left > 0) {
        left -= BLOCK.length
        if (socket.write(BLOCK)) continue
        socket.once('drain', more)
        return
      }
    }
    more()
  }
}

async function runServer (): Promise<void> {
  const ports: number[] = []
  const servers: Server[] = [createServer(serveRaw), createSecureServer({ key: KEY, cert: CERTIFICATE }, serveRaw)]
  for (const server of servers) {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    ports.push((server.address() as AddressInfo).port)
  }
  process.send!(ports)
  process.on('disconnect', () => process.exit())
}

// The clients

function own (origin: string): Client {
  const pool = new ConnectionPool(origin, { tls: { verify: false } })
  return {
    name: 'own',
    close: () => pool.close(),
    send: path => new Promise((resolve, reject) => {
      let size = 0
      pool.request({ method: 'POST', path, headers: HEADERS, body: ENVELOPE }, {
        onHead () {},
        onBody (_, chunk) { size += chunk.length },
        onEnd () { resolve(size) },
        onError (_, error) { reject(error) }
      })
    })
  }
}

function ofUndici (origin: string): Client {
  const pool = new Pool(origin, { connect: { rejectUnauthorized: false }, headersTimeout: 0, keepAliveTimeout: 60_000 })
  return {
    name: 'undici',
    close: () => pool.close(),
    send: path => new Promise((resolve, reject) => {
      let size = 0
      pool.dispatch({ method: 'POST', path, headers: HEADERS, body: ENVELOPE }, {
        onRequestStart () {},
        onResponseStart () {},
        onResponseData (_, chunk) { size += chunk.length },
        onResponseEnd () { resolve(size) },
        onResponseError (_, error) { reject(error) }
      })
    })
  }
}

function ofNode (origin: string, secure: boolean): Client {
  const keepAlive = true
  const agent = secure ? new SecureAgent({ keepAlive, rejectUnauthorized: false }) : new Agent({ keepAlive })
  const headers: Record<string, string> = { 'Content-Length': String(ENVELOPE.length) }
  for (let at = 0; at < HEADERS.length; at += 2) headers[HEADERS[at]!] = HEADERS[at + 1]!
  const make = secure ? secureRequest : nodeRequest
  return {
    name: 'node:http',
    close: () => agent.destroy(),
    send: path => new Promise((resolve, reject) => {
      let size = 0
      make(origin + path, { agent, method: 'POST', headers }, response => {
        response.on('data', (chunk: Buffer) => { size += chunk.length }).on('end', () => resolve(size))
      }).on('error', reject).end(ENVELOPE)
    })
  }
}

// The measurement

async function costOf (client: Client, { path, concurrency }: Bench, requests: number): Promise<number> {
  const [, expected] = RESPONSES[path]!
  let left = requests
  const before = process.cpuUsage()
  await Promise.all(Array.from({ length: concurrency }, async () => {
    while (left-- > 0) {
      if (await client.send(path) !== expected) throw new Error(`${client.name}: a response is not whole`)
    }
  }))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / requests
}

async function measure (bench: Bench, port: number, requests: number, seconds: number): Promise<void> {
  const origin = `${bench.secure ? 'https' : 'http'}://127.0.0.1:${port}`
  const clients = [own(origin), ofUndici(origin), ofNode(origin, bench.secure)]
  const costs = clients.map((): number[] => [])
  const count = Math.max(bench.concurrency * 2, Math.round(requests * bench.weight))
  for (const client of clients) await costOf(client, bench, count * 2)
  const until = performance.now() + seconds * 1000
  let round = 0
  for (; performance.now() < until; round++) {
    for (let turn = 0; turn < clients.length; turn++) {
      const at = (turn + round) % clients.length
      costs[at]!.push(await costOf(clients[at]!, bench, count))
    }
  }
  for (const client of clients) await client.close()
  console.log(`${bench.name} (${round} rounds of ${count})`)
  clients.forEach(({ name }, at) => {
    const cost = median(costs[at]!).toFixed(1).padStart(8)
    console.log(`  ${name.padEnd(10)} ${cost} µs CPU   ${quartiles(ratios(costs[at]!, costs[1]!))} of undici`)
  })
}

async function run (): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      requests: { type: 'string', default: '4000' },
      only: { type: 'string', default: '' }
    }
  })
  const server: ChildProcess = fork(SELF, ['server'])
  const [ports] = await once(server, 'message') as [number[]]
  const chosen = BENCHES.filter(({ name }) => name.includes(values.only))
  for (const bench of chosen) {
    await measure(bench, ports[bench.secure ? 1 : 0]!, Number(values.requests), Number(values.seconds) / chosen.length)
  }
  server.disconnect()
}

await (process.argv[2] === 'server' ? runServer() : run())
