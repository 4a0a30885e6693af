import type { Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'

/** Another process listens at the port. */
export class PortTaken extends Error {}

/** Returns a handler of errors of `listen`, which names the port. */
export const portNamed =
  (port: number) =>
    (error: NodeJS.ErrnoException): never => {
      throw error.code === 'EADDRINUSE' ? new PortTaken(`port ${port} is in use`) : error
    }

/** The port that a server listens at; undefined: it does not. */
export const listeningPort = (server: Server | SecureServer | undefined): number | undefined => {
  const address = server?.address()
  return typeof address === 'object' && address !== null ? address.port : undefined
}
