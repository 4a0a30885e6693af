import { EventEmitter, once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { AdminOptions } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { freePort } from '../support/free-port.js'
import { message, stickyProxy } from '../support/gateway.js'
import { adminApp } from '../support/operation/admin-app.js'

const SOAP_TYPE = { 'content-type': 'application/soap+xml' }
const sticky = (...uris: string[]): object => ({ proxies: { Quotes: stickyProxy(uris) } })

/** An address without a listener: the port was free a moment ago. */
const nowhere = async (): Promise<string> => `http://127.0.0.1:${await freePort()}/nowhere`

/** An app with proxies and an admin below /ops. */
const operated = (t: Test, definitions: object, options: AdminOptions = {}): Promise<FastifyInstance> =>
  adminApp(t, { definitions }, { prefix: '/ops', ...options })
const call = async (app: FastifyInstance, session = 's1') =>
  await app.inject({ method: 'POST', url: '/services/Quotes', headers: SOAP_TYPE, payload: message(session) })
const get = async (app: FastifyInstance, path: string): Promise<any> => (await app.inject(`/ops${path}`)).json()
const post = async (app: FastifyInstance, payload: object, path = '/endpoints') =>
  await app.inject({ method: 'POST', url: `/ops${path}`, payload })

t.test('the admin API lists which endpoints are out, why, and until when', async t => {
  const [down, up] = [await nowhere(), await backend(t, 'up')]
  const app = await operated(t, sticky(down, up.uri))
  const before = Date.now()
  t.equal((await call(app)).statusCode, 200)
  const { count, list } = await get(app, '/endpoints')
  t.equal(count, 2)
  const [out, fine] = list
  t.hasStrict(out, {
    name: `Quotes ${down}`,
    kind: 'address',
    address: down,
    state: 'suspended',
    ready: false,
    trialInFlight: false,
    inFlight: 0,
    oldestRequestSeconds: null,
    responses: 0,
    failures: 1
  })
  t.match(out.cause, /refused/)
  t.ok(Date.parse(out.since) >= before && Date.parse(out.since) <= Date.now())
  t.equal(Date.parse(out.nextRetry) - Date.parse(out.since), 30_000)
  t.ok(out.secondsLeft > 0 && out.secondsLeft <= 30)
  t.hasStrict(fine, {
    address: up.uri,
    state: 'active',
    ready: true,
    since: null,
    cause: null,
    nextRetry: null,
    secondsLeft: null,
    responses: 1,
    failures: 0
  })

  t.match(await get(app, `/endpoints/${encodeURIComponent(out.name)}`), {
    ...out,
    secondsLeft: Number,
    groups: ['Quotes loadbalance'],
    suspension: { initialDuration: 30_000, progressionFactor: 1 },
    recentFailures: [{ at: out.since, code: 101503, cause: /refused/ }],
    failuresByCode: [{ code: 101503, count: 1 }],
    faultsByStatus: []
  })
  t.equal((await app.inject('/ops/endpoints/Missing')).statusCode, 404)
})

t.test('how long the oldest request has waited is shown while a back-end does not respond', async t => {
  const held: ServerResponse[] = []
  const arrived = new EventEmitter()
  const frozen = await backend(t, 'frozen', (_, response) => arrived.emit('request', held.push(response)))
  const app = await operated(t, sticky(frozen.uri))
  const oldest = async (): Promise<number | null> => (await get(app, '/endpoints')).list[0].oldestRequestSeconds
  const reply = call(app)
  await once(arrived, 'request')
  const first = await oldest()
  const second = call(app)
  await once(arrived, 'request')
  const line = /^proxy_services_endpoint_oldest_request_seconds\{.*\} (.+)$/m
  let metric = 0
  while (metric === 0) metric = Number(line.exec((await app.inject('/ops/metrics')).body)?.[1])
  const last = await oldest()
  if (first === null || last === null) return t.fail('no age is shown')
  t.ok(first >= 0 && first <= metric && metric <= last, `${first} s, ${metric} s, ${last} s`)
  t.ok(last < 60, 'it is in seconds')
  for (const response of held) response.end()
  await Promise.all([reply, second])
  t.equal(await oldest(), null)
})

t.test('groups list their ready members, and how many sessions they keep', async t => {
  const [down, up] = [await nowhere(), await backend(t, 'up')]
  const app = await operated(t, sticky(down, up.uri))
  for (const session of ['a', 'b', 'c']) await call(app, session)
  t.strictSame(await get(app, '/groups'), {
    count: 1,
    list: [
      {
        name: 'Quotes loadbalance',
        kind: 'loadbalance',
        members: [
          { name: `Quotes ${down}`, ready: false, state: 'suspended' },
          { name: `Quotes ${up.uri}`, ready: true, state: 'active' }
        ],
        ready: 1,
        sessions: { bound: 3, evicted: 0, timeout: 120_000, expiry: 'sliding', maxSessions: 1_000_000 }
      }
    ]
  })
  t.strictSame(await get(app, '/proxy-services'), {
    count: 1,
    list: [
      {
        name: 'Quotes',
        path: '/services/Quotes',
        transports: ['http', 'https'],
        isRunning: true,
        wsdlProblem: null
      }
    ]
  })
})

t.test('an endpoint is switched off, drained and switched on', async t => {
  const [one, two] = [await backend(t, 'one'), await backend(t, 'two')]
  const app = await operated(t, sticky(one.uri, two.uri))
  const name = `Quotes ${one.uri}`
  const served = async (session: string): Promise<string> =>
    /<from>(.*)<\/from>/.exec((await call(app, session)).body)?.[1] ?? 'none'
  t.equal(await served('first'), 'one')

  t.equal((await post(app, { name, status: 'draining' })).statusCode, 200)
  t.equal(await served('first'), 'one', 'draining: its own sessions stay')
  t.same([await served('second'), await served('third')], ['two', 'two'], 'and no new one comes')

  const off = await post(app, { status: 'Inactive' }, `/endpoints/${encodeURIComponent(name)}`)
  t.equal(off.statusCode, 200)
  t.hasStrict(off.json(), {
    Message: `${name} is switched off`,
    list: [{ name, state: 'off', ready: false, cause: null }]
  })
  t.equal(await served('first'), 'two', 'off: its sessions start over elsewhere')
  t.equal((await post(app, { name, status: 'draining' })).statusCode, 409, 'what is off cannot be drained')

  t.equal((await post(app, { name, status: 'active' })).json().Message, `${name} is switched on`)
  t.equal(await served('first'), 'two', 'on: the session stays where it went')

  t.same(
    (await post(app, { name: 'Quotes loadbalance', status: 'inactive' }))
      .json()
      .list.map((each: { state: string }) => each.state),
    ['off', 'off'],
    'a group is switched as a whole'
  )
})

t.test('an invalid request to the admin API changes nothing', async t => {
  const up = await backend(t, 'up')
  const app = await operated(t, sticky(up.uri))
  const name = `Quotes ${up.uri}`
  for (const [payload, status] of [
    [{ name, status: 'asleep' }, 400],
    [{ name }, 400],
    [{ status: 'inactive' }, 400],
    [{ name: 'Missing', status: 'inactive' }, 404],
    [{ name: '__proto__', status: 'inactive' }, 404],
    [{ name, status: 'constructor' }, 400],
    [{ name: { toString: 1 }, status: 'inactive' }, 400],
    [[], 400]
  ] as const) {
    const response = await post(app, payload)
    t.equal(response.statusCode, status, JSON.stringify(payload))
    t.type(response.json().Error, 'string')
  }
  t.equal((await app.inject({ method: 'POST', url: '/ops/endpoints' })).statusCode, 400, 'no body')
  t.equal(
    (
      await app.inject({
        method: 'POST',
        url: '/ops/endpoints',
        headers: { 'content-type': 'text/plain' },
        payload: JSON.stringify({ name, status: 'inactive' })
      })
    ).statusCode,
    415,
    'what a page may send without a preflight'
  )
  t.equal((await get(app, '/endpoints')).list[0].state, 'active')
})

t.test('admin: with a token, every request but those for health must carry it', async t => {
  const up = await backend(t, 'up')
  const app = await operated(t, sticky(up.uri), { token: 'open-sesame' })
  let lastByte = 0
  const send = async (url: string, authorization?: string, method: 'GET' | 'POST' = 'GET') =>
    (
      await app.inject({
        method,
        url,
        remoteAddress: `127.0.0.${++lastByte}`,
        headers: { ...(authorization && { authorization }) },
        ...(method === 'POST' && { payload: { name: `Quotes ${up.uri}`, status: 'inactive' } })
      })
    ).statusCode
  for (const path of ['/ops/endpoints', '/ops/endpoints/x', '/ops/groups', '/ops/proxy-services', '/ops/metrics']) {
    for (const wrong of [
      undefined,
      'Bearer',
      'Bearer wrong',
      'Bearer open-sesame2',
      'Basic open-sesame',
      'open-sesame'
    ]) {
      t.equal(await send(path, wrong), 401, `${path} ${wrong}`)
    }
  }
  t.equal(await send('/ops/endpoints', undefined, 'POST'), 401)
  t.equal(await send('/ops/endpoints', 'bearer open-sesame'), 200)
  t.equal(await send('/ops/endpoints', 'Bearer open-sesame', 'POST'), 200)
  t.same([await send('/ops/health/live'), await send('/ops/health/ready')], [200, 200])
})

t.test('without a token, only this machine may change anything, and no web page on it', async t => {
  const up = await backend(t, 'up')
  const app = await operated(t, sticky(up.uri))
  const payload = { name: `Quotes ${up.uri}`, status: 'inactive' }
  const change = async (remoteAddress: string, headers: Record<string, string> = {}) =>
    (await app.inject({ method: 'POST', url: '/ops/endpoints', payload, headers, remoteAddress })).statusCode
  for (const remote of ['10.0.0.1', '192.168.1.1', '::ffff:10.0.0.1', '2001:db8::1', '12.7.0.1']) {
    t.equal(await change(remote), 403, remote)
  }
  t.equal(
    await change('127.0.0.1', { 'x-forwarded-for': '10.0.0.1' }),
    403,
    'a proxy on this machine hands on what comes from elsewhere'
  )
  t.equal(await change('127.0.0.1', { forwarded: 'for=10.0.0.1' }), 403)
  t.equal(await change('127.0.0.1', { origin: 'http://evil.example' }), 403)
  t.equal(await change('127.0.0.1', { 'sec-fetch-site': 'cross-site' }), 403)
  t.equal((await get(app, '/endpoints')).list[0].state, 'active', 'nothing has changed')
  t.equal(
    (await app.inject({ url: '/ops/endpoints', remoteAddress: '10.0.0.1' })).statusCode,
    200,
    'looking is allowed'
  )
  for (const here of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '127.8.9.10']) t.equal(await change(here), 200, here)
})

t.test('passwords and keys in addresses are shown nowhere', async t => {
  const up = await backend(t, 'up')
  const uri = up.uri.replace('//', '//scott:tiger@') + '?key=hush&mode=fast'
  const app = await operated(t, sticky(uri))
  await call(app)
  for (const path of ['/endpoints', '/groups', '/proxy-services', '/metrics']) {
    t.notMatch((await app.inject(`/ops${path}`)).body, /scott|tiger|hush|fast/, path)
  }
  const [{ name, address }] = (await get(app, '/endpoints')).list
  t.equal(address, `http://127.0.0.1:${up.port}/up?key=***&mode=***`, 'credentials are no part of the address')
  const off = await post(app, { name, status: 'inactive' })
  t.equal(off.statusCode, 200, 'it is switched by the name under which it is shown')
  t.notMatch(off.body, /tiger|hush/)
  t.equal((await get(app, '/endpoints')).list[0].state, 'off')
})

t.test('endpoints that differ only in what is not shown are not confused', async t => {
  const up = await backend(t, 'up')
  const app = await operated(t, sticky(`${up.uri}?key=1`, `${up.uri}?key=2`))
  t.equal((await post(app, { name: `Quotes ${up.uri}?key=***`, status: 'inactive' })).statusCode, 409)
  t.equal((await post(app, { name: `Quotes ${up.uri}?key=2`, status: 'inactive' })).statusCode, 200)
  t.same(
    (await get(app, '/endpoints')).list.map((each: { state: string }) => each.state),
    ['active', 'off']
  )
})

t.test('where messages bring their addresses, each has a state of its own', async t => {
  const up = await backend(t, 'up')
  const app = await operated(t, {
    proxies: {
      Quotes: {
        in: [
          { kind: 'property', name: 'where', value: `${up.uri}/a` },
          {
            kind: 'send',

            endpoint: { kind: 'loadbalance', members: [{ name: 'Wherever', kind: 'address', uri: '${where}' }] }
          }
        ]
      }
    }
  })
  t.match(await get(app, '/groups'), { list: [{ members: [{ name: 'Wherever', ready: true, state: null }] }] })
  const switched = await post(app, { name: 'Quotes loadbalance', status: 'inactive' })
  t.equal(switched.statusCode, 404, 'no member is known yet')
  await call(app)
  t.match(await get(app, '/endpoints'), {
    count: 1,
    list: [
      {
        name: `Wherever http://127.0.0.1:${up.port}`,
        kind: 'dynamic',
        address: `http://127.0.0.1:${up.port}`,
        responses: 1
      }
    ]
  })
})
