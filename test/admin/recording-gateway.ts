import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import type { MessageDetail } from '../../plugins/admin/messages/message-views.js'
import type { AdminOptions } from '../../plugins/index.js'
import { until } from '../support/until.js'
import { adminApp } from '../support/operation/admin-app.js'

export const TOKEN = 'token-of-the-admin'
export const XML = 'text/xml; charset=utf-8'
const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/'
const SYNAPSE = 'http://ws.apache.org/ns/synapse'

/** A gateway whose messages are recorded. */
export interface RecordingGateway {
  readonly app: FastifyInstance
  readonly url: string
  /** Starts to record. */
  readonly record: (options?: object) => Promise<void>
  /** The newest message, once it is kept. */
  readonly newest: () => Promise<MessageDetail>
  readonly get: (path: string) => Promise<LightMyRequestResponse>
}

export async function recordingGateway (
  t: Test,
  definitions: object,
  options: AdminOptions = {}
): Promise<RecordingGateway> {
  const app = await adminApp(t, { definitions }, { prefix: '/admin', console: true, token: TOKEN, ...options })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const headers = { authorization: `Bearer ${TOKEN}` }
  const get: RecordingGateway['get'] = async path => await app.inject({ url: `/admin/${path}`, headers })
  return {
    app,
    url,
    get,
    async record (more = {}) {
      const payload = { minutes: 5, bytes: 16_384, ...more }
      const { statusCode } = await app.inject({ method: 'POST', url: '/admin/recording', headers, payload })
      t.equal(statusCode, 200)
    },
    async newest () {
      let id: number | undefined
      await until(async () => (id = (await get('messages')).json().list[0]?.id) !== undefined)
      return (await get(`messages/${id}`)).json()
    }
  }
}

const ORDER = '<m:placeOrder xmlns:m="urn:m"><m:symbol>IBM</m:symbol></m:placeOrder>'

/** A SOAP message of a session. */
export const envelope = (id: string, body = ORDER): string =>
  `<s:Envelope xmlns:s="${SOAP}"><s:Header><y:ClientID xmlns:y="${SYNAPSE}">${id}</y:ClientID></s:Header>` +
  `<s:Body>${body}</s:Body></s:Envelope>`

/** A proxy `Orders` over an endpoint. */
export const proxyOver = (endpoint: object): object => ({
  proxies: { Orders: { in: [{ kind: 'send', endpoint }] } }
})

/** Sends a message to `Orders`, and reads its response. */
export const post = async (
  url: string,
  body: string | Buffer,
  headers: Record<string, string> = {}
): Promise<Response> => {
  const response = await fetch(`${url}/services/Orders`, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: { 'content-type': XML, ...headers }
  })
  await response.arrayBuffer()
  return response
}
