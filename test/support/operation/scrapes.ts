import Fastify from 'fastify'
import type { Test } from 'tap'
import proxyServices, { admin } from '../../../plugins/index.js'
import { backend } from '../backend.js'
import { mapStore } from '../sessions/map-store.js'

/**
 * Returns what Prometheus gets in two scrapes, with traffic before each, of a gateway that has everything that metrics
 * tell of: a group with shared sessions, an endpoint that is suspended and one with health checks and a limit, a
 * certificate, and a TLS handshake that has failed.
 */
export async function scrapes (t: Test): Promise<readonly [first: string, second: string]> {
  const up = await backend(t, 'up')
  const members = [
    { kind: 'address' as const, name: 'down', uri: 'http://127.0.0.1:1/' },
    { kind: 'address' as const, name: 'up', uri: up.uri, healthCheck: { interval: 1_000 }, maxRequests: 10 }
  ]
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, {
    sessionStore: mapStore(),
    definitions: {
      proxies: {
        P: { endpoint: { kind: 'loadbalance', name: 'G', session: { kind: 'header', name: 'X-Session' }, members } }
      }
    }
  })
  await app.register(admin)
  app.proxyServices.certificates.set('tls.pem', Date.now() + 1e10)
  app.proxyServices.handshakeFailures.counts.set('ERR_SSL_NO_SHARED_CIPHER', 1)
  const scrape = async (session: string): Promise<string> => {
    for (let number = 0; number < 5; number++) {
      const headers = { 'content-type': 'text/xml', 'x-session': `${session}-${number}` }
      await app.inject({ method: 'POST', url: '/services/P', headers, payload: '<a/>' })
    }
    return (await app.inject('/metrics')).body
  }
  return [await scrape('a'), await scrape('b')]
}
