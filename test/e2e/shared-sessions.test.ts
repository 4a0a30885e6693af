/** Several gateways that have their sessions in common. */
import { EventEmitter, once } from 'node:events'
import type { ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { fault } from '../../lib/message/fault.js'
import type { Registry } from '../../lib/state/registry.js'
import { admin, redisSessions, type SessionStore } from '../../plugins/index.js'
import { backend, type Backend } from '../support/backend.js'
import { post, SOAP_11, type GatewayResponse } from '../support/gateway.js'
import { mapStore } from '../support/sessions/map-store.js'
import { missing, redisServer } from '../support/sessions/redis.js'
import { replica, type Replica } from '../support/sessions/replica.js'

const SHARED = 'sessions are shared with other gateways'
const ALONE = 'sessions are not shared with other gateways'
const MESSAGE = `<s:Envelope xmlns:s="${SOAP_11}"><s:Body/></s:Envelope>`

const configuration = (members: readonly Backend[], session: object = {}): object => ({
  proxies: {
    P: {
      in: [
        {
          kind: 'send',
          endpoint: {
            kind: 'loadbalance',
            name: 'servers',
            session: { kind: 'header', name: 'X-Session', ...session },
            members: members.map(({ name, uri }) => ({ kind: 'address', name, uri }))
          }
        }
      ],
      out: [{ kind: 'send' }]
    }
  }
})
/** As if a message had failed there. */
const suspend = (registry: Registry, name: string): void =>
  registry.signal(registry.endpoints.get(name)!, { kind: 'fault', fault: fault('CONNECTION_FAILED', 'supposed') })
const send = ({ url }: Replica, session: string) =>
  post(url, MESSAGE, { 'content-type': 'text/xml; charset=UTF-8', soapaction: '"urn:x"', 'x-session': session })
const trio = async (t: Test): Promise<Backend[]> =>
  await Promise.all(['one', 'two', 'three'].map(name => backend(t, name)))

t.test('a session stays where it is, whichever gateway its messages come to', async t => {
  const members = await trio(t)
  const sessionStore = mapStore()
  const gateways = [
    await replica(t, { definitions: configuration(members), sessionStore }),
    await replica(t, { definitions: configuration(members.toReversed()), sessionStore })
  ]
  for (let session = 0; session < 30; session++) {
    const first = await send(gateways[session % 2]!, `s${session}`)
    for (const gateway of gateways) t.equal((await send(gateway, `s${session}`)).from, first.from)
  }
  t.same(
    [...sessionStore.kept.keys()].filter(key => !/^servers:[\w-]{22}$/.test(key)),
    ['trial'],
    'the store gets no ids'
  )
  t.same(new Set([...sessionStore.kept.values()]), new Set(['trial', 'one', 'two', 'three']), 'and names of members')
  t.equal(gateways[0]!.log.filter(line => line.includes(SHARED)).length, 1)
  t.notMatch(gateways.flatMap(({ log }) => log).join(''), /"s\d+"/, 'no log has ids')
})

/** No lookup learns that a session is new before every gateway has looked it up. */
function raced (store: SessionStore, gateways: number): SessionStore {
  const waiting = new Map<string, (() => void)[]>()
  return {
    ...store,
    async lookup (session) {
      const others = waiting.get(session.key) ?? []
      waiting.set(session.key, others)
      if (others.length === gateways) return await store.lookup(session)
      await new Promise<void>(resolve => { if (others.push(resolve) === gateways) for (const each of others) each() })
      return null
    }
  }
}

t.test('first messages of one session that come to two gateways at once meet at one member', async t => {
  const members = await trio(t)
  const sessionStore = { ...raced(mapStore(), 2), timeout: 60_000 }
  const gateways = await Promise.all(
    [members, members.toReversed()].map(each => replica(t, { definitions: configuration(each), sessionStore }))
  )
  for (let session = 0; session < 9; session++) {
    const before = members.map(({ requests }) => requests.length)
    const responses = await Promise.all(gateways.map(gateway => send(gateway, `race ${session}`)))
    t.same(responses.map(({ status }) => status), [200, 200])
    t.equal(responses[0]!.from, responses[1]!.from)
    t.same(
      members.map(({ requests }, at) => requests.length - before[at]!).sort(),
      [0, 0, 2],
      'and no other back-end has seen any of them'
    )
  }
})

t.test('a gateway that loses the race for a session follows the winner, also when that has moved the session', async t => {
  const members = await trio(t)
  const sessionStore = { ...raced(mapStore(), 2), timeout: 60_000 }
  const gateways = await Promise.all(
    [members, members.toReversed()].map(each =>
      replica(t, { definitions: configuration(each, { onLost: 'redispatch' }), sessionStore })
    )
  )
  await members[1]!.stop()
  for (let session = 0; session < 9; session++) {
    const responses = await Promise.all(gateways.map(gateway => send(gateway, `race ${session}`)))
    t.same(responses.map(({ status }) => status), [200, 200])
    t.equal(responses[0]!.from, responses[1]!.from)
  }
})

t.test('a gateway that loses the race to a member that is not ready here waits for it', async t => {
  const members = await trio(t)
  const sessionStore = { ...raced(mapStore(), 2), timeout: 60_000 }
  const gateways = await Promise.all(
    [members, members.toReversed()].map(each => replica(t, { definitions: configuration(each), sessionStore }))
  )
  for (const [at, { app }] of gateways.entries()) suspend(app.endpointRegistry, ['three', 'one'][at]!)
  for (const session of ['a', 'b', 'c', 'd']) {
    const responses = await Promise.all(gateways.map(gateway => send(gateway, session)))
    const [first] = responses.filter(({ status }) => status === 200)
    for (const { status, from, body } of responses) {
      if (status === 200) t.equal(from, first!.from)
      else t.match(body, 'not ready')
    }
    for (const [at, gateway] of gateways.entries()) t.same((await send(gateway, session)).status, responses[at]!.status)
  }
})

t.test(
  'a first message moves its session while another gateway tries the failed member: the other gateway follows',
  async t => {
    const held: ServerResponse[] = []
    const arrivals = new EventEmitter()
    const one = await backend(t, 'one', (_request, response) => {
      arrivals.emit('arrived', held.push(response))
    })
    const two = await backend(t, 'two')
    const sessionStore = mapStore()
    const definitions = configuration([one, two])
    const gateways = await Promise.all([0, 1].map(() => replica(t, { definitions, sessionStore })))
    const responses: Promise<GatewayResponse>[] = []
    for (const gateway of gateways) {
      const arrived = once(arrivals, 'arrived')
      responses.push(send(gateway, '7'))
      await arrived
    }
    held[0]!.destroy()
    t.equal((await responses[0]!).from, 'two')
    held[1]!.destroy()
    t.equal((await responses[1]!).from, 'two')
  }
)

t.test('a member dies: a session that may move moves for all gateways', async t => {
  const members = await trio(t)
  const sessionStore: SessionStore = { ...mapStore(), cacheTtl: 1_000_000 }
  const gateways = await Promise.all(
    [0, 1].map(() => replica(t, { definitions: configuration(members, { onLost: 'redispatch' }), sessionStore }))
  )
  for (const gateway of gateways) t.equal((await send(gateway, '7')).from, 'one')
  await members[0]!.stop()
  const { from } = await send(gateways[0]!, '7')
  t.not(from, 'one')
  t.equal((await send(gateways[1]!, '7')).from, from, 'a failing member bypasses the near cache')
})

t.test('a strict session waits, at every gateway', async t => {
  const members = await trio(t)
  const sessionStore = mapStore()
  const gateways = await Promise.all(
    [0, 1].map(() => replica(t, { definitions: configuration(members), sessionStore }))
  )
  t.equal((await send(gateways[0]!, '7')).from, 'one')
  await members[0]!.stop()
  for (const gateway of gateways) t.match((await send(gateway, '7')).status, 500)
  await members[0]!.start()
  for (const { app } of gateways) app.endpointRegistry.switchOn('one')
  for (const gateway of gateways) t.equal((await send(gateway, '7')).from, 'one')
})

t.test('a session whose member one gateway does not have starts over, for all', async t => {
  const members = await trio(t)
  const sessionStore = mapStore()
  const before = await replica(t, {
    definitions: configuration(members),
    sessionStore: { ...sessionStore, cacheTtl: 0 }
  })
  const after = await replica(t, {
    definitions: configuration(members.slice(1)),
    sessionStore: { ...sessionStore, cacheTtl: 0 }
  })
  t.equal((await send(before, '7')).from, 'one')
  t.equal((await send(after, '7')).from, 'two')
  t.equal((await send(before, '7')).from, 'two')
})

t.test('a reload changes the order of members: sessions stay', async t => {
  const members = await trio(t)
  let order = members
  const gateway = await replica(t, {
    definitions: () => JSON.stringify(configuration(order)),
    sessionStore: { ...mapStore(), cacheTtl: 0 }
  })
  const homes = new Map<string, string | undefined>()
  for (const session of ['a', 'b', 'c']) homes.set(session, (await send(gateway, session)).from)
  order = members.toReversed()
  await gateway.app.proxyServices.reload()
  for (const [session, home] of homes) t.equal((await send(gateway, session)).from, home)
})

t.test('a session that its server names is known to the other gateway before the client has the response', async t => {
  const members = await Promise.all(['one', 'two'].map(name => backend(t, name, ({ headers }, response) => {
    if (headers.cookie === undefined) response.setHeader('Set-Cookie', `JSESSIONID=of-${name}; Path=/`)
    response.setHeader('Content-Type', 'text/xml')
    response.end(`<a><from>${name}</from></a>`)
  })))
  const sessionStore = mapStore()
  const definitions = configuration(members, { kind: 'http', name: undefined })
  const gateways = await Promise.all([0, 1].map(() => replica(t, { definitions, sessionStore })))
  for (const name of ['one', 'two']) {
    const first = await post(gateways[0]!.url, MESSAGE, { 'content-type': 'text/xml' })
    t.same([first.from, first.headers.getSetCookie()[0]?.split(';')[0]], [name, `JSESSIONID=of-${name}`])
    t.equal(
      (await post(gateways[1]!.url, MESSAGE, { 'content-type': 'text/xml', cookie: `JSESSIONID=of-${name}` })).from,
      name
    )
  }
})

t.test('session store: no message is lost while the store throws, returns wrong owners, or never responds', async t => {
  const members = await trio(t)
  const broken: Record<string, Pick<SessionStore, 'bind' | 'lookup'>> = {
    'it throws at once': {
      lookup () {
        throw new Error('no')
      },
      bind () {
        throw new Error('no')
      }
    },
    'it rejects with null': {
      // eslint-disable-next-line prefer-promise-reject-errors
      lookup: async () => await Promise.reject(null),
      // eslint-disable-next-line prefer-promise-reject-errors
      bind: async () => await Promise.reject(undefined)
    },
    'it never responds': { lookup: () => new Promise(() => {}), bind: () => new Promise(() => {}) },
    'it knows unknown members': { lookup: async () => 'unknown', bind: async () => 'unknown too' },
    'it forgets at once': { lookup: async () => null, bind: async () => null },
    'it binds, and then fails': {
      lookup: async () => await Promise.reject(new Error('later')),
      bind: async (_session, member) => member
    }
  }
  for (const [name, store] of Object.entries(broken)) {
    const gateway = await replica(t, { definitions: configuration(members), sessionStore: { ...store, timeout: 10 } })
    for (let message = 0; message < 8; message++) t.equal((await send(gateway, 'x')).status, 200, name)
    if (!/knows|forgets/.test(name)) {
      t.equal(
        new Set((await Promise.all([0, 1, 2].map(() => send(gateway, 'y')))).map(({ from }) => from)).size,
        1,
        `${name}: the session stays where it is at this gateway`
      )
    }
  }
})

t.test('sessions are shared over Redis', { skip: missing }, async t => {
  t.test('sessions of two gateways, with a password that no log shows', async t => {
    const server = await redisServer(t, { password: 'very-secret' })
    const members = await trio(t)
    const sessionStore = (): SessionStore => redisSessions({ url: server.url, timeout: 120_000 })
    const gateways = [
      await replica(t, { definitions: configuration(members), sessionStore: sessionStore() }),
      await replica(t, { definitions: configuration(members.toReversed()), sessionStore: sessionStore() })
    ]
    for (const { log } of gateways) t.equal(log.filter(line => line.includes(SHARED)).length, 1)
    const sentAt = performance.now()
    await Promise.all(Array.from({ length: 30 }, async (_, session) => {
      const responses = await Promise.all([0, 1, 1, 0].map(which => send(gateways[which]!, `client-${session}`)))
      t.equal(new Set(responses.map(({ from }) => from)).size, 1)
    }))
    const keys = await server.call('KEYS', '*') as string[]
    t.equal(keys.filter(key => /^proxy-services:session:servers:[\w-]{22}$/.test(key)).length, 30)
    t.notMatch(keys.join(' '), 'client-')
    const [left] = (await Promise.all(
      keys.filter(key => !key.endsWith('trial')).map(key => server.call('PTTL', key))
    )) as number[]
    const elapsed = performance.now() - sentAt
    t.ok(left! > 119_900 - elapsed && left! <= 125_001, 'as long as a session, and as the other gateway may believe in it')
    t.notMatch(gateways.flatMap(({ log }) => log).join(''), /very-secret|client-\d/)
  })

  for (const how of ['is killed, and comes back empty', 'freezes, and continues'] as const) {
    t.test(`the session store ${how}, under load: no message is lost, and gateways agree again`, async t => {
      const server = await redisServer(t)
      const members = await trio(t)
      const definitions = configuration(members)
      const gateways = await Promise.all(
        [0, 1].map(() =>
          replica(t, { definitions, sessionStore: redisSessions({ url: server.url, timeout: 2_000, cacheTtl: 0 }) })
        )
      )
      const homes = new Map<string, string | undefined>()
      for (let session = 0; session < 20; session++) {
        homes.set(`old ${session}`, (await send(gateways[session % 2]!, `old ${session}`)).from)
      }
      for (const session of homes.keys()) {
        for (const gateway of gateways) t.equal((await send(gateway, session)).from, homes.get(session))
      }

      const over = new AbortController()
      let sent = 0
      const wrong: string[] = []
      const load = Promise.all(Array.from({ length: 8 }, async (_, client) => {
        for (let message = client; !over.signal.aborted || sent <= 20; message++) {
          const session = message % 5 === 0 ? `new ${client} ${message}` : `old ${message % 20}`
          const { status, from } = await send(gateways[message % 2]!, session)
          sent++
          if (status !== 200 || (homes.has(session) && homes.get(session) !== from)) {
            wrong.push(`${session}: ${status} ${from}`)
          }
        }
      }))
      const said = gateways.map(({ log }) => log.length)
      const killed = how.startsWith('is killed')
      if (killed) await server.kill()
      else server.freeze()
      await Promise.all(gateways.map(({ said: logged }, at) => logged(ALONE, said[at])))
      if (killed) await server.start()
      else server.thaw()
      await Promise.all(gateways.map(({ said: logged }, at) => logged(SHARED, said[at])))
      over.abort()
      await load
      t.same(wrong, [], `${sent} messages`)
      for (let session = 0; session < 20; session++) {
        const responses = [
          await send(gateways[session % 2]!, `again ${session}`),
          await send(gateways[1 - (session % 2)]!, `again ${session}`)
        ]
        t.equal(responses[0]!.from, responses[1]!.from)
      }
      for (const [session, home] of homes) {
        for (const gateway of gateways) t.equal((await send(gateway, session)).from, home)
      }
      for (const { log } of gateways) {
        t.ok(log.filter(line => line.includes(ALONE)).length <= 3, 'a line for each change, not for each message')
      }
    })
  }
})

t.test('a gateway that starts without its session store serves, is ready, and logs it once', async t => {
  const members = await trio(t)
  const gateway = await replica(t, {
    definitions: configuration(members),
    sessionStore: redisSessions({ url: 'redis://user:very-secret@127.0.0.1:1/0' })
  })
  t.same([await send(gateway, '7'), await send(gateway, '7')].map(({ from }) => from), ['one', 'one'])
  const [line, ...more] = gateway.log.filter(each => each.includes('sessions are'))
  t.match(line, `${ALONE} until their store responds again: connect ECONNREFUSED 127.0.0.1:1`)
  t.same(more, [])
  t.notMatch(gateway.log.join(''), 'very-secret')
})

t.test('metrics show whether sessions are shared', async t => {
  const members = await trio(t)
  const store = mapStore()
  let works = true
  const sessionStore: SessionStore = {
    lookup: async session => (works ? await store.lookup(session) : await Promise.reject(new Error('gone'))),
    bind: async (...words) => (works ? await store.bind(...words) : await Promise.reject(new Error('gone'))),
    cacheTtl: 0
  }
  const gateway = await replica(t, { definitions: configuration(members), sessionStore })
  const operators = await import('fastify').then(({ default: Fastify }) => Fastify())
  t.teardown(() => operators.close())
  await operators.register(admin, { registry: gateway.app.endpointRegistry, proxyServices: gateway.app.proxyServices })
  const metrics = async (): Promise<string> => (await operators.inject('/metrics')).body
  await send(gateway, '7')
  t.match(await metrics(), /proxy_services_session_store_up 1\n/)
  works = false
  for (let message = 0; message < 5; message++) await send(gateway, '7')
  t.match(await metrics(), /proxy_services_session_store_up 0\n/)
  t.match(await metrics(), /proxy_services_session_store_fallbacks_total 5\n/)
  t.equal((await operators.inject('/health/ready')).statusCode, 200)
  works = true
  await gateway.said(SHARED, gateway.log.findIndex(line => line.includes(ALONE)))
  t.match(await metrics(), /proxy_services_session_store_up 1\n/)
})
