import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** Ports of loopback where nothing listens. */
export async function freePorts (count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(async server => await once(server, 'listening')))
  const ports = servers.map(server => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(async server => await once(server.close(), 'close')))
  return ports
}

/** A port of loopback where nothing listens. */
export const freePort = async (): Promise<number> => (await freePorts(1))[0]!
