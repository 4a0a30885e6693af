import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import proxyServices, { type ProxyServicesOptions } from '../../plugins/index.js'
import type { Backend } from './backend.js'

/** An app with proxy services, listening on loopback. */
export interface Gateway { readonly app: FastifyInstance, readonly url: string }

export async function gateway (t: Test, options: ProxyServicesOptions): Promise<Gateway> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, options)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` }
}

/** A proxy that balances over these addresses; clients name their sessions with a ClientID. */
export const stickyProxy = (uris: readonly string[]): object => ({
  in: [
    {
      kind: 'send',
      endpoint: {
        kind: 'loadbalance',
        session: { kind: 'simpleClientSession' },
        members: uris.map(uri => ({ kind: 'address', uri }))
      }
    }
  ]
})

/** A file of `config/`, its back-ends on localhost:9001 … replaced by these. */
export const configured = (path: string, backends: readonly Pick<Backend, 'port'>[]): string =>
  readFileSync(new URL(`../../../config/${path}`, import.meta.url), 'utf8')
    .replace(/localhost:900(\d)/g, (_, number: string) => `127.0.0.1:${backends[Number(number) - 1]!.port}`)

export const SOAP_11 = 'http://schemas.xmlsoap.org/soap/envelope/'
export const SOAP_12 = 'http://www.w3.org/2003/05/soap-envelope'

/** A message in SOAP 1.2 with a ClientID, as the documented client sends it; or without one. */
export const message = (clientId?: string, body = '<Value>v1</Value>'): string =>
  `<s:Envelope xmlns:s="${SOAP_12}"><s:Header>${clientId === undefined ? '' : `<syn:ClientID xmlns:syn="http://ws.apache.org/ns/synapse">${clientId}</syn:ClientID>`}</s:Header><s:Body>${body}</s:Body></s:Envelope>`

export interface GatewayResponse {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly from: string | undefined
  readonly headers: Headers
}

/** Sends a message and reads its response; `from` is the back-end that names itself in it. */
export async function post (
  url: string,
  body: string,
  headers: Record<string, string> = {
    'content-type': 'application/soap+xml; charset=UTF-8; action="urn:sampleOperation"'
  }
): Promise<GatewayResponse> {
  const response = await fetch(url, { method: 'POST', headers, body })
  const text = await response.text()
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    body: text,
    from: /<from>(.*?)<\/from>/.exec(text)?.[1],
    headers: response.headers
  }
}
