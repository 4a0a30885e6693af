import t, { type Test } from 'tap'
import { ConnectionPool } from '../../../plugins/http/client/connection-pool.js'
import { RESPONSE_CASES, type ResponseCase } from './response-cases.js'
import { response, scriptedServer, turn, turns, type ServerConnection } from './scripted-server.js'
import { send, Sending } from './sending.js'

/** Between two pieces the client has read the first. */
async function write (connection: ServerConnection, { bytes, end }: ResponseCase,
  cuts: readonly number[]): Promise<void> {
  const { socket, tcp } = connection
  let from = 0
  for (const to of [...cuts, bytes.length]) {
    if (socket.destroyed) return
    socket.write(bytes.slice(from, to), 'latin1')
    from = to
    if (to < bytes.length || end !== undefined) await turns(3)
  }
  if (end === 'fin') socket.end()
  else if (end === 'rst') tcp.resetAndDestroy()
}

async function outcome (pool: ConnectionPool, method: string): Promise<[said: string, reused: boolean]> {
  const sending = new Sending(pool, { method, path: '/case' })
  const { head, interim, body, error } = await sending.result
  const said = [...interim, ...head === undefined ? [] : [head.status]].join(' ')
  if (error === undefined) return [`${said} ${body}`, sending.exchange.reused]
  return [[said, body, error.code].filter(part => part !== '').join(' '), sending.exchange.reused]
}

interface Manner { readonly secure: boolean, readonly reused: boolean, readonly every: number }

async function play (t: Test, { secure, reused, every }: Manner): Promise<void> {
  let current = RESPONSE_CASES[0]!
  let cuts: readonly number[] = []
  const server = await scriptedServer(t, (connection, { text }) => {
    if (text.startsWith('GET /first')) connection.socket.write(response(''))
    else void write(connection, current, cuts)
  }, { secure })
  let pool = new ConnectionPool(server.origin, { tls: { verify: false } })
  t.teardown(() => pool.destroy())
  for (const each of RESPONSE_CASES) {
    current = each
    const wrong: string[] = []
    const { length } = each.bytes
    const step = length > 500 ? Math.ceil(length / 20) : every
    for (let cut = 0; cut < length; cut += step) {
      cuts = cut === 0 ? [] : [cut]
      if (reused && pool.counters.idle === 0) await send(pool, { path: '/first' })
      await turn()
      const [said, wasReused] = await outcome(pool, each.method ?? 'GET')
      if (said !== each.want) wrong.push(`cut at ${cut}: ${said}`)
      if (wasReused !== reused) wrong.push(`cut at ${cut}: on a ${wasReused ? 'reused' : 'new'} connection`)
      await turns(5)
      const { idle, inFlight } = pool.counters
      const isRefused = /[A-Z]{3}/.test(each.want)
      if (inFlight !== 0) wrong.push(`cut at ${cut}: ${inFlight} in flight`)
      if ((idle === 1) === (isRefused || each.reusable === false)) wrong.push(`cut at ${cut}: ${idle} idle`)
      if (reused) continue
      pool.destroy()
      pool = new ConnectionPool(server.origin, { tls: { verify: false } })
    }
    t.same(wrong, [], each.name)
  }
}

t.test('responses on new connections, cut at every byte', t => play(t, { secure: false, reused: false, every: 1 }))
t.test('responses on reused connections, cut at every byte', t => play(t, { secure: false, reused: true, every: 1 }))
/** Over TLS each piece takes milliseconds: every byte only where the environment asks for it (CLIENT_SPLITS=all). */
const step = (usual: number): number => process.env['CLIENT_SPLITS'] === 'all' ? 1 : usual

t.test('responses over TLS on reused connections, cut at every 23rd byte', t =>
  play(t, { secure: true, reused: true, every: step(23) }))
t.test('responses over TLS on new connections, cut at every 41st byte', t =>
  play(t, { secure: true, reused: false, every: step(41) }))
