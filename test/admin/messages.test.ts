import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { admin, type AdminOptions } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { until } from '../support/until.js'

const TOKEN = 'secret'

interface Recorded {
  readonly app: FastifyInstance
  readonly call: (headers?: Record<string, string>, query?: string) => Promise<number>
  readonly admin: (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    payload?: object
  ) => Promise<{ status: number; body: any }>
}

/** A proxy over a member that cannot be reached and one that responds. */
async function recorded (t: Test, options: AdminOptions = {}): Promise<Recorded> {
  const up = await backend(t, 'up')
  const down = await backend(t, 'down')
  await down.stop()
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  const members = [
    ['a', down.uri],
    ['b', up.uri]
  ].map(([name, uri]) => ({ kind: 'address', name, uri }))
  const endpoint = { kind: 'loadbalance', name: 'LB', members }
  await app.register(proxyServices, {
    definitions: { proxies: { Orders: { in: [{ kind: 'send', endpoint }] } } } as object
  })
  await app.register(admin, { prefix: '/admin', console: true, token: TOKEN, ...options })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    app,
    async call (headers = {}, query = '') {
      const response = await fetch(`${url}/services/Orders${query}`, {
        method: 'POST',
        headers: { 'content-type': 'text/plain', ...headers },
        body: 'hunter2'
      })
      await response.arrayBuffer()
      return response.status
    },
    async admin (method, path, payload) {
      const headers = { authorization: `Bearer ${TOKEN}` }
      const response = await app.inject({ method, url: `/admin${path}`, headers, ...(payload && { payload }) })
      return { status: response.statusCode, body: response.json() }
    }
  }
}

t.test('nothing is recorded until it is started', async t => {
  const { admin, call, app } = await recorded(t)
  await call()
  const { body } = await admin('GET', '/messages')
  t.match(body, { recording: { isRunning: false, count: 0 }, list: [] })
  t.strictSame(
    [...app.proxyServices].map(({ recorder }) => recorder),
    [undefined],
    'no message is looked at'
  )
})

t.test('a message is recorded with its attempts, why each failed, and its heads', async t => {
  const { admin, call } = await recorded(t)
  await admin('POST', '/recording', { minutes: 5 })
  t.equal(await call({ 'x-note': 'hello' }), 200)
  const {
    body: {
      list: [message]
    }
  } = await admin('GET', '/messages')
  t.match(message, {
    proxy: 'Orders',
    method: 'POST',
    status: 200,
    attempts: [
      { endpoint: 'a', outcome: 'failed', code: Number, cause: /refused/ },
      { endpoint: 'b', outcome: 'answered', status: 200 }
    ]
  })
  const { body: detail } = await admin('GET', `/messages/${message.id}`)
  t.ok(detail.request.headers.some(([name, value]: string[]) => name === 'x-note' && value === 'hello'))
  t.equal(detail.hops.length, 2)
  t.ok(detail.hops[1].received.headers.length > 0)
  t.equal((await admin('GET', '/messages/999')).status, 404)
})

t.test('secrets are in no response: values of such headers, queries and bodies are not kept', async t => {
  const { admin, call } = await recorded(t)
  await admin('POST', '/recording', { minutes: 5 })
  const secrets = {
    authorization: 'Basic s3cr3t',
    cookie: 'JSESSIONID=s3cr3t',
    'x-api-key': 's3cr3t',
    'x-session': 's3cr3t',
    'x-auth-user': 's3cr3t',
    referer: 'http://user:s3cr3t@host/?a=s3cr3t'
  }
  await call(secrets, '?token=s3cr3t')
  const {
    body: {
      list: [{ id }]
    }
  } = await admin('GET', '/messages')
  const { body: detail } = await admin('GET', `/messages/${id}`)
  t.notMatch(JSON.stringify(detail), /s3cr3t|hunter2/)
  t.match(detail.path, /token=\*\*\*/)
})

t.test('only messages that are remarkable are kept, if that is wanted', async t => {
  const { admin, call } = await recorded(t)
  await admin('POST', '/recording', { minutes: 5, only: 'failed' })
  await call()
  await call()
  const { body } = await admin('GET', '/messages')
  t.equal(body.count, 1, 'the second one did not fail over')
})

t.test('more messages within a second than are kept are counted', async t => {
  const { admin, call } = await recorded(t)
  await admin('POST', '/recording', { minutes: 5 })
  await Promise.all(Array.from({ length: 700 }, async () => await call()))
  const {
    body: {
      recording: { count, dropped }
    }
  } = await admin('GET', '/messages')
  t.equal(count + dropped, 700)
})

t.test('messages are read in pages, newest first: before a number, and after one', async t => {
  const { admin, call } = await recorded(t)
  await admin('POST', '/recording', { minutes: 5 })
  for (let n = 0; n < 5; n++) await call()
  await until(async () => (await admin('GET', '/messages')).body.count === 5)
  const ids = async (query: string): Promise<number[]> =>
    (await admin('GET', `/messages?${query}`)).body.list.map(({ id }: { id: number }) => id)
  t.strictSame(await ids('limit=2'), [5, 4])
  t.strictSame(await ids('limit=2&before=4'), [3, 2])
  t.strictSame(await ids('limit=2&before=2'), [1])
  t.strictSame(await ids('before=1'), [])
  t.strictSame(await ids('after=1&before=4'), [3, 2])
  for (const wrong of ['before=0', 'before=x', 'limit=201', 'limit=0', 'after=-1']) {
    t.equal((await admin('GET', `/messages?${wrong}`)).status, 400, wrong)
  }
})

t.test('a recording stops by itself, and what was recorded can be cleared', async t => {
  const { admin, call } = await recorded(t)
  await admin('POST', '/recording', { minutes: 5 })
  await call()
  await admin('POST', '/recording', { minutes: 0.005 })
  await until(async () => !(await admin('GET', '/recording')).body.isRunning)
  await call()
  t.equal((await admin('GET', '/messages')).body.count, 1, 'what was recorded stays readable')
  t.equal((await admin('DELETE', '/recording?clear')).body.count, 0)
})

t.test('recorded messages are shown with the token only', async t => {
  const { app } = await recorded(t)
  for (const url of ['/admin/messages', '/admin/messages/1', '/admin/recording']) {
    t.equal((await app.inject({ url })).statusCode, 401, url)
  }
  const open = await recorded(t, { token: undefined })
  t.equal((await open.admin('GET', '/messages')).status, 403)
  t.equal((await open.admin('POST', '/recording', { minutes: 5 })).status, 403)
})
