import { Type, type Static } from '@sinclair/typebox'
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify'
import { FAILED } from '../../recording/failed-message.js'
import type { CallerRights } from '../access/caller-rights.js'
import { By, ByQuery, handChangeEntry, logHandChange } from '../contract/hand-change.js'
import { HttpError } from '../contract/http-error.js'
import type { Journal } from '../journal/journal.js'
import { bodyOf, partOf } from './message-summary.js'
import type { Recording } from './recording.js'

const RecordingBody = Type.Object({
  minutes: Type.Number({ exclusiveMinimum: 0, maximum: 60 }),
  only: Type.Optional(
    Type.Union([Type.Literal('all'), Type.Literal('failed')], {
      description: `\`failed\`: ${FAILED}. Default: all`
    })
  ),
  slowerThan: Type.Optional(
    Type.Number({ minimum: 0, description: 'Milliseconds. With `failed`: slower messages, too.' })
  ),
  proxies: Type.Optional(Type.Array(Type.String(), { maxItems: 100 })),
  bytes: Type.Optional(
    Type.Union(
      [0, 1024, 4096, 16_384].map(bytes => Type.Literal(bytes)),
      { description: 'Bytes of each body that are kept. Default: 0, only heads' }
    )
  ),
  by: By
})
const ClearQuery = Type.Composite([Type.Object({ clear: Type.Optional(Type.String()) }), ByQuery])
const ListQuery = Type.Object({
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Only messages with a greater number.' })),
  before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only messages with a smaller number.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: 'Default: 200' }))
})
const MessageParams = Type.Object({ id: Type.Integer({ minimum: 1 }) })
const PartParams = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  part: Type.String({ pattern: '^(request|response|(sent|received)-[1-9]\\d?)$' })
})
/** A browser neither shows nor runs what clients and back-ends have sent. */
const DOWNLOAD = {
  'content-type': 'application/octet-stream',
  'content-security-policy': "default-src 'none'; sandbox"
}

/** Recording of messages: their attempts, and the heads and bodies of each hop. */
export function messageRoutes (
  app: FastifyInstance,
  recording: Recording,
  journal: Journal,
  callers: CallerRights
): void {
  const summary = (text: string, more: object = {}): { onRequest: onRequestAsyncHookHandler; schema: object } => ({
    onRequest: callers.see,
    schema: { summary: text, ...more }
  })

  app.get('/recording', summary('Whether messages are recorded.'), async () => recording.view())
  app.post<{ Body: Static<typeof RecordingBody> }>(
    '/recording',
    summary('Records messages for some minutes.', { body: RecordingBody }),
    async ({ body, ip, log }) => {
      const { isRunning: before } = recording.view()
      recording.start(body)
      const text = `messages are recorded for ${body.minutes} min`
      journal.add(handChangeEntry('recording', text, { remote: ip, by: body.by }))
      const { minutes, only, bytes, by } = body
      logHandChange(log, text, { before, after: true, minutes, only, bytes, remote: ip, by })
      return recording.view()
    }
  )
  app.delete<{ Querystring: Static<typeof ClearQuery> }>(
    '/recording',
    summary('Stops recording; with `clear`, drops what was recorded.', { querystring: ClearQuery }),
    async ({ query, ip, log }) => {
      const { isRunning: before } = recording.view()
      recording.stop('it was stopped by hand', { remote: ip, by: query.by })
      const dropped = query.clear !== undefined
      if (dropped) recording.clear()
      logHandChange(log, 'recording of messages stopped', { before, after: false, dropped, remote: ip, by: query.by })
      return recording.view()
    }
  )
  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/messages',
    summary('Recorded messages, newest first.', { querystring: ListQuery }),
    async ({ query: { after = 0, before, limit = 200 } }) => {
      const list = recording.list(after, limit, before)
      return { recording: recording.view(), count: list.length, list }
    }
  )
  app.get<{ Params: Static<typeof MessageParams> }>(
    '/messages/:id',
    summary('One recorded message with what was sent and received at each hop.', { params: MessageParams }),
    async ({ params: { id } }) => {
      const detail = recording.detail(id)
      if (detail === undefined) throw new HttpError(404, `message ${id} is not kept`)
      return detail
    }
  )
  app.get<{ Params: Static<typeof PartParams> }>(
    '/messages/:id/:part',
    summary('A recorded body: `request`, `response`, `sent-1` and `received-1` of the first attempt, and so on.', {
      params: PartParams
    }),
    async ({ params: { id, part: name } }, reply) => {
      const stored = recording.find(id)
      const part = stored && partOf(stored.message, name)
      const { text = null, reason = null } = stored && part ? bodyOf(stored.message, part) : {}
      if (text === null) throw new HttpError(404, `the body is not kept${reason === null ? '' : `: ${reason}`}`)
      return await reply
        .headers({ ...DOWNLOAD, 'content-disposition': `attachment; filename="message-${id}-${name}.txt"` })
        .send(Buffer.from(text))
    }
  )
}
