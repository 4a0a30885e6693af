import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import type { Test } from 'tap'
import proxyServices, { admin } from '../../plugins/index.js'
import { TOKEN } from './demonstration.js'

/**
 * A gateway over a folder in a process of its own, which can be killed and may have no rights.
 *
 *     node dist/test/browser/gateway-process.js FOLDER     sends its address to its parent
 */
export interface GatewayProcess {
  readonly url: string
  /** Keeps its event loop busy most of the time, which takes no CPU. */
  readonly setBusy: (isBusy: boolean) => void
  readonly kill: () => Promise<void>
}

/** A busy event loop is blocked for nine tenths of each turn of this many milliseconds. */
const TURN_MS = 200
const never = new Int32Array(new SharedArrayBuffer(4))
const block = (): void => {
  Atomics.wait(never, 0, 0, TURN_MS * 0.9)
}

/** The user without rights. */
const UNPRIVILEGED = { uid: 65_534, gid: 65_534 }

export async function gatewayProcess (
  t: Test,
  folder: string,
  { isUnprivileged = false } = {}
): Promise<GatewayProcess> {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), [folder], isUnprivileged ? UNPRIVILEGED : {})
  t.teardown(() => child.kill('SIGKILL'))
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  return {
    url,
    setBusy (isBusy) {
      child.send({ isBusy })
    },
    async kill () {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const app = Fastify({ forceCloseConnections: true })
  await app.register(proxyServices, { config: process.argv[2]! })
  await app.register(admin, { prefix: '/admin', console: true, token: TOKEN })
  process.on('disconnect', () => process.exit())
  let timer: NodeJS.Timeout | undefined
  process.on('message', ({ isBusy }: { isBusy: boolean }) => {
    clearInterval(timer)
    timer = isBusy ? setInterval(block, TURN_MS) : undefined
  })
  process.send?.({ url: await app.listen({ host: '127.0.0.1', port: 0 }) })
}
