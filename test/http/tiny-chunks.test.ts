import { createHash } from 'node:crypto'
import { Agent, get, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { cpuSeconds } from '../support/processes/processes.js'
import { serve } from '../support/processes/serve-process.js'
import { backend, origin } from '../support/http/bare-proxy.js'
import { until } from '../support/until.js'

const SIZE = 1_000_000
/**
 * What the gateway may take for one message of a million chunks, in milliseconds of processor time, as all below: it
 * takes 2,000 to 2,800.
 */
const MESSAGE_LIMIT = 6_000
/** What it may do in one turn of the event loop: it does 20 to 210, and 750 to 1,100 where one turn reads all. */
const TURN_LIMIT = 500
/** What it may do before it responds to another client, beyond ten times what it does while idle: it does 50 to 260. */
const DELAY_LIMIT = 750
/** Bytes in chunks that come at once where the gateway stood still: less than the system holds for a connection. */
const GATHERED = 2_400_000
/** As much as is sent before, so that the window of the connection has grown. */
const BEFORE = 16_000_000

const BODY = Buffer.from(`<v>${'x'.repeat(SIZE)}</v>`)
const DIGEST = createHash('sha256').update(BODY).digest('hex')
/** The body in chunks of one byte. */
const CHUNKS = Buffer.concat([
  Buffer.from(Array.from(BODY, byte => `1\r\n${String.fromCharCode(byte)}\r\n`).join(''), 'latin1'),
  Buffer.from('0\r\n\r\n')
])

const LONGEST_TURN = new URL('../support/processes/longest-turn.js', import.meta.url).href

const proxy = (uri: string, more: object[] = []): object =>
  ({ in: [...more, { kind: 'send', endpoint: { kind: 'address', uri } }], out: [...more, { kind: 'send' }] })

/** Resolves with the digest of all that comes. */
async function digestOf (body: AsyncIterable<Buffer>, onPart?: (part: Buffer) => void): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of body) {
    hash.update(part)
    onPart?.(part)
  }
  return hash.digest('hex')
}

interface Running {
  readonly port: number
  /** Milliseconds of processor time until now. */
  readonly spent: () => number
  readonly signal: (signal: NodeJS.Signals) => void
  /** Milliseconds of processor time that the longest turn of the event loop took since this was called before. */
  readonly longestTurn: () => Promise<number>
  /** Bytes of request bodies that the back-end has. */
  readonly received: () => number
}

/** The gateway, in a process of its own, before a back-end that responds in tiny chunks to GET. */
async function start (t: Test): Promise<Running> {
  let received = 0
  const port = await backend(t, async (request, response) => {
    if (request.url!.startsWith('/small')) return response.end('small')
    if (request.method === 'POST') return response.end(await digestOf(request, part => { received += part.length }))
    const { socket } = request
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n')
    socket.end(CHUNKS)
  })
  const read = { kind: 'property', name: 'read', expression: { xpath: 'string-length(//v)' } }
  const file = join(t.testdir(), 'definitions.json')
  writeFileSync(file, JSON.stringify({
    proxies: {
      Passed: proxy(`${origin(port)}/large`),
      Read: proxy(`${origin(port)}/large`, [read]),
      Small: proxy(`${origin(port)}/small`)
    }
  }))
  const environment = { NODE_OPTIONS: `--import ${LONGEST_TURN}` }
  const running = serve(t, file, ['--log-level', 'info'], { environment })
  let readings = 0
  return {
    port: await running.port('Server'),
    spent: () => cpuSeconds(running.child.pid!) * 1000,
    signal: signal => running.child.kill(signal),
    longestTurn: async () => {
      running.child.kill('SIGUSR2')
      return (await running.line(/^longest turn$/, ++readings))['ms'] as number
    },
    received: () => received
  }
}

/** Small requests one after the other, while this holds. Returns the most that the gateway did before a response. */
async function smallRequests (
  t: Test,
  { port, spent }: Running,
  goesOn: (sent: number) => boolean
): Promise<{ sent: number, slowest: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let [sent, slowest] = [0, 0]
  while (goesOn(sent)) {
    const begin = spent()
    const response = await new Promise<string>((resolve, reject) => {
      get({ port, host: '127.0.0.1', path: '/services/Small', agent }, response => {
        let text = ''
        response.setEncoding('utf8').on('data', part => { text += part }).on('end', () => resolve(text))
      }).on('error', reject)
    })
    if (response !== 'small') t.fail(`another client got ${response}`)
    slowest = Math.max(slowest, spent() - begin)
    sent++
  }
  agent.destroy()
  return { sent, slowest }
}

function open (port: number, service: string): Socket {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write(
    `POST /services/${service} HTTP/1.1\r\nHost: a\r\nContent-Type: application/xml\r\n` +
      'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n'
  )
  return socket
}

/** Sends the body in tiny chunks. Resolves with the body of the response. */
async function sendChunks (port: number, service: string): Promise<string> {
  const socket = open(port, service)
  socket.write(CHUNKS)
  return await digestIn(socket)
}

/** Resolves with the digest in the response on a connection. */
async function digestIn (socket: Socket): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part as Buffer)
  const text = Buffer.concat(parts).toString('latin1')
  return /[0-9a-f]{64}/.exec(text)?.[0] ?? text.slice(0, 500)
}

/** Requests the body in tiny chunks. Resolves with its digest. */
const receiveChunks = (port: number, service: string): Promise<string> =>
  new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path: `/services/${service}`, agent: false }, response => {
      digestOf(response).then(resolve, reject)
    }).on('error', reject).end()
  })

t.setTimeout(600_000)

for (const [service, how] of [['Passed', 'passes'], ['Read', 'reads']] as const) {
  for (const [what, exchange] of [['request', sendChunks], ['response', receiveChunks]] as const) {
    t.test(`tiny chunks: a ${what} of a million chunks that a proxy ${how} takes bounded time, and delays no other`, {
      skip: process.platform !== 'linux'
    }, async t => {
      const running = await start(t)
      const idle = await smallRequests(t, running, sent => sent < 50)
      await running.longestTurn()
      const begin = running.spent()
      let over = false
      const exchanged = exchange(running.port, service).finally(() => { over = true })
      const busy = await smallRequests(t, running, () => !over)
      t.equal(await exchanged, DIGEST)
      const took = running.spent() - begin
      t.ok(took < MESSAGE_LIMIT, `${Math.round(took)} ms for the message and ${busy.sent} small requests`)
      t.ok(busy.sent > 0)
      const limit = 10 * idle.slowest + DELAY_LIMIT
      const longest = await running.longestTurn()
      t.ok(longest < TURN_LIMIT, `${longest} ms in one turn of the event loop, ${TURN_LIMIT} at most`)
      t.ok(busy.slowest < limit, `${Math.round(busy.slowest)} ms before a response, ${Math.round(limit)} at most`)
    })
  }
}

t.test('tiny chunks: those that came while the gateway stood still are read in many turns', {
  skip: process.platform !== 'linux'
}, async t => {
  const { port, signal, longestTurn, received } = await start(t)
  const socket = open(port, 'Passed')
  const before = Buffer.alloc(BEFORE, ' ')
  socket.write(`${BEFORE.toString(16)}\r\n`)
  socket.write(before)
  socket.write('\r\n')
  await until(() => received() === BEFORE)
  await longestTurn()
  signal('SIGSTOP')
  let sent = 0
  while (sent < GATHERED) {
    const part = CHUNKS.subarray(sent, sent + 60_000)
    await new Promise<void>(resolve => socket.write(part, () => resolve()))
    sent += part.length
  }
  signal('SIGCONT')
  socket.write(CHUNKS.subarray(sent))
  t.equal(await digestIn(socket), createHash('sha256').update(before).update(BODY).digest('hex'))
  const longest = await longestTurn()
  t.ok(longest < TURN_LIMIT, `${longest} ms in one turn of the event loop, ${TURN_LIMIT} at most`)
})
