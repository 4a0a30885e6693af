import type { PartName, RecordedBody, RecordedMessage, RecordedPart } from '../../recording/recorded-message.js'
import type { MessageDetail, MessageSummary, PartView } from './message-views.js'

/** A recorded message without what was sent and received. */
export function messageSummary (id: number, worker: number | null, message: RecordedMessage): MessageSummary {
  const { request, response, attempts, path: _path, ...rest } = message
  return {
    id,
    worker,
    ...rest,
    attempts: attempts.map(({ sent: _sent, received: _received, path: _to, ...attempt }) => attempt),
    requestBytes: bodyOf(message, request).size,
    responseBytes: response === null ? null : bodyOf(message, response).size
  }
}

/** All of a recorded message. */
export function messageDetail (id: number, worker: number | null, message: RecordedMessage): MessageDetail {
  const { path, request, response, attempts } = message
  return {
    ...messageSummary(id, worker, message),
    path,
    request: partView(message, request),
    response: response && partView(message, response),
    hops: attempts.map(({ path, sent, received }) => ({
      path,
      sent: sent && partView(message, sent),
      received: received && partView(message, received)
    }))
  }
}

/** A part by its name; undefined: there is none. */
export function partOf (message: RecordedMessage, name: string): RecordedPart | undefined {
  if (name === 'request') return message.request
  if (name === 'response') return message.response ?? undefined
  const [, direction, number] = /^(sent|received)-(\d+)$/.exec(name) ?? []
  const attempt = message.attempts[Number(number) - 1]
  return (direction === 'sent' ? attempt?.sent : attempt?.received) ?? undefined
}

const partView = (message: RecordedMessage, part: RecordedPart): PartView => ({
  headers: part.headers,
  body: bodyOf(message, part),
  sameAs: typeof part.body === 'string' ? part.body : null
})

/** The body of a part, that of the other part where it is the same. */
export const bodyOf = (message: RecordedMessage, { body }: RecordedPart): RecordedBody =>
  typeof body === 'string' ? bodyOf(message, partNamed(message, body)) : body

const partNamed = (message: RecordedMessage, name: PartName): RecordedPart => partOf(message, name) ?? message.request
