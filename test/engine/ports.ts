import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

/**
 * Ports whose back-end is down at times, and which nobody else may be given meanwhile: so they lie below those that the system gives away,
 * each test process has a range of its own, and one that is taken is passed over.
 */
const LOWEST = 20_000
const EACH = 500
let next = 0

export async function unusedPort (): Promise<number> {
  for (let tries = 0; tries < EACH; tries++) {
    const port = LOWEST + (process.pid % 24) * EACH + next++ % EACH
    const taken = await listen(port, () => {}).catch(() => undefined)
    if (taken === undefined) continue
    await unlisten(taken)
    return port
  }
  throw new Error('no port is free')
}

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
