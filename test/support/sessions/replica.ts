import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import proxyServices, { type ProxyServicesOptions } from '../../../plugins/index.js'

/** One of several gateways, and what it says in its log. */
export interface Replica {
  readonly app: FastifyInstance
  readonly url: string
  readonly log: readonly string[]
  /** Resolves when its log has this line, after this number of lines (default: 0). */
  said (text: string, since?: number): Promise<void>
}

export async function replica (t: Test, options: ProxyServicesOptions): Promise<Replica> {
  const log: string[] = []
  const lines = new EventEmitter()
  const stream = new Writable({
    write (chunk, _encoding, done) {
      log.push(String(chunk))
      lines.emit('line')
      done()
    }
  })
  const app: FastifyInstance = Fastify({ logger: { stream } })
  t.teardown(() => app.close())
  await app.register(proxyServices, options)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    app,
    url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/services/P`,
    log,
    async said (text, since = 0) {
      while (!log.slice(since).some(line => line.includes(text))) await once(lines, 'line')
    }
  }
}
