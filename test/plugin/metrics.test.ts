import Fastify from 'fastify'
import { Registry as MetricsRegistry } from 'prom-client'
import t from 'tap'
import { DEFAULT_POLICY } from '../../lib/state/suspension.js'
import { fault } from '../../lib/message/fault.js'
import { Registry } from '../../lib/state/registry.js'
import proxyServices, { admin } from '../../plugins/index.js'
import { createMetrics } from '../../plugins/metrics/metrics.js'
import { backend } from '../support/backend.js'
import { version } from '../../plugins/package/version.js'
import { message } from '../support/gateway.js'
import { samplesOf } from '../support/operation/metrics.js'

/** The metrics of a registry without proxies, on a registry of prom-client that has nothing else. */
const metricsOf = async (registry: Registry): Promise<string> =>
  await createMetrics({
    registry,
    proxyServices: undefined,
    version: '1',
    metricsRegistry: new MetricsRegistry()
  }).metrics()

t.test('traffic, states, sessions and reloads are counted', async t => {
  const up = await backend(t, 'up')
  const app = Fastify()
  t.teardown(() => app.close())
  const members = ['http://127.0.0.1:1/down', up.uri].map((uri, number) => ({
    name: `E${number}`,
    kind: 'address' as const,
    uri
  }))
  await app.register(proxyServices, {
    definitions: {
      proxies: {
        Quotes: {
          in: [
            {
              kind: 'send',
              endpoint: { name: 'G', kind: 'loadbalance', session: { kind: 'simpleClientSession' }, members }
            }
          ]
        }
      }
    }
  })
  await app.register(admin)
  const begin = performance.now()
  for (const session of ['very-secret-1', 'very-secret-2', 'very-secret-2']) {
    t.equal(
      (
        await app.inject({
          method: 'POST',
          url: '/services/Quotes',
          headers: { 'content-type': 'application/soap+xml' },
          payload: message(session)
        })
      ).statusCode,
      200
    )
  }
  const response = await app.inject('/metrics')
  t.equal(response.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  t.notMatch(response.body, 'very-secret')
  const samples = samplesOf(response.body)
  const expected: Record<string, number> = {
    'endpoint_requests_total{endpoint="E0",result="response"}': 0,
    'endpoint_requests_total{endpoint="E1",result="response"}': 3,
    'endpoint_requests_total{endpoint="E0",result="failure"}': 1,
    'endpoint_requests_total{endpoint="E1",result="failure"}': 0,
    'endpoint_requests_in_flight{endpoint="E1"}': 0,
    'endpoint_oldest_request_seconds{endpoint="E1"}': 0,
    'endpoint_response_head_seconds_count{endpoint="E1"}': 3,
    'endpoint_response_head_seconds_bucket{endpoint="E1",le="+Inf"}': 3,
    'endpoint_ready{endpoint="E0"}': 0,
    'endpoint_ready{endpoint="E1"}': 1,
    'endpoint_state{endpoint="E0",state="suspended"}': 1,
    'endpoint_state{endpoint="E0",state="active"}': 0,
    'endpoint_state{endpoint="E1",state="active"}': 1,
    'endpoint_state{endpoint="E1",state="off"}': 0,
    'group_endpoints{group="G"}': 2,
    'group_endpoints_ready{group="G"}': 1,
    'group_sessions{group="G"}': 2,
    'group_sessions_evicted_total{group="G"}': 0,
    'group_sessions_moved_total{group="G"}': 1,
    'group_member_sessions{group="G",member="E1"}': 2,
    'endpoint_retries_total{endpoint="E0"}': 0,
    'endpoint_retries_total{endpoint="E1"}': 1,
    'endpoint_requests_cancelled_total{endpoint="E1"}': 0,
    [`origin_connections{origin="http://127.0.0.1:${up.port}",use="idle"}`]: 1,
    [`origin_connections{origin="http://127.0.0.1:${up.port}",use="busy"}`]: 0,
    [`origin_connections_opened_total{origin="http://127.0.0.1:${up.port}"}`]: 1,
    [`origin_connections_reused_total{origin="http://127.0.0.1:${up.port}"}`]: 2,
    [`origin_connect_seconds_count{origin="http://127.0.0.1:${up.port}"}`]: 1,
    'origin_connections_opened_total{origin="http://127.0.0.1:1"}': 1,
    [`build_info{version="${version}",node="${process.version}"}`]: 1,
    configuration_parts_left_out: 0,
    buffered_body_bytes: 0,
    buffered_body_limit_bytes: 268_435_456,
    buffered_body_denied_total: 0,
    retries_impossible_total: 0,
    stale_connections_total: 0,
    configuration_proxies: 1,
    configuration_up_to_date: 1,
    'configuration_reloads_total{result="failed"}': 0
  }
  for (const [name, value] of Object.entries(expected)) t.equal(samples.get(`proxy_services_${name}`), value, name)
  const left = samples.get('proxy_services_endpoint_suspension_remaining_seconds{endpoint="E0"}')!
  const elapsed = (performance.now() - begin) / 1000
  t.ok(left > 29 - elapsed && left <= 30, 'seconds until the next retry')
  t.ok(samples.get('process_resident_memory_bytes')! > 1e6)
  t.ok(samples.get('process_cpu_seconds_total')! > 0)
  t.ok(samples.get('nodejs_eventloop_lag_seconds')! >= 0, 'how late the event loop is')
  if (process.platform === 'linux') t.ok(samples.get('process_open_fds')! > 0, 'open file descriptors')
})

t.test('exactly one state of an endpoint is 1', async t => {
  let now = 1_000
  const registry = new Registry(() => now)
  const lease = registry.lease()
  const endpoint = lease.endpoint('E', 'http://e', { ...DEFAULT_POLICY, retriesBeforeSuspension: 1, retryDelay: 1_500 })
  lease.commit()
  const up = async (): Promise<string[]> =>
    [...samplesOf(await metricsOf(registry))]
      .filter(([name, value]) => name.startsWith('proxy_services_endpoint_state') && value === 1)
      .map(([name]) => /state="(.*)"/.exec(name)![1]!)
  const left = async (): Promise<number> =>
    samplesOf(await metricsOf(registry)).get('proxy_services_endpoint_suspension_remaining_seconds{endpoint="E"}')!
  t.same([await up(), await left()], [['active'], 0])
  registry.signal(endpoint, { kind: 'fault', fault: fault('CONNECTION_TIMEOUT', 'late') })
  t.same([await up(), await left()], [['timeout'], 1.5])
  registry.signal(endpoint, { kind: 'fault', fault: fault('CONNECTION_TIMEOUT', 'late') })
  t.same([await up(), await left()], [['suspended'], 30])
  now += 100_000
  t.same([await up(), await left()], [['half-open'], 0], 'the suspension is over, no trial yet')
  registry.switchOff('E')
  t.same([await up(), await left()], [['off'], 0])
  registry.switchOn('E')
  registry.drain('E')
  t.same(await up(), ['draining'])
})

t.test('values of labels of metrics are escaped', async t => {
  const registry = new Registry(() => 0)
  const lease = registry.lease()
  lease.endpoint('a "quoted" \\ name\nin two lines', 'http://e', DEFAULT_POLICY)
  lease.commit()
  t.ok(
    samplesOf(await metricsOf(registry)).has(
      'proxy_services_endpoint_ready{endpoint="a \\"quoted\\" \\\\ name\\nin two lines"}'
    )
  )
})

t.test('clients create no labels, and configurations a bounded number', async t => {
  const registry = new Registry(() => 0)
  const lease = registry.lease()
  for (let each = 0; each < 700; each++) lease.endpoint(`static ${each}`, 'http://e', DEFAULT_POLICY)
  for (let each = 0; each < 700; each++) lease.group(`group ${each}`, 'loadbalance', [])
  lease.commit()
  for (let each = 0; each < 3_000; each++) {
    lease.endpoint(`To http://client-${each}`, `http://client-${each}`, DEFAULT_POLICY).responses = 2
  }
  const text = await metricsOf(registry)
  const samples = samplesOf(text)
  t.notMatch(text, 'http://client-')
  t.equal(samples.get('proxy_services_endpoint_requests_total{endpoint="(dynamic)",result="response"}'), 6_000)
  t.equal(samples.get('proxy_services_endpoint_state{endpoint="(dynamic)",state="active"}'), 3_000)
  t.equal(samples.get('proxy_services_endpoint_ready{endpoint="(others)"}'), 200)
  t.equal([...samples.keys()].filter(name => name.startsWith('proxy_services_endpoint_ready')).length, 502)
  t.equal([...samples.keys()].filter(name => name.startsWith('proxy_services_group_endpoints{')).length, 501)
  t.ok(samples.has('proxy_services_group_endpoints{group="(others)"}'))
})

t.test('the host app hands in its own registry of prom-client', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  const metricsRegistry = new MetricsRegistry()
  await app.register(proxyServices, { definitions: { proxies: {} } })
  await app.register(admin, { metricsRegistry })
  await app.ready()
  t.match(await metricsRegistry.metrics(), /^proxy_services_configuration_proxies 0$/m)
  t.notMatch((await app.inject('/metrics')).body, /^process_cpu/m, 'metrics of the process are those of the host')
})
