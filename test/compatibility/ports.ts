import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

/**
 * Ports for back-ends that are down at times, and whose port no other process may get meanwhile. So they lie below
 * those that the system gives away, and a process has a range of them to itself: it holds the first one as long as it
 * lives.
 */
const LOWEST = 20_000
const EACH = 500
const RANGES = 24
let next = 1

export async function unusedPort (): Promise<number> {
  const first = await range
  for (let tries = 1; tries < EACH; tries++) {
    const port = first + next++ % EACH
    const taken = port === first ? undefined : await listen(port, () => {}).catch(() => undefined)
    if (taken === undefined) continue
    await unlisten(taken)
    return port
  }
  throw new Error('no port is free')
}

const range = (async () => {
  for (let tries = 0; tries < RANGES; tries++) {
    const first = LOWEST + (process.pid + tries) % RANGES * EACH
    const server = createServer().unref()
    const held = await new Promise(resolve =>
      server.once('error', () => resolve(false)).listen(first, '127.0.0.1', () => resolve(true))
    )
    if (held) return first
  }
  throw new Error('no range of ports is free')
})()
// The failure reaches each caller that needs a port.
range.catch(() => {})

/** Listens on every address that `localhost` has. */
export async function listen (port: number, visit: (socket: Socket) => void): Promise<Server[]> {
  const servers: Server[] = []
  try {
    for (const address of await addresses) {
      const server = createServer({ noDelay: true }, visit)
      await once(server.listen(port, address), 'listening')
      servers.push(server)
    }
    return servers
  } catch (error) {
    await unlisten(servers)
    throw error
  }
}

/** Its connections must have been ended. */
export const unlisten = async (servers: readonly Server[]): Promise<void> => {
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
}

const addresses = lookup('localhost', { all: true }).then(found => [...new Set(found.map(({ address }) => address))])
