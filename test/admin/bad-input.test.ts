/** Calls of the admin API of every wrong kind: one shape of errors, nothing changes, and traffic goes on. */
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { backend } from '../support/backend.js'
import { message, post } from '../support/gateway.js'
import { operatedGateway } from '../support/operation/operated-gateway.js'
import { groupsOf } from './groups.js'
import { MEMBER, switching, WRONG_BYTES, WRONG_CALLS, type Call } from './wrong-calls.js'

const TOKEN = 'token-of-the-operator'

interface RawResponse {
  /** 0: the connection ended without a response. */
  readonly status: number
  readonly head: string
  readonly body: string
}

interface Operated {
  /** Sends bytes on a connection of its own, and reads until its end. */
  readonly send: (text: string | Buffer, from?: string) => Promise<RawResponse>
  /** States, level of the log and bound sessions, as an operator sees them. */
  readonly state: () => Promise<string>
  readonly serves: () => Promise<boolean>
}

/** A gateway with a group of two, and an admin API with a console. */
async function operated (t: Test, token?: string): Promise<Operated> {
  const members = await Promise.all(['one', 'two'].map(async name => await backend(t, name)))
  const definitions = groupsOf(
    members.map(({ name, uri }) => ({ name: `servers-${name}`, uri })),
    { kind: 'simpleClientSession' }
  )
  const { gateway, url, admin } = await operatedGateway(t, definitions, { token, console: true })
  const get = async (path: string): Promise<string> =>
    await (await fetch(`${admin}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } })).text()
  return {
    send: async (text, from) => await send(gateway.adminPort!, text, from),
    state: async () => {
      const { list } = JSON.parse(await get('/endpoints')) as { list: { name: string; state: string }[] }
      return JSON.stringify([
        list.map(({ name, state }) => `${name} ${state}`),
        await get('/logging'),
        await get('/recording')
      ])
    },
    serves: async () => (await post(`${url}/services/P`, message('s1'))).status === 200
  }
}

const send = async (port: number, text: string | Buffer, localAddress = '127.0.0.1'): Promise<RawResponse> =>
  await new Promise(resolve => {
    let all = ''
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      all += chunk
    })
    socket
      .on('error', () => {})
      .on('close', () => {
        const [head = '', body = ''] = [all.slice(0, all.indexOf('\r\n\r\n')), all.slice(all.indexOf('\r\n\r\n') + 4)]
        resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), head, body })
      })
    socket.write(text)
  })

/** The bytes of a request. A body that is an object is sent as JSON. */
function bytesOf ({ method = 'GET', path, body, headers = {} }: Call): Buffer {
  const content =
    body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const all = {
    Host: '127.0.0.1',
    Connection: 'close',
    Authorization: `Bearer ${TOKEN}`,
    ...(content !== undefined && {
      'Content-Type': 'application/json',
      'Content-Length': String(Buffer.byteLength(content))
    }),
    ...headers
  }
  const lines = Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([
    Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`),
    Buffer.from(content ?? '')
  ])
}

/** What a refusal is: JSON with a message of one line. */
function isError (t: Test, { head, body }: RawResponse, message: RegExp, what: string): void {
  t.match(head, /\r\ncontent-type: application\/json/i, `${what}: JSON`)
  const parsed = JSON.parse(body || '{}') as { Error: string }
  t.strictSame(Object.keys(parsed), ['Error'], what)
  t.match(parsed.Error, message, what)
  t.notMatch(parsed.Error, /[\r\n]| {4}at |node_modules|hush/, `${what}: one line, without a stack or a secret`)
}

t.test('the admin API refuses every wrong call with one message, changes nothing, and traffic continues', async t => {
  const { send, state, serves } = await operated(t, TOKEN)
  t.ok(await serves())
  const before = await state()
  for (const [what, call, status, message] of WRONG_CALLS) {
    const response = await send(bytesOf(call))
    t.equal(response.status, status, `${what}: ${response.body}`)
    isError(t, response, message, what)
    t.ok(await serves(), `${what}: traffic goes on`)
  }
  t.equal(await state(), before, 'nothing has changed')
})

t.test('the admin port refuses bytes that are no request, and traffic continues', async t => {
  const { send, serves } = await operated(t)
  for (const [what, text, status] of WRONG_BYTES) {
    const response = await send(text)
    t.equal(response.status, status, what)
    if (status !== 0) isError(t, response, /./, what)
    t.ok(await serves(), `${what}: traffic goes on`)
  }
})

t.test('HEAD has the status of GET and no body', async t => {
  const { send } = await operated(t)
  for (const [path, status] of [
    ['/endpoints', 200],
    ['/metrics', 200],
    ['/nothing', 404],
    ['/endpoints/nothing', 404]
  ] as const) {
    const response = await send(bytesOf({ method: 'HEAD', path }))
    t.same([response.status, response.body], [status, ''], path)
  }
})

t.test('wrong tokens are slowed after ten from one address, and no other address is slowed', async t => {
  const { send, serves } = await operated(t, TOKEN)
  const request = async (token: string, from: string): Promise<RawResponse> =>
    await send(bytesOf({ path: '/endpoints', headers: { Authorization: token } }), from)
  for (const none of ['', 'Basic dXNlcjpwYXNz', 'Bearer', TOKEN]) {
    for (let count = 0; count < 4; count++) {
      const response = await request(none, '127.0.0.2')
      t.equal(response.status, 401, `"${none}" is not a token`)
      isError(t, response, /missing or wrong/, none)
    }
  }
  for (let count = 0; count < 10; count++) t.equal((await request(`Bearer wrong-${count}`, '127.0.0.2')).status, 401)
  const slowed = await request(`Bearer ${TOKEN}`, '127.0.0.2')
  t.equal(slowed.status, 429, 'the right token, too')
  isError(t, slowed, /too many wrong tokens from this address/, 'slowed')
  t.match(slowed.head, /\r\nretry-after: \d+/i)
  t.equal((await request(`Bearer ${TOKEN}`, '127.0.0.3')).status, 200, 'another address')
  t.equal((await send(bytesOf({ path: '/health/ready' }), '127.0.0.2')).status, 200, 'health is for everyone')
  t.ok(await serves())
})

t.test('a foreign Host is refused with the flag that allows it, and traffic continues', async t => {
  const { send, state, serves } = await operated(t)
  const before = await state()
  for (const Host of [
    'evil.example',
    'evil.example:9164',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'a@127.0.0.1',
    '[::1',
    ''
  ]) {
    const call = switching(MEMBER, 'off')
    const response = await send(bytesOf({ ...call, headers: { Host } }))
    t.equal(response.status, Host === '' ? 400 : 403, Host)
    if (Host !== '') isError(t, response, /is not allowed; allow it with --admin-allow-host/, Host)
  }
  t.equal(await state(), before)
  t.ok(await serves())
})
