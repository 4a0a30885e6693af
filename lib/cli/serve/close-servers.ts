import type { Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** How often idle connections are closed while servers close, in milliseconds. */
const IDLE_CHECK_MS = 50

/**
 * Closes servers: they stop listening, idle connections end at once, others after their response. Connections that are
 * left after `grace` milliseconds are destroyed.
 * @param onAbort is called before that
 * @returns Whether none was left.
 */
export async function closeServers (
  servers: readonly Server[], grace: number, onAbort: () => void = () => {}
): Promise<boolean> {
  const timers = new AbortController()
  const idle = setInterval(() => { for (const server of servers) server.closeIdleConnections() }, IDLE_CHECK_MS)
  try {
    const inTime = await Promise.race([
      Promise.all(servers.map(closed)).then(() => true),
      delay(grace, false, { signal: timers.signal }).catch(() => true)
    ])
    if (!inTime) onAbort()
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
