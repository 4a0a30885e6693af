import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import t from 'tap'
import { backend, origin, post, whole, wire, type Wire } from '../support/http/bare-proxy.js'
import { freePorts } from '../support/free-port.js'
import { gateway } from '../support/gateway.js'
import { operatedGateway } from '../support/operation/operated-gateway.js'
import { Running } from '../support/processes/serve-process.js'
import { until } from '../support/until.js'
import { TRIAL_TIME, withinTime } from '../support/timing/within-time.js'

t.test('members whose suspension is over, and which have not responded yet, are ready nowhere', async t => {
  const ports = await freePorts(2)
  const members = ports.map((port, at) => ({
    kind: 'address' as const,
    name: `E${at}`,
    uri: `http://127.0.0.1:${port}/`,
    suspendOnFailure: { initialDuration: 1 }
  }))
  const { url, admin } = await operatedGateway(t, {
    proxies: { P: { in: [{ kind: 'send', endpoint: { kind: 'loadbalance', name: 'G', members } }] } }
  })
  const refused = await fetch(`${url}/services/P`, { method: 'POST', body: 'x' })
  t.equal(refused.status, 502)
  const states = async (): Promise<string[]> => {
    const { list } = await (await fetch(`${admin}/endpoints`)).json() as { list: { state: string }[] }
    return list.map(({ state }) => state)
  }
  while ((await states()).some(state => state === 'suspended')) { /* A suspension of 1 ms ends by itself. */ }
  t.same(await states(), ['half-open', 'half-open'], 'admin: endpoints')
  const { list: [group] } = await (await fetch(`${admin}/groups`)).json() as { list: object[] }
  t.match(group, { name: 'G', ready: 0 }, 'admin: groups')
  const metrics = await (await fetch(`${admin}/metrics`)).text()
  t.match(metrics, /^proxy_services_group_endpoints_ready\{group="G"\} 0$/m, 'metrics: the group')
  for (const name of ['E0', 'E1']) {
    t.match(metrics, new RegExp(`^proxy_services_endpoint_ready\\{endpoint="${name}"\\} 0$`, 'm'), `metrics: ${name}`)
  }
  const status = new Running(t, ['status', '--admin', admin])
  t.equal(await status.exited, 0)
  t.match(status.text, /^2 of 2 endpoints are not ready\n/, 'status')
  t.match(status.text, /^G +0 of 2 /m)
  t.equal(status.text.match(/half-open/g)?.length, 2)
})

/** Messages that wait for the trial of one endpoint at most. */
const MAX_WAITING = 100

t.test('a trial at the only member: 100 messages wait for its end, a further one gets 503 at once', async t => {
  const trials: ServerResponse[] = []
  let behaviour: 'reset' | 'held' | 'well' = 'reset'
  let served = 0
  const port = await backend(t, (request, response) => {
    if (behaviour === 'reset') request.socket.resetAndDestroy()
    else if (behaviour === 'held') trials.push(response)
    else {
      served++
      response.end('served')
    }
  })
  const { app, url } = await gateway(t, {
    definitions: {
      proxies: {
        P: {
          endpoint: {
            kind: 'loadbalance',
            members: [{
              kind: 'address',
              name: 'E',
              uri: origin(port),
              suspendOnFailure: { initialDuration: 1 }
            }]
          }
        }
      }
    }
  })
  const registry = app.endpointRegistry
  const endpoint = registry.endpoints.get('E')!
  const request = post('x').replace('/x', '/services/P').replace('text/xml', 'text/plain')
  const gatewayPort = Number(new URL(url).port)
  const [first, ...others] = Array.from({ length: MAX_WAITING + 2 }, () => wire(t, gatewayPort, ''))
  for (const { socket } of [first!, ...others]) if (socket.connecting) await once(socket, 'connect')
  const respondedWith = async (client: Wire): Promise<string> => (await client.until(whole)).slice(9, 12)

  const messages = await withinTime(TRIAL_TIME, async () => {
    behaviour = 'reset'
    served = 0
    for (const client of [first!, ...others]) client.text = ''
    first!.socket.write(request)
    t.not(await respondedWith(first!), '200')
    await until(() => registry.healthOf(endpoint).state === 'half-open')
    first!.text = ''
    behaviour = 'held'
    const begin = performance.now()
    first!.socket.write(request)
    await until(() => trials.length > 0)
    behaviour = 'well'
    const statuses: string[] = []
    const responses = others.map(async client => {
      client.socket.write(request)
      statuses.push(await respondedWith(client))
    })
    await until(() => statuses.length > 0)
    const [early, besides, took] = [[...statuses], served, performance.now() - begin]
    trials.pop()!.end('trial')
    const trial = await respondedWith(first!)
    await Promise.all(responses)
    return { early, besides, took, trial, statuses }
  })
  t.same(messages.early, ['503'], 'the message for which the queue has no room')
  t.equal(messages.besides, 0, 'no message is sent beside the trial')
  t.equal(messages.trial, '200')
  t.same(messages.statuses, ['503', ...Array(MAX_WAITING).fill('200')])
  t.equal(served, MAX_WAITING)
  t.equal(endpoint.health.state, 'active')
})
