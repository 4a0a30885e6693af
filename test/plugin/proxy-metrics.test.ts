import { createServer } from 'node:http'
import { connect } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { Definitions } from '../../plugins/index.js'
import proxyServices, { admin } from '../../plugins/index.js'
import { samplesOf } from '../support/operation/metrics.js'
import { listenOnLoopback } from '../support/listen-on-loopback.js'

/**
 * A proxy to a back-end that echoes what it gets, one to a closed port, one that is switched off, and one that hangs.
 */
async function gateway (t: Test): Promise<{ app: FastifyInstance; url: string; hangs: Promise<unknown> }> {
  let onHang = (_?: unknown): void => {}
  const hangs = new Promise(resolve => {
    onHang = resolve
  })
  const server = createServer((request, response) => {
    if (request.url === '/hang') return onHang()
    response.statusCode = request.url === '/busy' ? 503 : 200
    request.pipe(response)
  })
  const uri = await listenOnLoopback(t, server)
  const proxy = (uri: string): NonNullable<Definitions['proxies']>[string] => ({ endpoint: { kind: 'address', uri } })
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, {
    definitions: {
      proxies: {
        Echo: proxy(`${uri}/`),
        Busy: proxy(`${uri}/busy`),
        Hang: proxy(`${uri}/hang`),
        Down: proxy('http://127.0.0.1:1/'),
        Unused: proxy(uri)
      }
    }
  })
  await app.register(admin)
  return { app, url: await app.listen({ port: 0, host: '127.0.0.1' }), hangs }
}

const metricsOf = async (app: FastifyInstance): Promise<Map<string, number>> =>
  samplesOf((await app.inject('/metrics')).body)

t.test('requests are counted by proxy, status class and fault code, with their bytes and times', async t => {
  const { app, url } = await gateway(t)
  const post = async (name: string): Promise<number> => {
    const response = await fetch(`${url}/services/${name}`, { method: 'POST', body: 'x'.repeat(1000) })
    await response.arrayBuffer()
    return response.status
  }
  t.strictSame([await post('Echo'), await post('Echo'), await post('Busy')], [200, 200, 503])
  await post('Down')
  await post('Down')
  const samples = await metricsOf(app)
  for (const [name, value] of Object.entries({
    'proxy_requests_total{proxy="Echo",status="2xx",fault=""}': 2,
    'proxy_requests_total{proxy="Busy",status="5xx",fault=""}': 1,
    'proxy_requests_total{proxy="Down",status="5xx",fault="101503"}': 1,
    'proxy_requests_total{proxy="Down",status="5xx",fault="303001"}': 1,
    'proxy_requests_in_flight{proxy="Echo"}': 0,
    'proxy_request_body_bytes_total{proxy="Echo"}': 2000,
    'proxy_response_body_bytes_total{proxy="Echo"}': 2000,
    'proxy_request_seconds_count{proxy="Echo"}': 2,
    'proxy_request_seconds_bucket{proxy="Down",le="+Inf"}': 2
  })) {
    t.equal(samples.get(`proxy_services_${name}`), value, name)
  }
  t.notOk(
    [...samples.keys()].some(name => name.includes('proxy="Unused"')),
    'a proxy without requests has no samples'
  )
})

t.test('a request is in flight until its client disconnects, and is counted without a status then', async t => {
  const { app, url, hangs } = await gateway(t)
  const client = connect(Number(new URL(url).port), '127.0.0.1')
  client.write('POST /services/Hang HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx')
  await hangs
  t.equal((await metricsOf(app)).get('proxy_services_proxy_requests_in_flight{proxy="Hang"}'), 1)
  client.destroy()
  const name = 'proxy_services_proxy_requests_total{proxy="Hang",status="none",fault=""}'
  while ((await metricsOf(app)).get(name) === undefined) {
    await new Promise(resolve => {
      setImmediate(resolve)
    })
  }
  const samples = await metricsOf(app)
  t.equal(samples.get(name), 1)
  t.equal(samples.get('proxy_services_proxy_requests_in_flight{proxy="Hang"}'), 0)
  const cancelled = [...samples].filter(([name, value]) => name.startsWith('proxy_services_endpoint_requests_cancelled') && value > 0)
  t.match(cancelled, [[/hang/, 1]])
})

t.test('the counts of a proxy are removed with the proxy', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  const endpoint = { kind: 'address', uri: 'http://127.0.0.1:1/' } as const
  let proxies: NonNullable<Definitions['proxies']> = { Old: { endpoint }, Kept: { endpoint } }
  await app.register(proxyServices, { definitions: () => ({ proxies }) })
  await app.register(admin)
  for (const name of ['Old', 'Kept']) await app.inject({ method: 'POST', url: `/services/${name}`, payload: 'abc' })
  const counted = async (): Promise<string[]> =>
    [...(await metricsOf(app)).keys()].flatMap(
      name => /^proxy_services_proxy_requests_in_flight\{proxy="(.*)"/.exec(name)?.[1] ?? []
    )
  t.strictSame(await counted(), ['Old', 'Kept'])
  proxies = { Kept: { endpoint }, New: { endpoint } }
  await app.proxyServices.reload()
  await app.inject({ method: 'POST', url: '/services/New', payload: 'abc' })
  t.strictSame(await counted(), ['Kept', 'New'])
})
