import t from 'tap'
import { freePorts } from '../support/free-port.js'
import { operatedGateway } from '../support/operated-gateway.js'
import { Running } from '../support/serve-process.js'

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
