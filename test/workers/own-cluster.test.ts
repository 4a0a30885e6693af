import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { backend } from '../support/backend.js'
import { definitions, proxy } from '../support/workers/configuration.js'
import { race } from '../support/workers/race.js'

const PLUGIN = fileURLToPath(new URL('../../plugins/index.js', import.meta.url))
const WORKERS = 3

/** An app that forks its workers by itself, as docs/operations.md shows it ("Workers of your own"). */
const APP = `
import cluster from 'node:cluster'
import Fastify from 'fastify'
import proxyServices, { clusterSessions, serveClusterSessions } from ${JSON.stringify(PLUGIN)}

if (cluster.isPrimary) {
  serveClusterSessions()
  let listening = 0
  cluster.on('listening', (_worker, { port }) => { if (++listening === ${WORKERS}) process.send({ port }) })
  for (let count = 0; count < ${WORKERS}; count++) cluster.fork()
} else {
  const app = Fastify()
  await app.register(proxyServices, { config: process.argv[2], sessionStore: clusterSessions() })
  await app.listen({ port: 0, host: '127.0.0.1' })
}
`

t.setTimeout(600_000)

t.test(
  'an app that forks its workers by itself: a session has one member, whichever worker gets its messages',
  async t => {
    const members = await Promise.all(['one', 'two', 'three'].map(async name => await backend(t, name)))
    const folder = t.testdir({ 'app.mjs': APP, 'p.xml': definitions(proxy(members)) })
    const app = fork(join(folder, 'app.mjs'), [join(folder, 'p.xml')])
    t.teardown(async () => {
      app.kill('SIGKILL')
      if (app.exitCode === null && app.signalCode === null) await once(app, 'exit')
    })
    const [{ port }] = (await once(app, 'message')) as [{ port: number }]
    const { broken, lost, spread } = await race({ ports: [port], sessions: 100, messages: 4, side: 8 })
    t.same({ broken, lost }, { broken: 0, lost: 0 })
    t.same(Object.keys(spread).sort(), ['one', 'three', 'two'])
  }
)
