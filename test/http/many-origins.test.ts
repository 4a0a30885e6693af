import { once } from 'node:events'
import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { LIMITS } from '../../plugins/http/message/limits.js'
import { bareProxy } from '../support/http/bare-proxy.js'

/** More by `ORIGINS=10000 node dist/test/http/many-origins.test.js`. */
const ORIGINS = Number(process.env['ORIGINS'] ?? 3_000)
const SIDE_BY_SIDE = 64

// On Linux each address of 127.0.0.0/8 is this machine.
const skip = process.platform !== 'linux' && 'only Linux has thousands of addresses of its own'

t.setTimeout(Math.max(300_000, ORIGINS * 40))

t.test('thousands of origins: each request reaches its own, and few of them keep connections', { skip }, async t => {
  const server = createServer((request, response) => {
    response.end(request.socket.localAddress)
  })
  await once(server.listen(0, '0.0.0.0'), 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const proxy = await bareProxy(t, {
    handle: async (self, message, exchange) => {
      const call = self.call(`http://${message.path.slice(1)}:${port}`, message)
      const outcome = await self.forwarder.forward(call, exchange, 'nothing')
      if (outcome.kind !== 'answered') throw new Error(outcome.fault.reason)
      return outcome.message
    }
  })
  const agent = new Agent({ keepAlive: true, maxSockets: SIDE_BY_SIDE })
  t.teardown(() => agent.destroy())
  const bodyOf = async (address: string): Promise<string> => {
    const request = get({ host: '127.0.0.1', port: proxy.port, path: `/${address}`, agent })
    const [response] = await once(request, 'response')
    let text = ''
    for await (const chunk of response) text += chunk
    return text
  }
  let next = 0
  let most = 0
  const wrong: string[] = []
  await Promise.all(
    Array.from({ length: SIDE_BY_SIDE }, async () => {
      for (let number = next++; number < ORIGINS; number = next++) {
        const address = `127.1.${number >> 8}.${number & 255}`
        const said = await bodyOf(address)
        if (said !== address) wrong.push(`${address}: ${said}`)
        if (number % 500 === 0) most = Math.max(most, await connectionsOf(server))
      }
    })
  )
  t.same(wrong, [])
  const { maxOrigins } = LIMITS
  t.equal([...proxy.forwarder.origins()].length, maxOrigins)
  t.ok(most <= maxOrigins + 2 * SIDE_BY_SIDE, `${most} connections at most`)
})

const connectionsOf = (server: ReturnType<typeof createServer>): Promise<number> =>
  new Promise((resolve, reject) => {
    server.getConnections((error, count) => {
      if (error === null) resolve(count)
      else reject(error)
    })
  })
