import { EventEmitter, once } from 'node:events'
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { admin, type SessionStore } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { runCommand, type Ran } from '../support/processes/command.js'
import { mapStore, type MapStore } from '../support/sessions/map-store.js'
import { until } from '../support/until.js'
import { groupsOf } from './groups.js'

interface Operated {
  readonly app: FastifyInstance
  readonly log: readonly string[]
  /** Sends a message of this session. Returns the name of the back-end. */
  send (id: string): Promise<string>
  call (path: string, body?: object): Promise<{ status: number, body: any }>
}

/** A gateway with a group of two members, `one` and `two`, and its admin API. */
async function operated (t: Test, sessionStore?: SessionStore): Promise<Operated> {
  const log: string[] = []
  const app = Fastify({ logger: { level: 'info', stream: { write: (line: string) => { log.push(line) } } } })
  t.teardown(() => app.close())
  const members = await Promise.all(['one', 'two'].map(name => backend(t, name)))
  await app.register(proxyServices, {
    definitions: groupsOf(members, { kind: 'header', name: 'X-Session', sessionTimeout: 60_000 }),
    ...sessionStore && { sessionStore }
  })
  await app.register(admin, { prefix: '/admin' })
  await app.ready()
  return {
    app,
    log,
    async send (id) {
      const headers = { 'content-type': 'text/xml', 'x-session': id }
      const { body } = await app.inject({ method: 'POST', url: '/services/P', headers, payload: '<a/>' })
      return /<from>(.*?)<\/from>/.exec(body)![1]!
    },
    async call (path, body) {
      const { statusCode, json } = body === undefined
        ? await app.inject({ url: `/admin/${path}` })
        : await app.inject({ method: 'POST', url: `/admin/${path}`, payload: body })
      return { status: statusCode, body: json() }
    }
  }
}

t.test('sessions are counted by member, with the end of the last one', async t => {
  const { send, call } = await operated(t)
  const before = Date.now()
  for (const id of ['a', 'b', 'c', 'a']) await send(id)
  const { body } = await call('sessions')
  t.match(body, {
    count: 1,
    list: [{
      group: 'servers',
      shared: false,
      members: [{ name: 'one', state: 'active', bound: 2 }, { name: 'two', state: 'active', bound: 1 }]
    }]
  })
  const ends = Date.parse(body.list[0].members[0].lastEnds as string)
  t.ok(ends >= before + 60_000 && ends <= Date.now() + 60_000)
  t.match(await call('sessions?group=servers'), { status: 200, body: { count: 1 } })
  t.match(await call('sessions?group=other'), { status: 404, body: { Error: /unknown name "other"/ } })
})

t.test('a session is looked up and released by its id; the caller sends the owner that it saw', async t => {
  const { send, call, log } = await operated(t)
  t.equal(await send('secret-id'), 'one')
  await send('b')
  const session = { group: 'servers', id: 'secret-id' }
  t.match(await call('sessions/lookup', session), { status: 200, body: { group: 'servers', member: 'one' } })
  t.match(await call('sessions/lookup', { ...session, id: 'x' }), { status: 200, body: { member: null } })
  t.match(await call('sessions/release', { ...session, if: 'two' }), { status: 409, body: { Error: /bound to one/ } })
  t.equal(await send('secret-id'), 'one', 'nothing is changed')
  t.match(await call('sessions/release', { ...session, if: 'one', by: 'ann' }), { status: 200, body: { released: 1 } })
  t.match(await call('sessions/lookup', session), { body: { member: null } })
  t.match(await call('sessions/release', session), { status: 404, body: { Error: /not bound/ } })
  const audit = log.map(line => JSON.parse(line)).find(({ msg }) => /^by hand: one session of one/.test(msg))
  t.match(audit, { group: 'servers', member: 'one', released: 1, by: 'ann', remote: '127.0.0.1' })
  t.notMatch(log.join(''), /secret-id/)
})

t.test('a look-up returns the state of the member, and when the session was used and ends', async t => {
  const { app, send, call } = await operated(t)
  const before = Date.now()
  await send('secret-id')
  const session = { group: 'servers', id: 'secret-id', by: 'ann' }
  const { body } = await call('sessions/lookup', session)
  t.match(body, { member: 'one', state: 'active' })
  t.ok(Date.parse(body.since) >= before && Date.parse(body.since) <= Date.now())
  t.equal(Date.parse(body.ends) - Date.parse(body.since), 60_000)
  app.endpointRegistry.drain('one')
  t.match((await call('sessions/lookup', session)).body, { state: 'draining', since: body.since, ends: body.ends })
  t.match((await call('sessions/lookup', { ...session, id: 'x' })).body, { member: null, state: null, since: null, ends: null })
  await call('sessions/release', session)
  const { list } = (await call('events?kind=session')).body
  t.match(list, [
    { text: 'one session of one released in servers', by: 'ann', remote: '127.0.0.1' },
    { text: 'a session of servers was looked up' },
    { text: 'a session of servers was looked up' },
    { text: 'a session of servers was looked up', by: 'ann' }
  ])
  t.notMatch(JSON.stringify(list), /secret-id/)
})

t.test('groups list timeout and limit of their sessions, and the state of the store', async t => {
  const { send, call } = await operated(t)
  await send('a')
  t.match((await call('sessions')).body.list, [
    { bound: 1, evicted: 0, maxSessions: 1_000_000, timeout: 60_000, expiry: 'sliding', storeIsUp: null, fallbacks: 0 }
  ])
  const sharing = await operated(t, mapStore({ cacheTtl: 0 }))
  t.match((await sharing.call('sessions')).body.list, [{ shared: true, storeIsUp: true }])
})

t.test('all sessions of a draining member are released, and start over elsewhere', async t => {
  const { app, send, call } = await operated(t)
  t.same([await send('a'), await send('b'), await send('c')], ['one', 'two', 'one'])
  app.endpointRegistry.drain('one')
  t.match((await call('endpoints/one')).body, { state: 'draining', sessions: { bound: 2, lastEnds: /^20.*Z$/ } })
  t.match((await call('endpoints/two')).body, { sessions: null })
  t.equal(await send('a'), 'one', 'a draining member serves its sessions')
  const all = { group: 'servers', member: 'one' }
  t.match(await call('sessions/release', { ...all, if: 'off' }), { status: 409, body: { Error: /one is draining/ } })
  t.match(await call('sessions/release', { ...all, if: 'draining' }), { status: 200, body: { released: 2 } })
  t.match((await call('endpoints/one')).body, { sessions: { bound: 0, lastEnds: null } })
  t.equal(await send('a'), 'two')
})

t.test('invalid requests for sessions change nothing', async t => {
  const { send, call } = await operated(t)
  await send('a')
  const bad: Array<[object, number, RegExp]> = [
    [{ group: 'servers' }, 400, /either an id or a member/],
    [{ group: 'servers', id: 'a', member: 'one' }, 400, /either an id or a member/],
    [{ group: 'servers', member: 'three' }, 404, /unknown name "three"/],
    [{ group: 'plain', member: 'one' }, 409, /plain keeps no sessions/],
    [{ group: 'missing', id: 'a' }, 404, /unknown name/],
    [{ group: 'servers', id: '' }, 400, /id/],
    [{ id: 'a' }, 400, /group/]
  ]
  for (const [body, status, Error] of bad) t.match(await call('sessions/release', body), { status, body: { Error } })
  t.match(await call('sessions/lookup', { group: 'servers', id: 'a' }), { body: { member: 'one' } })
})

t.test('ten look-ups and releases within a second are accepted, the next ones are refused until a second has passed', async t => {
  const { app, send } = await operated(t)
  await send('a')
  const request = async (what: string, id: string): Promise<LightMyRequestResponse> =>
    await app.inject({ method: 'POST', url: `/admin/sessions/${what}`, payload: { group: 'servers', id } })
  let refused: readonly LightMyRequestResponse[] = []
  // On a busy machine they may take more than a second.
  await until(async () => {
    const ids = [...Array(15).keys()]
    const all = await Promise.all(ids.map(async id => await request(id % 2 === 0 ? 'lookup' : 'release', `${id}`)))
    refused = all.filter(({ statusCode }) => statusCode === 429)
    return refused.length > 0
  })
  for (const { headers, body } of refused) {
    t.equal(headers['retry-after'], '1')
    t.match(JSON.parse(body), { Error: /at most 10 look-ups and releases of sessions a second: try again in 1 s/ })
  }
  await until(async () => (await request('lookup', 'a')).json().member === 'one')
  t.equal((await app.inject('/admin/sessions')).statusCode, 200, 'counts are not limited')
})

const replaceOwner = function (this: SessionStore, prefix: string, member: string, replacement: string) {
  const { kept } = this as MapStore
  const owned = [...kept].filter(([key, owner]) => key.startsWith(prefix) && owner === member)
  for (const [key] of owned) kept.set(key, replacement)
  return Promise.resolve(owned.length)
}

t.test('a store that ceases to respond, and responds again, is an event; its password is not', async t => {
  const store = mapStore()
  let isAway = false
  const reached = async <T>(response: Promise<T>): Promise<T> => {
    if (isAway) throw new Error('redis://user:password@store is away')
    return await response
  }
  const sessionStore: SessionStore = {
    cacheTtl: 0,
    lookup: async session => await reached(store.lookup(session)),
    bind: async (...parameters) => await reached(store.bind(...parameters))
  }
  const { app, send, call } = await operated(t, sessionStore)
  const changed = async (isUp: boolean): Promise<void> => {
    const [state] = (await once(app.proxyServices, 'sessionStore')) as [{ isUp: boolean }]
    t.equal(state.isUp, isUp)
  }
  const away = changed(false)
  isAway = true
  for (const id of ['a', 'b', 'c', 'd']) await send(id)
  await away
  isAway = false
  await changed(true)
  const { list } = (await call('events?kind=store')).body
  t.match(list.map(({ text }: { text: string }) => text), [
    'Sessions are shared with other gateways',
    /^Sessions are not shared: the session store does not respond: .*is away/
  ])
  t.notMatch(JSON.stringify(list), /password/)
})

t.test('a store that does not respond from the start is an event', async t => {
  const sessionStore = mapStore({
    cacheTtl: 0,
    async bind () {
      throw new Error('it is away')
    }
  })
  const { call } = await operated(t, sessionStore)
  t.match((await call('events?kind=store')).body.list, [{ level: 'warn', cause: 'it is away' }])
})

t.test('a session in a shared store is released for all gateways, also where another one remembers it', async t => {
  const sessionStore = mapStore({ cacheTtl: 0, replaceOwner })
  const [here, there] = [await operated(t, sessionStore), await operated(t, sessionStore)]
  t.equal(await here.send('a'), 'one')
  t.equal(await there.send('a'), 'one', 'now both remember it')
  t.match((await here.call('sessions')).body.list, [{ shared: true }])
  there.app.endpointRegistry.drain('one')
  here.app.endpointRegistry.drain('one')
  t.match(await there.call('sessions/release', { group: 'servers', id: 'a', if: 'one' }), { body: { released: 1 } })
  t.match(await here.call('sessions/lookup', { group: 'servers', id: 'a' }), { body: { member: null } })
  t.equal(await here.send('a'), 'two')
  t.equal(await there.send('a'), 'two')
})

t.test('a gateway that remembers sessions of a shared store releases them there and in its memory', async t => {
  const { app, send, call } = await operated(t, mapStore({ cacheTtl: 60_000, replaceOwner }))
  for (const id of ['a', 'b', 'c']) await send(id)
  app.endpointRegistry.drain('one')
  const session = { group: 'servers', id: 'a' }
  t.equal(await send('a'), 'one', 'bound sessions stay while it drains')
  t.match(await call('sessions/release', session), { status: 200 })
  t.equal(await send('a'), 'two')
  t.match(await call('sessions/release', { group: 'servers', member: 'one' }), { status: 200 })
  t.equal(await send('c'), 'two')
})

t.test('a session that has moved is not remembered, after it was looked up by an operator, too', async t => {
  const moves = new EventEmitter()
  const sessionStore = mapStore({
    cacheTtl: 60_000,
    prolong () {},
    onMove (listener) {
      moves.on('move', listener)
      return () => moves.off('move', listener)
    }
  })
  const { send, call } = await operated(t, sessionStore)
  t.equal(await send('a'), 'one')
  t.match(await call('sessions/lookup', { group: 'servers', id: 'a' }), { body: { member: 'one' } })
  const [key] = [...sessionStore.kept].find(([, owner]) => owner === 'one')!
  sessionStore.kept.set(key, 'two')
  moves.emit('move', 'servers')
  t.equal(await send('a'), 'two')
})

t.test('all sessions of a member are released in a shared store that can do so', async t => {
  const sessionStore = mapStore({ cacheTtl: 0, replaceOwner })
  const [here, there] = [await operated(t, sessionStore), await operated(t, sessionStore)]
  for (const id of ['a', 'b', 'c', 'd']) await here.send(id)
  await there.send('a')
  for (const { app } of [here, there]) app.endpointRegistry.drain('one')
  const all = { group: 'servers', member: 'one' }
  t.match(await there.call('sessions/release', all), { status: 200, body: { released: 2 } })
  t.equal(await here.send('a'), 'two')
  t.equal(await there.send('c'), 'two')
})

t.test('a store that fails, or cannot do what is wanted, changes nothing', async t => {
  const store = mapStore()
  let fails = false
  const sessionStore: SessionStore = {
    ...store,
    cacheTtl: 0,
    async lookup (session) {
      if (fails) throw new Error('redis://user:password@store is away')
      return await store.lookup(session)
    }
  }
  const { send, call } = await operated(t, sessionStore)
  t.equal(await send('a'), 'one')
  const all = { group: 'servers', member: 'one' }
  t.match(await call('sessions/release', all), { status: 501, body: { Error: /one by one/ } })
  fails = true
  const { status, body } = await call('sessions/release', { group: 'servers', id: 'a' })
  t.equal(status, 503)
  t.match(body.Error, /session store failed/)
  t.notMatch(body.Error, /password/)
})

const run = async (words: readonly string[], input: string): Promise<Ran> =>
  await runCommand(['sessions', ...words], { input })

t.test('the command sessions shows, looks up and releases; ids come on standard input', async t => {
  const { app, send, log } = await operated(t)
  await send('a')
  await send('b')
  const url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/admin/`
  const at = ['--admin', url]
  const shown = await run(at, '')
  t.match(shown.out, /^GROUP +MEMBER +STATE +SESSIONS +LAST ENDS\nservers +one +active +1 +\d\d:\d\d:\d\d\nservers +two /)
  t.match(await run(['servers', '--lookup', ...at], 'a\n'), { code: 0, out: 'one\n' })
  t.match(await run(['servers', '--lookup', ...at], 'z\n'), { code: 1, out: 'not bound\n' })
  const long = await run(['servers', '--lookup', ...at], 'x'.repeat(4_097))
  t.match(long, { code: 2, err: /the id on standard input is longer than 4096 characters/ })
  t.match(await run(['servers', '--release', '--if', 'two', ...at], 'a\n'), { code: 1, err: /bound to one by now/ })
  const released = await run(['servers', '--release', '--if', 'one', '--by', 'ann', ...at], 'a\n')
  t.match(released, { code: 0, out: /^one session of one/ })
  t.match(JSON.parse(log.find(line => line.includes('by hand: one session'))!), { by: 'ann' })
  t.match(await run(['servers', '--release-all', 'two', ...at], ''), { code: 0, out: /^one session of two released/ })
  t.match(await run(['servers', '--lookup', ...at], ''), { code: 2, err: /expected on standard input/ })
  t.match(await run(['--release', ...at], 'a'), { code: 2, err: /needs a GROUP/ })
  t.match(await run(['servers', '--release', '--lookup', ...at], 'a'), { code: 2, err: /exclude each other/ })
})
