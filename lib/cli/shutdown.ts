import type { Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** Idle connections are looked for this often while servers close, in milliseconds. */
const LOOK = 50

/**
 * Closes servers: nobody connects any more, idle connections end now, the others with the answer that they wait for.
 * What is left after `grace` milliseconds is cut off. @returns whether nothing was
 */
export async function closeServers (servers: readonly Server[], grace: number): Promise<boolean> {
  const timers = new AbortController()
  const idle = setInterval(() => { for (const server of servers) server.closeIdleConnections() }, LOOK)
  try {
    const inTime = await Promise.race([
      Promise.all(servers.map(closed)).then(() => true),
      delay(grace, false, { signal: timers.signal }).catch(() => true)
    ])
    if (!inTime) for (const server of servers) server.closeAllConnections()
    return inTime
  } finally {
    clearInterval(idle)
    timers.abort()
  }
}

const closed = async (server: Server): Promise<void> => {
  if (server.listening) await new Promise<void>(resolve => { server.close(() => resolve()) })
}
