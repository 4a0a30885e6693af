import type { Server } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Dispatcher } from './dispatcher.js'
import { acceptUpgrades } from '../http/server/upgrade-listener.js'

/** How long WebSockets may take to close before the app stops to listen, in milliseconds. */
const CLOSE_GRACE_MS = 5_000

/**
 * Takes the WebSocket upgrades of a server that serves this app, if a proxy wants them; else nothing of the server
 * changes. To be called again after a reload.
 */
export function serveWebSockets (app: FastifyInstance, server: Server): void {
  const { proxyServices } = app
  if (![...proxyServices].some(servesWebSocket)) return
  acceptUpgrades(server, {
    route: (request, response) => app.routing(request, response),
    owns: path => [...proxyServices].some(({ paths }) => isBelow(path, paths))
  })
}

/** Whether a proxy lets its clients upgrade. */
const servesWebSocket = ({ configuration }: Dispatcher): boolean =>
  [...configuration.services.values()].some(({ webSocket }) => webSocket === true)

/** Whether a path is one of these, or below it. */
const isBelow = (path: string, paths: ReadonlySet<string>): boolean =>
  [...paths].some(each => path === each || path.startsWith(each.endsWith('/') ? each : `${each}/`))

/** Closes the WebSockets of an app that closes: its server would wait for them. */
export async function closeWebSockets (app: FastifyInstance, grace = CLOSE_GRACE_MS): Promise<void> {
  await Promise.all([...app.proxyServices].map(async each => await each.webSockets.close(grace)))
}
