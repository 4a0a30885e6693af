import Fastify from 'fastify'
import t from 'tap'
import proxyServices from '../../plugins/index.js'

/** No server listens there. */
const DOWN = 'http://127.0.0.1:1'
const REQUESTS = 200

t.test('failures of one endpoint in a flood are a few lines, which count all of them', async t => {
  const lines: Record<string, any>[] = []
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) }
  const app = Fastify({ logger: { level: 'info', stream }, disableRequestLogging: true })
  t.teardown(() => app.close())
  const counted = { errorCodes: [101503], retriesBeforeSuspension: REQUESTS + 1, retryDelay: 0 }
  await app.register(proxyServices, {
    definitions: {
      proxies: {
        Detached: {
          in: [
            { kind: 'property', name: 'OUT_ONLY', value: 'true' },
            { kind: 'log', level: 'custom', properties: [{ name: 'own', value: 'line' }] },
            { kind: 'send', endpoint: { kind: 'address', name: 'E', uri: DOWN, markForSuspension: counted } }
          ]
        }
      }
    }
  })
  for (let sent = 0; sent < REQUESTS; sent++) {
    await app.inject({ method: 'POST', url: '/services/Detached', payload: 'abc' })
  }
  await app.close()
  const written = (pattern: RegExp): { lines: number; events: number } => {
    const found = lines.filter(({ msg }) => pattern.test(msg))
    return { lines: found.length, events: found.reduce((sum, { count = 1 }) => sum + count, 0) }
  }
  t.equal(written(/own = line/).lines, REQUESTS, 'lines of the configuration are written one by one')
  for (const pattern of [/^a detached message was not delivered/, /failed, \d+ more failures/]) {
    const { lines, events } = written(pattern)
    t.equal(events, REQUESTS, `${pattern} counts all`)
    t.ok(lines < REQUESTS / 4, `${pattern} has few lines: ${lines}`)
  }
})
