import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { Registry } from '../../lib/state/registry.js'
import type { EndpointState } from '../../lib/state/endpoint-state.js'
import type { HealthCheckPolicy, HealthCheckResult } from '../../lib/state/health-check.js'
import { DEFAULT_POLICY } from '../../lib/state/suspension.js'
import { HealthChecks } from '../../plugins/health-checks/health-checks.js'
import { performCheck } from '../../plugins/health-checks/perform-check.js'
import { freePort } from '../support/free-port.js'
import { gateway } from '../support/gateway.js'
import { until } from '../support/until.js'
import { CERTIFICATE, KEY } from '../support/http/certificate.js'
import { backend, origin, promised, rawBackend } from '../support/http/bare-proxy.js'

const POLICY: HealthCheckPolicy =
  { path: '/health', interval: 100, timeout: 60_000, expect: [{ from: 200, to: 399 }], rise: 2, fall: 3 }

const check = (url: string, more: Partial<HealthCheckPolicy> = {}, verify = true): Promise<HealthCheckResult> =>
  performCheck({ url: new URL(url), policy: { ...POLICY, ...more }, verify })

t.test('an HTTP check requests its path, and passes with an expected status', async t => {
  const seen: string[] = []
  const port = await backend(t, ({ method, url, headers }, response) => {
    seen.push(`${method} ${url} ${headers['user-agent']} ${headers.connection}`)
    response.statusCode = url === '/down' ? 503 : 204
    response.end()
  })
  t.same(await check(`${origin(port)}/service?wsdl`), { kind: 'passed' })
  t.match(await check(origin(port), { path: '/down' }), { kind: 'failed', cause: 'it responded with HTTP status 503' })
  t.equal(seen[0], 'GET /health fastify-proxy-services (health check) close')
})

t.test('a check fails where the endpoint does not listen, does not respond, or is not HTTP', async t => {
  t.match(await check(origin(await freePort())), { kind: 'failed', cause: /refused/ })
  const silent = await rawBackend(t, socket => { socket.resume() })
  t.match(await check(origin(silent), { timeout: 50 }), { kind: 'failed', cause: 'the check took longer than 50 ms' })
  const other = await rawBackend(t, socket => { socket.end('220 mail\r\n') })
  t.match(await check(origin(other)), { kind: 'failed', cause: /not HTTP/ })
  const closing = await rawBackend(t, socket => socket.destroy())
  t.match(await check(origin(closing)), { kind: 'failed', cause: /closed|reset/ })
  t.match(await check('http://no-such-host.invalid/'), { kind: /failed|inconclusive/ })
})

t.test('without a path a TCP connection is enough', async t => {
  const port = await rawBackend(t, () => {})
  t.same(await check(origin(port), { path: undefined }), { kind: 'passed' })
  t.match(await check(origin(await freePort()), { path: undefined }), { kind: 'failed', cause: /refused/ })
})

t.test('over TLS the certificate is verified as for messages', async t => {
  const server = createSecureServer({ key: KEY, cert: CERTIFICATE }, (_, response) => { response.end() })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  t.match(await check(url), { kind: 'failed', cause: /TLS failed/ })
  t.same(await check(url, {}, false), { kind: 'passed' })
})

const endpoint = (registry: Registry, name: string, regular?: HealthCheckPolicy): EndpointState => {
  const lease = registry.lease()
  const state = lease.endpoint(name, `http://${name}:1/`, DEFAULT_POLICY, { regular, verify: true })
  lease.commit()
  return state
}

t.test('endpoints without health checks of their own get those of their group', async t => {
  const registry = new Registry(() => Date.now())
  endpoint(registry, 'own', { ...POLICY, path: '/own' })
  endpoint(registry, 'other')
  endpoint(registry, 'alone')
  const lease = registry.lease()
  lease.group('group', 'failover', ['own', 'other'], { healthCheck: { ...POLICY, path: '/group' } })
  lease.commit()
  const checked = new Set<string>()
  const checks = new HealthChecks(registry, {
    random: () => 0,
    perform: async ({ url, policy }) => {
      checked.add(url.hostname + policy.path!)
      return { kind: 'passed' }
    }
  })
  t.teardown(() => checks.close())
  checks.scan()
  await until(() => checked.size === 2)
  t.same([...checked].sort(), ['other/group', 'own/own'])
  registry.release(lease)
  checks.scan()
  t.equal(registry.endpoints.get('other')!.checked, undefined)
})

t.test('at most 64 checks run at one time, and every endpoint has its turn', async t => {
  const registry = new Registry(() => Date.now())
  for (let count = 0; count < 200; count++) endpoint(registry, `e${count}`, POLICY)
  let [inFlight, most] = [0, 0]
  const done = new Set<string>()
  const ended = promised()
  const checks = new HealthChecks(registry, {
    random: () => 0,
    perform: async ({ url }) => {
      most = Math.max(most, ++inFlight)
      await ended.promise
      inFlight--
      done.add(url.hostname)
      return { kind: 'passed' }
    }
  })
  t.teardown(() => checks.close())
  checks.scan()
  await until(() => inFlight >= 64)
  ended.resolve()
  await until(() => done.size === 200)
  t.equal(most, 64)
})

t.test('an endpoint that fails its checks is out, also for its sessions, and traffic changes nothing about it', async t => {
  let healthy = true
  const [one, two] = await Promise.all(['one', 'two'].map(name => backend(t, ({ url }, response) => {
    if (url === '/health') response.statusCode = name === 'one' && !healthy ? 500 : 200
    response.end(`<${name}/>`)
  })))
  const healthCheck = { path: '/health', interval: 100, timeout: 60_000, rise: 1, fall: 1 }
  const { app } = await gateway(t, {
    definitions: {
      proxies: {
        P: {
          endpoint: {
            kind: 'loadbalance',
            healthCheck,
            session: { kind: 'header', name: 'X-Session', onLost: 'redispatch' },
            members: [one!, two!].map((port, at) => ({ kind: 'address' as const, name: `E${at}`, uri: origin(port) }))
          }
        }
      }
    }
  })
  const registry = app.endpointRegistry
  const [first] = [...registry.endpoints.values()]
  const send = async (session: string): Promise<string> =>
    (await app.inject({ method: 'POST', url: '/services/P', headers: { 'x-session': session }, payload: 'x' })).body
  t.same([await send('a'), await send('b')], ['<one/>', '<two/>'])
  healthy = false
  await once(registry, 'healthCheckChange')
  t.match(first, { health: { state: 'active' }, checked: { isPassing: false, cause: 'it responded with HTTP status 500' } })
  t.equal(registry.isReady(first!), false)
  registry.signal(first!, { kind: 'success' })
  for (let count = 0; count < 4; count++) t.equal(await send('a'), '<two/>')
  healthy = true
  await once(registry, 'healthCheckChange')
  t.equal(registry.isReady(first!), true)
  const all = await Promise.all(['c', 'd'].map(send))
  t.same(all.sort(), ['<one/>', '<two/>'])
})

t.test('a stopped process is out within `fall` intervals, and only messages in flight are lost', async t => {
  const child = fork(fileURLToPath(new URL('./health-check-back-end.js', import.meta.url)))
  t.teardown(() => child.kill('SIGKILL'))
  const [port] = await once(child, 'message') as [number]
  const well = await backend(t, (_, response) => response.end('<well/>'))
  const [interval, timeout] = [500, 500]
  const member = (name: string, port: number) =>
    ({ kind: 'address' as const, name, uri: origin(port), timeout: { duration: 240_000 }, maxAbandoned: 0 })
  const { app, url } = await gateway(t, {
    definitions: {
      proxies: {
        P: {
          endpoint: {
            kind: 'loadbalance',
            members: [{ ...member('E0', port), healthCheck: { path: '/', interval, timeout } }, member('E1', well)]
          }
        }
      }
    }
  })
  const registry = app.endpointRegistry
  const frozen = registry.endpoints.get('E0')!
  await until(() => frozen.checked !== undefined && frozen.checked.passes > 0 && frozen.checked.isPassing)
  const [fromStopped, fromOther] = ['200 <stopped/>', '200 <well/>']
  const send = async (): Promise<string> => {
    const response = await fetch(`${url}/services/P`, { method: 'POST', body: 'x' })
    return `${response.status} ${await response.text()}`
  }
  t.same((await Promise.all([send(), send()])).sort(), [fromStopped, fromOther])

  let isOut = false
  const before: Promise<string>[] = []
  const after: Promise<string>[] = []
  const early: string[] = []
  const sendOne = (): void => {
    const response = send()
    if (isOut) after.push(response)
    else {
      before.push(response)
      void response.then(text => early.push(text))
    }
  }
  const change = once(registry, 'healthCheckChange').then(() => { isOut = true })
  child.kill('SIGSTOP')
  let intervals = 0
  // A timer of this process is late when those of the checks are.
  const counting = setInterval(() => { intervals++ }, interval)
  const load = setInterval(sendOne, 25)
  t.teardown(() => {
    clearInterval(load)
    clearInterval(counting)
  })
  await change
  const { inFlight } = frozen
  t.ok(intervals <= 3 + 1 + 2, `out after ${intervals} intervals; its last check takes one, and may begin late`)
  t.equal(frozen.health.state, 'active', 'its suspension by traffic is another matter')
  await until(() => after.length >= 50)
  clearInterval(load)
  t.same((await Promise.all(after)).filter(text => text !== fromOther), [], 'messages sent after the change')
  await until(() => early.length === before.length - inFlight)
  t.same(early.filter(text => text !== fromOther), [], 'messages sent before it that have their responses')
  t.ok(inFlight > 0 && early.length > 0, `${inFlight} of ${before.length} messages are at the stopped process`)
  t.equal(frozen.inFlight, inFlight)
  const back = once(registry, 'healthCheckChange')
  child.kill('SIGCONT')
  await back
  t.equal(registry.isReady(frozen), true)
  const all = await Promise.all(before)
  t.equal(all.filter(text => text === fromStopped).length, inFlight, 'these have their responses once it continues')
})
