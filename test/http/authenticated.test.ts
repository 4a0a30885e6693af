import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { Agent } from 'undici'
import { until } from '../support/until.js'
import {
  type BareProxy,
  bareProxy,
  origin,
  post,
  rawBackend,
  type Wire,
  whole,
  wire
} from '../support/http/bare-proxy.js'

const TYPE_1 = 'Authorization: NTLM TlRMTVNTUAAB\r\n'
const TYPE_3 = 'Authorization: NTLM TlRMTVNTUAAD\r\n'
const TOKEN = 'Authorization: Negotiate YIIFMwYGKw\r\n'
const CHALLENGES = ['WWW-Authenticate: NTLM', 'WWW-Authenticate: Basic realm="a", Negotiate']

/** One request at the back-end. */
interface Received {
  readonly socket: Socket
  /** The user of the connection: who has authenticated it. */
  readonly user: string
}

interface AuthenticatingServer {
  readonly origin: string
  readonly received: Received[]
  readonly closed: Set<Socket>
}

/** A back-end that authenticates connections as IIS does: in two steps by NTLM, in one by Negotiate. */
async function authenticating (t: Test, challenge: string): Promise<AuthenticatingServer> {
  const received: Received[] = []
  const closed = new Set<Socket>()
  const port = await rawBackend(t, socket => {
    let user = ''
    let isChallenged = false
    socket.on('close', () => closed.add(socket)).on('error', () => {})
    socket.on('data', chunk => {
      const text = String(chunk)
      if (text.includes(TYPE_1)) isChallenged = true
      else if (text.includes(TOKEN) || (text.includes(TYPE_3) && isChallenged)) user = 'alice'
      received.push({ socket, user })
      const step = isChallenged ? 'WWW-Authenticate: NTLM TlRMTVNTUAAC' : challenge
      socket.write(user === ''
        ? `HTTP/1.1 401 Unauthorized\r\n${step}\r\nContent-Length: 2\r\n\r\nno`
        : `HTTP/1.1 200 OK\r\nContent-Length: ${user.length}\r\n\r\n${user}`)
    })
  })
  return { origin: origin(port), received, closed }
}

/** Sends a request on the connection of a client. Returns the response. */
async function send (client: Wire, headers = ''): Promise<string> {
  client.text = ''
  client.socket.write(post('x', headers))
  return await client.until(whole)
}

const connectTo = (t: Test, { port }: BareProxy): Wire => wire(t, port, '')

const CLIENTS = ['own', 'undici'] as const

t.test('authenticated: a connection that NTLM authenticates serves one client alone, and ends with it', async t => {
  for (const upstreamClient of CLIENTS) {
    for (const challenge of CHALLENGES) {
      t.test(`by ${upstreamClient}, with ${challenge}`, async t => {
        const server = await authenticating(t, challenge)
        const { received } = server
        const proxy = await bareProxy(t, { origins: [server.origin], upstreamClient })
        const [alice, bob] = [connectTo(t, proxy), connectTo(t, proxy)]
        t.match(await send(alice), / 401 /)
        t.match(await send(bob), / 401 /)
        t.not(received[1]!.socket, received[0]!.socket, 'a connection that was challenged serves no other client')
        t.match(await send(alice, TYPE_1), / 401 /)
        t.match(await send(bob), / 401 /, 'between the steps of a handshake')
        t.match(await send(alice, TYPE_3), /alice$/, 'her handshake stays on one connection')
        const hers = received.at(-1)!.socket
        t.match(await send(alice), /alice$/, 'her next request goes out on it')
        t.equal(received.at(-1)!.socket, hers)
        for (let count = 0; count < 3; count++) t.match(await send(bob), / 401 /)
        t.match(await send(connectTo(t, proxy)), / 401 /, 'another client gets another connection')
        t.ok(received.every(({ socket, user }) => user === '' || socket === hers))
        t.notOk(server.closed.has(hers))
        alice.socket.destroy()
        await until(() => server.closed.has(hers), 'her connection ends with her')
        t.match(await send(bob), / 401 /)
      })
    }
  }
})

for (const upstreamClient of CLIENTS) {
  t.test(`${upstreamClient}: a connection that Negotiate authenticates at once serves one client alone`, async t => {
    const server = await authenticating(t, CHALLENGES[1]!)
    const proxy = await bareProxy(t, { origins: [server.origin], upstreamClient })
    const [alice, bob] = [connectTo(t, proxy), connectTo(t, proxy)]
    t.match(await send(alice, TOKEN), /alice$/)
    t.match(await send(bob), / 401 /)
    t.match(await send(alice), /alice$/)
    const hers = server.received[0]!.socket
    t.ok(server.received.every(({ socket, user }) => (user !== '') === (socket === hers)))
    alice.socket.destroy()
    await until(() => server.closed.has(hers), 'her connection ends with her')
  })

  t.test(`${upstreamClient}: requests of one client that authenticate at once get a connection each`, async t => {
    const server = await authenticating(t, CHALLENGES[0]!)
    const proxy = await bareProxy(t, { origins: [server.origin], upstreamClient })
    const alice = connectTo(t, proxy)
    alice.socket.write(post('x', TOKEN) + post('x', TOKEN) + post('x', TOKEN))
    await alice.until(text => text.split('alice').length === 4)
    t.equal(new Set(server.received.map(({ socket }) => socket)).size, server.received.length)
    t.match(await send(alice), /alice$/)
    t.equal(server.received.length, 4)
    alice.socket.destroy()
    await until(() => server.received.every(({ socket }) => server.closed.has(socket)), 'all of hers end with her')
  })
}

t.test('by a dispatcher of the app, a request that authenticates its connection ends it', async t => {
  const server = await authenticating(t, CHALLENGES[0]!)
  const agent = new Agent()
  t.teardown(() => agent.close())
  const proxy = await bareProxy(t, { origins: [server.origin], upstreamClient: agent })
  const [alice, bob] = [connectTo(t, proxy), connectTo(t, proxy)]
  t.match(await send(alice, TOKEN), /alice$/)
  await until(() => server.closed.has(server.received[0]!.socket), 'the connection ends')
  t.match(await send(bob), / 401 /)
  t.match(await send(alice, TYPE_1), / 401 /)
  t.match(await send(alice, TYPE_3), / 401 /, 'a handshake of two steps fails')
  t.match(await send(bob), / 401 /)
  t.ok(server.received.slice(1).every(({ user }) => user === ''))
})
