/** What the admin API does at one time, and how much it takes. */
import type { ServerResponse } from 'node:http'
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { admin } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { until } from '../support/until.js'
import { edited, ENDPOINT, group } from '../support/operation/edited-configuration.js'

const TOKEN = 'secret'
const HEADERS = { authorization: `Bearer ${TOKEN}` }

interface Reply { readonly status: number, readonly body: any }

interface Held {
  readonly app: FastifyInstance
  /** Responses that the back-end has not sent yet. */
  readonly held: ServerResponse[]
  post (path: string, payload: object): Promise<Reply>
}

/** A gateway with so many proxies before one back-end that does not respond by itself. */
async function gateway (t: Test, proxies = 1): Promise<Held> {
  const held: ServerResponse[] = []
  const up = await backend(t, 'up', (_, response) => {
    held.push(response)
  })
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  const endpoint = { kind: 'address', name: 'up', uri: up.uri }
  const proxy = (at: number): object => ({
    in: [
      { kind: 'filter', source: { xpath: `//a[@n=${at}]` }, regex: 'x', then: [{ kind: 'drop' }] },
      { kind: 'send', endpoint }
    ]
  })
  const named = Array.from({ length: proxies }, (_, at) => [`P${at}`, proxy(at)])
  await app.register(proxyServices, { definitions: { proxies: Object.fromEntries(named) } as object })
  await app.register(admin, { prefix: '/admin', console: true, token: TOKEN })
  await app.ready()
  return {
    app,
    held,
    async post (path, payload) {
      const response = await app.inject({ method: 'POST', url: `/admin/${path}`, headers: HEADERS, payload })
      return { status: response.statusCode, body: response.json() }
    }
  }
}

const isAccepted = ({ status }: Reply): boolean => status === 200

/**
 * Sends twelve calls at once, of which four are accepted. Resolves with the others. It sends them again if one ends
 * before the last begins, as on a busy machine.
 */
async function refusedOf (t: Test, call: () => Promise<Reply>): Promise<readonly Reply[]> {
  let refused: readonly Reply[] = []
  await until(async () => {
    const all = await Promise.all(Array.from({ length: 12 }, call))
    refused = all.filter(each => !isAccepted(each))
    t.ok(refused.length <= 8, `${refused.length} of 12 are refused`)
    return refused.length === 8
  }, 'eight of twelve calls at once are refused')
  return refused
}

t.test('of five messages that are tried at once, the fifth is refused with 429, and one is accepted when another ends', async t => {
  const { held, post } = await gateway(t)
  const send = async (): Promise<Reply> =>
    await post('tries', { proxy: 'P0', method: 'POST', path: '', headers: { 'content-type': 'text/plain' }, body: 'x' })
  const four = [send(), send(), send(), send()]
  await until(() => held.length === 4, 'four messages are at the back-end')
  const fifth = await send()
  t.strictSame(fifth, { status: 429, body: { Error: '4 messages are being tried: wait for one' } })
  t.equal(held.length, 4, 'the back-end gets no fifth message')
  held[0]!.end()
  await Promise.race(four)
  const next = send()
  await until(() => held.length === 5, 'another message is at the back-end')
  for (const response of held.slice(1)) response.end()
  t.ok([...(await Promise.all(four)), await next].every(isAccepted))
})

t.test('of many questions at once, one is explained and three wait, and the others are refused with 429', async t => {
  const { post } = await gateway(t, 400)
  const explain = async (): Promise<Reply> => await post('explain', { proxy: 'P0' })
  for (const each of await refusedOf(t, explain)) {
    t.strictSame(each, { status: 429, body: { Error: 'other requests are being explained: retry later' } })
  }
  t.ok(isAccepted(await explain()), 'later ones are explained')
})

t.test('of many checks at once, one runs and three wait, and the others are refused with 429', async t => {
  const setup = await edited(t)
  const files = await setup.change(ENDPOINT, group('900000'))
  const check = async (): Promise<Reply> => await setup.post('/configuration/check', { files })
  for (const each of await refusedOf(t, check)) {
    t.strictSame(each, { status: 429, body: { Error: 'other configurations are being checked: try again' } })
  }
  t.match(await check(), { status: 200, body: { problems: [] } }, 'later ones are checked')
})

const STATES = ['/events', '/logging', '/recording', '/configuration']

t.test('every GET responds while the back-end does not, and changes nothing', async t => {
  const { app, held } = await gateway(t)
  void app.inject({ method: 'POST', url: '/services/P0', headers: { 'content-type': 'text/plain' }, payload: 'x' })
  await until(() => held.length === 1, 'a message is at the back-end')
  const get = async (url: string): Promise<LightMyRequestResponse> =>
    await app.inject({ url: `/admin${url}`, headers: HEADERS })
  const { paths } = (await get('/openapi.json')).json<{ paths: Record<string, { get?: object }> }>()
  const urls = Object.entries(paths).filter(([, { get }]) => get !== undefined).map(([path]) => path)
  t.ok(urls.length > 15, `${urls.length} paths`)
  const state = async (): Promise<unknown[]> => [
    [...app.endpointRegistry.endpoints.values()].map(({ name, health }) => ({ name, health })),
    ...await Promise.all(STATES.map(async url => (await get(url)).json()))
  ]
  const before = await state()
  const values: Readonly<Record<string, string>> = { '/proxy-services/{name}': '/proxy-services/P0' }
  for (const path of urls) {
    const url = values[path] ?? path.replace('{*}', 'up').replace(/\{\w+\}/, '1')
    const { statusCode } = await get(path === '/live' ? '/live?once' : url)
    t.ok(statusCode < 500, `${url}: ${statusCode}`)
  }
  t.strictSame(await state(), before)
  held[0]!.end()
})
