import { Type, type Static } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { CallerRights } from '../access/caller-rights.js'
import { By, handChangeEntry, logHandChange } from '../contract/hand-change.js'
import type { Journal } from '../journal/journal.js'
import type { ProxyDetails } from './proxy-details.js'
import { NameParams } from '../contract/schemas.js'
import type { Tries } from './tries.js'

/** Bytes of a message that is tried, with its headers. */
const MAX_TRY = 1024 * 1024
const MAX_HEADERS = 100

const SampleQuery = Type.Object({
  proxy: Type.String({ minLength: 1, maxLength: 255 }),
  operation: Type.Optional(Type.String({ maxLength: 1000, description: 'Of its WSDL. Default: an empty Body.' })),
  soap: Type.Optional(Type.Union([Type.Literal('1.1'), Type.Literal('1.2')], { description: 'Default: 1.1' }))
})
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
const TryBody = Type.Object({
  proxy: Type.String({ minLength: 1, maxLength: 255 }),
  method: Type.Union(METHODS.map(each => Type.Literal(each))),
  path: Type.String({ maxLength: 8192, description: 'What follows the path of the proxy. May be empty.' }),
  headers: Type.Record(Type.String({ maxLength: 256 }), Type.String({ maxLength: 8192 }), {
    maxProperties: MAX_HEADERS
  }),
  body: Type.String(),
  by: By
})

export interface ProxyRoutesOptions {
  readonly details: ProxyDetails
  readonly tries: Tries
  readonly journal: Journal
  readonly callers: CallerRights
}

/** Proxies in detail, sample requests, and messages that operators try. */
export function proxyRoutes (app: FastifyInstance, { details, tries, journal, callers }: ProxyRoutesOptions): void {
  app.get<{ Params: Static<typeof NameParams> }>(
    '/proxy-services/*',
    {
      schema: { summary: 'One proxy: its flow, its operations, its place in the configuration.', params: NameParams }
    },
    async request => details.detail(request.params['*'], callers.of(request).maySee === true)
  )
  app.get<{ Querystring: Static<typeof SampleQuery> }>(
    '/samples',
    { schema: { summary: 'A request for an operation, made from its WSDL.', querystring: SampleQuery } },
    async ({ query: { proxy, operation, soap = '1.1' } }) => details.sample(proxy, operation, soap)
  )
  app.post<{ Body: Static<typeof TryBody> }>(
    '/tries',
    {
      onRequest: callers.change,
      bodyLimit: MAX_TRY,
      schema: {
        summary: 'Sends a message through a proxy, and returns its response and its attempts.',
        body: TryBody
      }
    },
    async ({ body, ip, log }) => {
      const { by, ...message } = body
      const result = await tries.send(message, ip)
      const text = `A message was tried at ${message.proxy}: ${message.method}, status ${result.status}`
      journal.add(handChangeEntry('try', text, { remote: ip, by }))
      const { proxy, method } = message
      logHandChange(log, 'a message was tried', { proxy, method, status: result.status, remote: ip, by })
      return result
    }
  )
}
