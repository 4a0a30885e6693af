import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** The path of a unix socket where nothing listens yet; short, since its length is limited. */
export function socketPath (t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 's-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'app.sock')
}

/** The origin of a unix socket, as the configuration names it. */
export const socketOrigin = (path: string, scheme = 'unix+http'): string => `${scheme}://${encodeURIComponent(path)}`

/** Lets a server listen at a unix socket until the test ends. Returns the path of the socket. */
export async function listenAtSocket (t: Test, server: Server, path = socketPath(t)): Promise<string> {
  await once(server.listen(path), 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return path
}
