import Fastify from 'fastify'
import proxyServices, { admin } from '../../plugins/index.js'
import { TOKEN } from './demonstration.js'

/**
 * A gateway with many endpoints, in a process of its own, so that its work is not that of the test.
 *
 *     node dist/test/browser/large-gateway.js ENDPOINTS
 *
 * Sends its address to its parent. `{ rate }` from the parent: this many events a second, of which a hundredth are
 * changes of state; it responds to each `'cpu'` with its CPU time in milliseconds.
 */
const GROUP_SIZE = 100
const count = Number(process.argv[2] ?? 10_000)
const endpoints = Object.fromEntries(
  Array.from({ length: count / GROUP_SIZE }, (_, group) => [
    `group-${group}`,
    {
      kind: 'loadbalance',
      members: Array.from({ length: GROUP_SIZE }, (_, at) => ({
        kind: 'address',
        name: `endpoint-${group * GROUP_SIZE + at}`,
        uri: `http://10.${group >> 8}.${group & 255}.${at}:9000/services/Orders`
      }))
    }
  ])
)
const proxies = { Orders: { in: [{ kind: 'send', endpoint: { kind: 'reference', key: 'group-0' } }] } }
const app = Fastify({ forceCloseConnections: true })
await app.register(proxyServices, { definitions: { endpoints, proxies } as object })
await app.register(admin, { prefix: '/admin', console: true, token: TOKEN })
const url = await app.listen({ host: '127.0.0.1', port: 0 })

const TICK_MS = 20
let timer: NodeJS.Timeout | undefined
let next = 0

/** Events: endpoints drain and are switched on again, each in its turn. */
function play (rate: number): void {
  clearInterval(timer)
  if (rate === 0) return
  timer = setInterval(() => {
    for (let event = 0; event < (rate * TICK_MS) / 1_000; event++) {
      const name = `endpoint-${next++ % count}`
      const { state } = app.endpointRegistry.endpoints.get(name)!.health
      if (state === 'active') app.endpointRegistry.drain(name)
      else app.endpointRegistry.switchOn(name)
    }
  }, TICK_MS)
}

process.on('message', (message: { rate: number } | 'cpu') => {
  if (message === 'cpu') {
    const { user, system } = process.cpuUsage()
    process.send!({ cpu: (user + system) / 1_000 })
  } else play(message.rate)
})
process.on('disconnect', () => process.exit())
process.send?.({ url })
