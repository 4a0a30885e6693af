import { crc32 } from 'node:zlib'

/** What a client asks for. Whatever is asked for is in the message: an answer is then known to the last byte. */
export interface Order {
  readonly id: string
  /** The name of the service that it is sent to. */
  readonly service: string
  /** The client's name for its session, as a SOAP header. */
  readonly clientId?: string | undefined
  /** Bytes of what it carries, and of what its answer is to carry. */
  readonly size: number
  readonly answerSize: number
  readonly answerChunked: boolean
  /** The status that the answer is to have: any status is an answer. */
  readonly status: number
  /** Milliseconds that the back-end takes for it. */
  readonly takes: number
  /** Every back-end that reads it closes the connection without an answer. */
  readonly poison: boolean
}

const SOAP = 'http://www.w3.org/2003/05/soap-envelope'
export const MEDIA_TYPE = 'application/soap+xml; charset=UTF-8; action="urn:order"'

/** A message's own bytes: no part of it could be a part of another one. */
const load = (id: string, size: number): string => `${id} `.repeat(Math.ceil(size / (id.length + 1))).slice(0, size)

const envelope = (header: string, body: string): string =>
  `<s:Envelope xmlns:s="${SOAP}"><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`

/** From its Body on, which is what must arrive as it was sent; undefined where there is none. */
export const bodyIn = (text: string): string | undefined => {
  const at = text.indexOf('<s:Body>')
  return at < 0 ? undefined : text.slice(at)
}

const orderBody = ({ id, service, size, answerSize, answerChunked, status, takes, poison }: Order): string =>
  `<Order id="${id}" service="${service}" size="${size}" answer="${answerSize}" chunked="${answerChunked}" status="${status}" takes="${takes}" poison="${poison}">${load(id, size)}</Order>`

export const writeOrder = (order: Order): string =>
  envelope(
    order.clientId === undefined
      ? ''
      : `<c:ClientID xmlns:c="http://ws.apache.org/ns/synapse">${order.clientId}</c:ClientID>`,
    orderBody(order)
  )

const ORDER = new RegExp('^<s:Body><Order id="([^"]+)" service="([^"]+)" size="(\\d+)" answer="(\\d+)" ' +
  'chunked="(\\w+)" status="(\\d+)" takes="(\\d+)" poison="(\\w+)">')

/** What a back-end was sent; undefined: it is not one whole order. */
export function readOrder (text: string): Order | undefined {
  const body = bodyIn(text)
  const [, id, service, size, answer, chunked, status, takes, poison] = ORDER.exec(body ?? '') ?? []
  if (poison === undefined) return undefined
  const order: Order = {
    id: id!,
    service: service!,
    size: Number(size),
    answerSize: Number(answer),
    answerChunked: chunked === 'true',
    status: Number(status),
    takes: Number(takes),
    poison: poison === 'true'
  }
  return body === `<s:Body>${orderBody(order)}</s:Body></s:Envelope>` ? order : undefined
}

/** The checksum by which an answer says what order it answers. */
export const checksumOf = (order: Order): number => crc32(orderBody(order))

export const writeAnswer = (order: Order, from: string, checksum: number): string =>
  envelope('', `<Done id="${order.id}" from="${from}" got="${checksum}">${load(order.id, order.answerSize)}</Done>`)
