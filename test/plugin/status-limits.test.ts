/** What `status` and the metrics say of health checks, and of limits of requests in flight. */
import { createServer, type ServerResponse } from 'node:http'
import t from 'tap'
import { backend } from '../support/backend.js'
import { runCommand } from '../support/processes/command.js'
import { samplesOf } from '../support/operation/metrics.js'
import { operatedGateway } from '../support/operation/operated-gateway.js'
import { listenOnLoopback } from '../support/listen-on-loopback.js'
import { until } from '../support/until.js'

t.test('status and metrics name what health checks have found, and how many requests wait or were refused', async t => {
  const held: ServerResponse[] = []
  const slow = await listenOnLoopback(t, createServer((_, response) => held.push(response)))
  const ill = await backend(t, 'ill', ({ url }, response) => {
    response.statusCode = url === '/health' ? 500 : 200
    response.end()
  })
  const address = { kind: 'address' as const }
  const healthCheck = { path: '/health', interval: 100, timeout: 60_000, fall: 1 }
  const { gateway, url, admin } = await operatedGateway(t, {
    proxies: {
      Slow: { endpoint: { ...address, name: 'slow', uri: slow, maxRequests: 1, maxQueued: 1, queueTimeout: 0 } },
      Ill: { endpoint: { ...address, name: 'ill', uri: ill.uri, healthCheck } }
    }
  })
  const send = async (): Promise<number> =>
    (await fetch(`${url}/services/Slow`, { method: 'POST', body: 'x' })).status
  const endpoint = gateway.app.endpointRegistry.endpoints.get('slow')!
  const first = send()
  await until(() => held.length === 1)
  const second = send()
  await until(() => endpoint.queued === 1)
  t.same([await send(), await send()], [503, 503])
  await until(() => gateway.app.endpointRegistry.endpoints.get('ill')!.checked?.isPassing === false)

  const { out } = await runCommand(['status', '--admin', admin])
  t.match(out, /^1 of 2 endpoints is not ready\n/)
  t.match(out, /^ENDPOINT +STATE +NEXT RETRY +IN FLIGHT +OLDEST +RESPONSES +FAILURES +REFUSED +CAUSE\n/m)
  t.match(out, /^slow +active +- +1 of 1 \+ 1 queued +[\d.]+ s +0 +0 +2 +-$/m)
  t.match(
    out,
    /^ill +active, unhealthy +when its health checks pass +0 +- +0 +0 +0 +health check: .*500, since [\d:]{8}$/m
  )
  const samples = samplesOf(await (await fetch(`${admin}/metrics`)).text())
  for (const [name, value] of Object.entries({
    'endpoint_health_check_passing{endpoint="ill"}': 0,
    'endpoint_health_checks_total{endpoint="ill",result="passed"}': 0,
    'endpoint_requests_in_flight{endpoint="slow"}': 1,
    'endpoint_requests_queued{endpoint="slow"}': 1,
    'endpoint_requests_limit{endpoint="slow"}': 1,
    'endpoint_requests_limit{endpoint="ill"}': undefined,
    'endpoint_requests_refused_total{endpoint="slow"}': 2
  })) {
    t.equal(samples.get(`proxy_services_${name}`), value, name)
  }
  t.ok(samples.get('proxy_services_endpoint_health_checks_total{endpoint="ill",result="failed"}')! >= 1)
  t.ok(samples.get('proxy_services_endpoint_oldest_request_seconds{endpoint="slow"}')! > 0)

  held[0]!.end()
  await until(() => held.length === 2)
  held[1]!.end()
  t.same([await first, await second], [200, 200])
})
