import { Type, type Static } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { EventStream } from './event-stream.js'
import { HttpError } from '../contract/http-error.js'
import type { Journal } from '../journal/journal.js'
import { MAX_STREAMS, MAX_WATCHED, type LiveStream } from './live-stream.js'

const LiveQuery = Type.Object({
  once: Type.Optional(Type.String({ description: 'One snapshot instead of a stream.' }))
})
const WatchParams = Type.Object({ id: Type.String() })
const WatchBody = Type.Object({
  endpoints: Type.Array(Type.String(), { maxItems: MAX_WATCHED, description: 'Names, as they are shown.' }),
  proxies: Type.Optional(Type.Array(Type.String(), { maxItems: MAX_WATCHED }))
})
const EventsQuery = Type.Object({
  before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only entries older than this number.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  endpoint: Type.Optional(Type.String()),
  kind: Type.Optional(Type.String())
})

/** When a page that is one too many may try again, in seconds. */
const FULL_RETRY_S = 10

interface WatchRoute {
  Params: Static<typeof WatchParams>
  Body: Static<typeof WatchBody>
}

/** What pages read to stay up to date: a stream of changes, and the journal. */
export function liveRoutes (app: FastifyInstance, live: LiveStream, journal: Journal): void {
  app.get<{ Querystring: Static<typeof LiveQuery> }>(
    '/live',
    {
      schema: { summary: 'States and traffic as Server-Sent Events.', querystring: LiveQuery }
    },
    async (request, reply) => {
      if (request.query.once !== undefined) return live.snapshot()
      if (live.isFull) throw new HttpError(503, `${MAX_STREAMS} pages are open, which is the limit`, FULL_RETRY_S)
      reply.hijack()
      const { 'last-event-id': lastEventId } = request.headers
      live.open(new EventStream(reply.raw), typeof lastEventId === 'string' ? lastEventId : undefined)
    }
  )
  app.put<WatchRoute>(
    '/live/:id/watch',
    {
      config: { onlyReads: true },
      schema: {
        summary: 'Sets the endpoints and proxies whose traffic a stream brings.',
        params: WatchParams,
        body: WatchBody
      }
    },
    async ({ params: { id }, body }, reply) => {
      if (!live.watch(id, body.endpoints, body.proxies)) throw new HttpError(404, 'no such stream')
      return await reply.code(204).send()
    }
  )
  app.get<{ Querystring: Static<typeof EventsQuery> }>(
    '/events',
    {
      schema: { summary: 'The journal, newest first.', querystring: EventsQuery }
    },
    async ({ query }) => {
      const list = journal.find(query)
      return { count: list.length, list }
    }
  )
}
