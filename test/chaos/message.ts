import { crc32 } from 'node:zlib'

/** An order describes its response completely, so that the client knows every byte of it beforehand. */
export interface Order {
  readonly id: string
  /** The name of the service that it is sent to. */
  readonly service: string
  /** The client's name for its session, as a SOAP header. */
  readonly clientId?: string | undefined
  /** Bytes of its payload, and of that of its response. */
  readonly size: number
  readonly responseSize: number
  readonly responseChunked: boolean
  /** The status of its response. */
  readonly status: number
  /** How long the back-end takes for it, in milliseconds. */
  readonly delay: number
  /** Every back-end that reads it closes the connection without a response. */
  readonly poison: boolean
}

const SOAP = 'http://www.w3.org/2003/05/soap-envelope'
export const MEDIA_TYPE = 'application/soap+xml; charset=UTF-8; action="urn:order"'

/** The payload of a message: no part of it could be a part of another one. */
const payload = (id: string, size: number): string => `${id} `.repeat(Math.ceil(size / (id.length + 1))).slice(0, size)

const envelope = (header: string, body: string): string =>
  `<s:Envelope xmlns:s="${SOAP}"><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`

/** The text from its Body on, which must arrive as it was sent; undefined: not found. */
export const bodyIn = (text: string): string | undefined => {
  const at = text.indexOf('<s:Body>')
  return at < 0 ? undefined : text.slice(at)
}

const orderBody = ({ id, service, size, responseSize, responseChunked, status, delay, poison }: Order): string =>
  `<Order id="${id}" service="${service}" size="${size}" response="${responseSize}" chunked="${responseChunked}" status="${status}" delay="${delay}" poison="${poison}">${payload(id, size)}</Order>`

export const writeOrder = (order: Order): string =>
  envelope(
    order.clientId === undefined
      ? ''
      : `<c:ClientID xmlns:c="http://ws.apache.org/ns/synapse">${order.clientId}</c:ClientID>`,
    orderBody(order)
  )

const ORDER = new RegExp('^<s:Body><Order id="([^"]+)" service="([^"]+)" size="(\\d+)" response="(\\d+)" ' +
  'chunked="(\\w+)" status="(\\d+)" delay="(\\d+)" poison="(\\w+)">')

/** Reads an order; undefined: it is malformed. */
export function readOrder (text: string): Order | undefined {
  const body = bodyIn(text)
  const [, id, service, size, responseSize, chunked, status, delay, poison] = ORDER.exec(body ?? '') ?? []
  if (poison === undefined) return undefined
  const order: Order = {
    id: id!,
    service: service!,
    size: Number(size),
    responseSize: Number(responseSize),
    responseChunked: chunked === 'true',
    status: Number(status),
    delay: Number(delay),
    poison: poison === 'true'
  }
  return body === `<s:Body>${orderBody(order)}</s:Body></s:Envelope>` ? order : undefined
}

/** The checksum of an order, which its response repeats. */
export const checksumOf = (order: Order): number => crc32(orderBody(order))

export const writeResponse = (order: Order, from: string, checksum: number): string =>
  envelope('', `<Done id="${order.id}" from="${from}" got="${checksum}">${payload(order.id, order.responseSize)}</Done>`)
