import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import Fastify from 'fastify'
import t from 'tap'
import { Journal } from '../../plugins/admin/journal/journal.js'
import { LiveStream } from '../../plugins/admin/live/live-stream.js'
import { liveRoutes } from '../../plugins/admin/live/live-routes.js'
import { DEFAULT_POLICY } from '../../lib/state/suspension.js'
import { Registry } from '../../lib/state/registry.js'
import { until } from '../support/until.js'

/** One frame about this many endpoints is more than half a MiB. */
const ENDPOINTS = 2_000
const STALL_TIMEOUT = 2_000

t.test('a page that reads nothing is disconnected, and what waits for it does not grow until then', async t => {
  const registry = new Registry(Date.now)
  const lease = registry.lease()
  const names = Array.from({ length: ENDPOINTS }, (_, at) => `endpoint-${at}-${'x'.repeat(100)}`)
  for (const name of names) lease.endpoint(name, `http://${name}/`, DEFAULT_POLICY)
  lease.commit()
  const journal = new Journal(Date.now)
  const live = new LiveStream(registry, undefined, journal, { stallTimeout: STALL_TIMEOUT })
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  liveRoutes(app, live, journal)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })

  const connected = once(app.server, 'connection') as Promise<[Socket]>
  const page = connect(Number(new URL(url).port), '127.0.0.1')
  t.teardown(() => page.destroy())
  const openedAt = performance.now()
  page.write('GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await once(page, 'readable')
  const [socket] = await connected
  let isOpen = true
  socket.once('close', () => {
    isOpen = false
  })
  let waiting = 0
  await until(() => {
    // All endpoints change: a page that keeps up gets one frame about all of them.
    for (const name of names) registry.switchOff(name)
    for (const name of names) registry.switchOn(name)
    waiting = Math.max(waiting, socket.writableLength)
    return !isOpen
  }, 'the page is disconnected')
  t.ok(performance.now() - openedAt > STALL_TIMEOUT, 'not before its time')
  const frame = JSON.stringify(live.snapshot()).length
  t.ok(waiting > 0 && waiting <= 2 * frame, `no frame is made while one waits: ${waiting} bytes, of ${frame} each`)

  const other = await fetch(`${url}/live`)
  const { value } = await other.body!.getReader().read()
  t.match(new TextDecoder().decode(value), /^event: hello\n/, 'others are served')
})
