import { once } from 'node:events'
import { connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { backend } from '../support/backend.js'
import { groupsOf } from './groups.js'
import { adminApp } from '../support/operation/admin-app.js'

/** The events of one stream, each awaited in its turn. */
class Events {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #decoder = new TextDecoder()
  #text = ''

  constructor (body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader()
  }

  /** The next event of this name; others are passed over. */
  async next (name: string): Promise<any> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end < 0) {
        const { value, done } = await this.#reader.read()
        if (done) throw new Error(`the stream ended before ${name}`)
        this.#text += this.#decoder.decode(value, { stream: true })
        continue
      }
      const [event, data] = this.#text.slice(0, end).split('\n')
      this.#text = this.#text.slice(end + 2)
      if (event === `event: ${name}`) return JSON.parse(data!.slice('data: '.length))
    }
  }

  async close (): Promise<void> {
    await this.#reader.cancel()
  }
}

/** A gateway that listens, with two members of which the first cannot be reached, and its admin API at the root. */
async function operated (t: Test): Promise<{ app: FastifyInstance, url: string, up: string }> {
  const up = await backend(t, 'up')
  const members = ['http://127.0.0.1:1/', up.uri].map((uri, number) => ({ kind: 'address', name: `E${number}`, uri }))
  const endpoint = { kind: 'loadbalance', name: 'G', members }
  const app = await adminApp(t, {
    definitions: { proxies: { P: { in: [{ kind: 'send', endpoint }] } } } as object
  })
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }), up: up.uri }
}

const stream = async (t: Test, url: string, lastEventId?: string): Promise<Events> => {
  const again = lastEventId === undefined ? {} : { headers: { 'last-event-id': lastEventId } }
  const { body, headers } = await fetch(`${url}/live`, again)
  t.equal(headers.get('content-type'), 'text/event-stream; charset=utf-8')
  const events = new Events(body!)
  t.teardown(() => events.close().catch(() => {}))
  return events
}

t.test('a group names the proxies that send to it, by references and in branches too, and no others', async t => {
  const { uri } = await backend(t, 'up')
  const group = (...members: object[]): object => ({ kind: 'loadbalance', members })
  const send = (key: string): object => ({ kind: 'send', endpoint: { kind: 'reference', key } })
  const app = await adminApp(t, {
    definitions: {
      endpoints: {
        Outer: group({ kind: 'reference', key: 'Inner' }),
        Inner: group({ kind: 'address', uri })
      },
      sequences: { Forward: [send('Outer')] },
      proxies: {
        Direct: { in: [send('Outer')] },
        Twice: {
          in: [{ kind: 'filter', source: { xpath: '//a' }, regex: 'b', then: [send('Inner')], else: [send('Outer')] }]
        },
        BySequence: { in: [{ kind: 'sequence', key: 'Forward' }] },
        None: { in: [{ kind: 'respond' }] }
      }
    } as object
  })
  const { groups } = (await app.inject({ url: '/live?once' })).json<{ groups: { name: string, proxies: string[] }[] }>()
  const proxies = Object.fromEntries(groups.map(each => [each.name, each.proxies]))
  t.strictSame(proxies, { Outer: ['Direct', 'Twice', 'BySequence'], Inner: ['Twice'] })
})

t.test('a stream begins with everything, then brings what changes', async t => {
  const { app, url } = await operated(t)
  const events = await stream(t, url)
  t.match(await events.next('hello'), { live: String, boot: String, now: Number, quiet: 5000 })
  t.match(await events.next('snapshot'), {
    endpoints: [
      { index: 0, name: 'E0', state: 'active', ready: true },
      { index: 1, name: 'E1', state: 'active' }
    ],
    groups: [{ name: 'G', kind: 'loadbalance', members: ['E0', 'E1'], proxies: ['P'], sessions: null }],
    proxies: [{ name: 'P', path: '/services/P', isRunning: true }]
  })
  t.equal((await app.inject({ method: 'POST', url: '/services/P', payload: {} })).statusCode, 200)
  t.match(await events.next('states'), {
    changed: [{ index: 0, state: 'suspended', ready: false, cause: /refused/, duration: 30_000 }]
  })
  t.match(await events.next('entry'), {
    sequence: 1,
    level: 'warn',
    kind: 'state',
    endpoint: 'E0',
    from: 'active',
    to: 'suspended'
  })
})

t.test('a client that connects again gets the entries that it has missed, or starts over', async t => {
  const { app: { endpointRegistry: registry }, url } = await operated(t)
  const first = await stream(t, url)
  const { boot, resumed } = await first.next('hello')
  t.equal(resumed, false)
  registry.switchOff('E1')
  const { sequence } = await first.next('entry')
  await first.close()
  registry.switchOn('E1')
  registry.drain('E1')
  const again = await stream(t, url, `${boot}.${sequence}`)
  t.match(await again.next('hello'), { boot, resumed: true })
  t.match(await again.next('entry'), { sequence: sequence + 1, endpoint: 'E1', to: 'active' })
  t.match(await again.next('entry'), { sequence: sequence + 2, endpoint: 'E1', to: 'draining' })
  await again.close()
  const numbers = [`${sequence + 3}`, '-1', '', '9'.repeat(400)]
  for (const id of [`other.${sequence}`, ...numbers.map(number => `${boot}.${number}`), '.', 'x']) {
    const other = await stream(t, url, id)
    t.match(await other.next('hello'), { resumed: false }, id.slice(0, 60))
    await other.close()
  }
  for (let count = 0; count < 251; count++) {
    registry.switchOn('E1')
    registry.switchOff('E1')
  }
  const late = await stream(t, url, `${boot}.${sequence}`)
  t.match(await late.next('hello'), { resumed: false }, 'more than 500 were missed')
})

t.test('traffic comes for the endpoints that the page watches', async t => {
  const { app, url } = await operated(t)
  const events = await stream(t, url)
  const { live } = await events.next('hello')
  const watch = async (id: string, endpoints: unknown): Promise<number> =>
    (
      await fetch(`${url}/live/${id}/watch`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ endpoints })
      })
    ).status
  t.equal(await watch(live, ['E1']), 204)
  t.equal(await watch('unknown', ['E1']), 404)
  t.equal(
    await watch(
      live,
      Array.from({ length: 201 }, () => 'E1')
    ),
    400
  )
  let numbers = await events.next('numbers')
  while (numbers.endpoints.length === 0) numbers = await events.next('numbers')
  t.match(numbers.endpoints, [{ index: 1, inFlight: 0, requestsPerSecond: 0, p50: null, errors: 0, steps: [] }])
  for (let request = 0; request < 40; request++) await app.inject({ method: 'POST', url: '/services/P', payload: {} })
  while (numbers.endpoints[0].p50 === null) numbers = await events.next('numbers')
  t.ok(numbers.endpoints[0].requestsPerSecond > 0)
  t.ok(numbers.total.requestsPerSecond > 0)
})

t.test('numbers have the sessions of endpoints and groups, and what concerns the whole gateway', async t => {
  const members = await Promise.all(['one', 'two'].map(name => backend(t, name)))
  const session = { kind: 'header', name: 'X-Session', maxSessions: 3 }
  const app = await adminApp(t, { definitions: groupsOf(members, session) })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const send = async (id: string): Promise<unknown> =>
    await app.inject({ method: 'POST', url: '/services/P', headers: { 'x-session': id }, payload: {} })
  const events = await stream(t, url)
  const { live } = await events.next('hello')
  t.match(await events.next('snapshot'), {
    groups: [{ name: 'servers', algorithmKind: 'roundRobin', sessionKind: 'header', onLost: 'strict' }, { name: 'plain', sessionKind: null }]
  })
  const names = [...app.endpointRegistry.endpoints.keys()]
  await fetch(`${url}/live/${live}/watch`, {
    method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ endpoints: names })
  })
  for (const id of ['a', 'b', 'c']) await send(id)
  let numbers = await events.next('numbers')
  while (numbers.groups[0].bound < 3 || numbers.endpoints.length < names.length) numbers = await events.next('numbers')
  t.match(numbers.groups, [{ name: 'servers', bound: 3, evicted: 0 }])
  t.strictSame(numbers.endpoints.map((each: { sessions: number | null }) => each.sessions), [2, 1, null])
  t.strictSame(numbers.gateway, { store: null, evicted: 0, denied: 0, busy: 0 })
  for (const id of ['d', 'e']) await send(id)
  while (numbers.gateway.evicted < 2) numbers = await events.next('numbers')
  t.match(numbers.groups, [{ bound: 3, evicted: 2 }])
  app.endpointRegistry.drain('one')
  const bound = app.endpointRegistry.sessionsByMember('servers').get('one')?.count ?? 0
  let entry = await events.next('entry')
  while (entry.to !== 'draining') entry = await events.next('entry')
  t.equal(entry.sessions, bound, 'an endpoint that begins to drain says its sessions')
})

t.test('switches by hand are entries of the journal, with operator and address', async t => {
  const { app } = await operated(t)
  await app.inject({ method: 'POST', url: '/endpoints/E1', payload: { status: 'off', by: 'anna\n' } })
  const { list } = (await app.inject({ url: '/events?kind=switch' })).json<{ list: unknown[] }>()
  t.match(list, [{ kind: 'switch', text: 'by hand: E1 is switched off', by: 'anna ', remote: '127.0.0.1' }])
})

t.test('a stream beyond the limit is refused, and the end of another one makes room', async t => {
  const { url } = await operated(t)
  const open: Events[] = []
  for (let page = 0; page < 16; page++) open.push(await stream(t, url))
  const refused = await fetch(`${url}/live`)
  t.equal(refused.status, 503)
  t.equal(refused.headers.get('retry-after'), '10')
  t.match(await (await fetch(`${url}/live?once`)).json(), { endpoints: [{ name: 'E0' }, { name: 'E1' }] })
  await open[0]!.close()
  for (let status = 503; status === 503;) {
    const { status: now, body } = await fetch(`${url}/live`)
    status = now
    await body!.cancel()
  }
})

t.test('a page that does not read costs no memory and blocks no other', async t => {
  const { app, url } = await operated(t)
  const lazy = connect(Number(new URL(url).port), '127.0.0.1')
  t.teardown(() => lazy.destroy())
  lazy.write('GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await once(lazy, 'readable')
  const events = await stream(t, url)
  await events.next('snapshot')
  for (let change = 0; change < 200; change++) {
    app.endpointRegistry.switchOff('E1')
    app.endpointRegistry.switchOn('E1')
  }
  t.match(
    await events.next('states'),
    { changed: [{ index: 1, state: 'active' }] },
    'only the last state of each endpoint is sent'
  )
})

t.test('a flood of events is one frame: the last state of each endpoint, and twenty entries, with the number of those that are left out', async t => {
  const { app, url } = await operated(t)
  const events = await stream(t, url)
  await events.next('snapshot')
  for (let change = 0; change < 1_500; change++) {
    app.endpointRegistry.switchOff('E1')
    app.endpointRegistry.switchOn('E1')
  }
  t.match(await events.next('states'), { changed: [{ index: 1, state: 'active' }] })
  const entries = [await events.next('entry')]
  while (entries.at(-1).sequence < 3_000) entries.push(await events.next('entry'))
  t.equal(entries.length, 20)
  t.strictSame([entries[0].sequence, entries[0].missed], [2_981, 2_980])
  t.ok(entries.slice(1).every(entry => !('missed' in entry)))
  app.endpointRegistry.switchOff('E1')
  t.match(await events.next('entry'), { sequence: 3_001 }, 'further ones come as ever')
})

t.test('the journal is read newest first, in pages', async t => {
  const { app, url } = await operated(t)
  for (let change = 0; change < 3; change++) {
    app.endpointRegistry.switchOff('E1')
    app.endpointRegistry.switchOn('E1')
  }
  const read = async (query: string): Promise<any> => await (await fetch(`${url}/events?${query}`)).json()
  t.strictSame(
    (await read('')).list.map(({ sequence }: { sequence: number }) => sequence),
    [6, 5, 4, 3, 2, 1]
  )
  t.strictSame(
    (await read('before=4&limit=2')).list.map(({ sequence }: { sequence: number }) => sequence),
    [3, 2]
  )
  t.equal((await read('endpoint=E0')).count, 0)
  t.match(await read('limit=0'), { Error: /limit/ })
})

t.test('pages are notified that the gateway stops', async t => {
  const { app, url } = await operated(t)
  const events = await stream(t, url)
  await events.next('snapshot')
  const closed = app.close()
  t.match(await events.next('end'), { reason: 'the gateway is stopping' })
  await closed
})
