import { Type, type Static } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { HttpError } from './http-error.js'
import type { Journal } from './journal.js'
import type { Recorder } from './recorder.js'

const RecordingBody = Type.Object({
  minutes: Type.Number({ exclusiveMinimum: 0, maximum: 60 }),
  only: Type.Optional(
    Type.Union([Type.Literal('all'), Type.Literal('failed')], {
      description: '`failed`: several attempts, a status of 500 or more, or a client that left. Default: all'
    })
  ),
  proxies: Type.Optional(Type.Array(Type.String(), { maxItems: 100 })),
  by: Type.Optional(Type.String({ maxLength: 100 }))
})
const ClearQuery = Type.Object({ clear: Type.Optional(Type.String()) })
const ListQuery = Type.Object({
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Only messages with a greater number.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: 'Default: 200' }))
})
const MessageParams = Type.Object({ id: Type.Integer({ minimum: 1 }) })

/**
 * Recording of messages: their heads and attempts, never their bodies.
 * @param maySee true, or why messages are not shown
 */
export function messageRoutes (
  app: FastifyInstance,
  recorder: Recorder,
  journal: Journal,
  maySee: true | string
): void {
  const seeing = (): void => {
    if (maySee !== true) throw new HttpError(403, maySee)
  }
  const summary = (text: string, more: object = {}): { schema: object } => ({ schema: { summary: text, ...more } })

  app.get('/recording', summary('Whether messages are recorded.'), async () => {
    seeing()
    return recorder.view()
  })
  app.post<{ Body: Static<typeof RecordingBody> }>(
    '/recording',
    summary('Records messages for some minutes.', { body: RecordingBody }),
    async ({ body, ip, log }) => {
      seeing()
      recorder.start(body)
      const text = `messages are recorded for ${body.minutes} min`
      journal.add({ level: 'info', kind: 'recording', text, remote: ip })
      log.info({ remote: ip, minutes: body.minutes, only: body.only }, `by hand: ${text}`)
      return recorder.view()
    }
  )
  app.delete<{ Querystring: Static<typeof ClearQuery> }>(
    '/recording',
    summary('Stops recording; with `clear`, drops what was recorded.', { querystring: ClearQuery }),
    async ({ query, ip, log }) => {
      seeing()
      recorder.stop('it was stopped by hand')
      if (query.clear !== undefined) recorder.clear()
      log.info({ remote: ip }, 'by hand: recording of messages stopped')
      return recorder.view()
    }
  )
  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/messages',
    summary('Recorded messages, newest first.', { querystring: ListQuery }),
    async ({ query: { after = 0, limit = 200 } }) => {
      seeing()
      const list = recorder.list(after, limit)
      return { recording: recorder.view(), count: list.length, list }
    }
  )
  app.get<{ Params: Static<typeof MessageParams> }>(
    '/messages/:id',
    summary('One recorded message with its heads.', { params: MessageParams }),
    async ({ params: { id } }) => {
      seeing()
      const detail = recorder.detail(id)
      if (detail === undefined) throw new HttpError(404, `message ${id} is not kept`)
      return detail
    }
  )
}
