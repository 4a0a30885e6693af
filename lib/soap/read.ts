import { createAttachment } from '../message/attachment.js'
import { fault, MediationError } from '../message/fault.js'
import { headerOf } from '../message/headers.js'
import type { Body, Message } from '../message/message.js'
import type { Addressing, Envelope, ScanResult, Unreadable, WsAddressing } from '../message/envelope.js'
import type { Version } from '../message/soap-version.js'
import { contradictionIn } from './addressing.js'
import { scannerFor, contentTypeOf, type ContentType } from './content-type.js'
import { endOfPart } from './multipart.js'
import { transcode } from './scan.js'

/** The parsed Content-Type of a message. */
export const typeOf = ({ headers }: Message): ContentType => contentTypeOf(headerOf(headers, 'content-type'))

/** Scans of bodies that were made here, such as edited ones. A body that was scanned on arrival contains its scan. */
const SCAN = createAttachment<Body, ScanResult | 'none'>()

/**
 * Returns the scan of the start of a message, made at most once; undefined if the message is not XML, or too little of
 * it has arrived.
 */
export function scanOf (message: Message): ScanResult | undefined {
  const { body } = message
  if (body.kind === 'none') return undefined
  const seen = body.scan ?? scanOfBytes(body, message)
  if (seen === undefined || seen === 'none') return undefined
  // A message without a Content-Type is XML only if it begins like XML.
  const isOther = seen.kind === 'unreadable' && seen.withoutPosition === true
  return isOther && headerOf(message.headers, 'content-type') === undefined ? undefined : seen
}

function scanOfBytes (body: Exclude<Body, { kind: 'none' }>, message: Message): ScanResult | 'none' | undefined {
  // The start of a stream is scanned as it arrives: one without a scan has been edited since.
  if (body.kind === 'stream' && !message.read) return undefined
  let seen = SCAN.of(body)
  if (seen === undefined) {
    const scanner = scannerFor(typeOf(message), body.kind === 'stream' ? body.head.length : undefined)
    scanner?.push(bytesOf(body))
    SCAN.attach(body, (seen = scanner?.finish() ?? 'none'))
  }
  return seen
}

/** Returns the start of a SOAP message: its envelope up to the end of the Header. */
export function envelopeOf (message: Message): Envelope | undefined {
  const seen = scanOf(message)
  return seen?.kind === 'envelope' ? seen : undefined
}

/** Returns the bytes of a body that have arrived: all, or its start. */
export const bytesOf = (body: Body): Buffer =>
  body.kind === 'bytes' ? body.bytes : body.kind === 'stream' ? body.head : NO_BYTES

const NO_BYTES = Buffer.alloc(0)

/** Returns the XML in a message, as far as it has arrived: its body, or the root part of a MIME message. */
export function documentOf (message: Message): { readonly bytes: Buffer; readonly charset: string | undefined } {
  const bytes = bytesOf(message.body)
  const part = envelopeOf(message)?.part
  return part === undefined
    ? { bytes, charset: typeOf(message).charset }
    : { bytes: bytes.subarray(part.start, endOfPart(bytes, part)), charset: part.charset }
}

/** Returns a body with another start. */
export function withStart (body: Body, bytes: Buffer): Body {
  if (body.kind !== 'stream') return { kind: 'bytes', bytes }
  const { head, rest, size } = body
  return {
    kind: 'stream',
    head: bytes,
    rest,
    size: size === undefined ? undefined : size - head.length + bytes.length
  }
}

/**
 * Returns a body with the scan that was made on its arrival. Written out: V8 makes objects that are slow to read of a
 * copy with one more property.
 */
export function withScan (body: Body, scan: ScanResult | undefined): Body {
  if (scan === undefined) return body
  switch (body.kind) {
    case 'none':
      return body
    case 'bytes':
      return { kind: 'bytes', bytes: body.bytes, scan }
    case 'stream':
      return { kind: 'stream', head: body.head, rest: body.rest, size: body.size, scan }
  }
}

/** Returns the SOAP version of a message: by its root if that was read, else by its Content-Type. */
export function soapVersionOf (message: Message): Version | undefined {
  const { body } = message
  const seen = body.kind === 'none' ? undefined : (body.scan ?? SCAN.of(body))
  if (seen === undefined || seen === 'none') return typeOf(message).version
  return seen.kind === 'envelope' ? seen.version : seen.kind === 'plain' ? undefined : typeOf(message).version
}

/** The WS-Addressing of a message; undefined if it has none, or was not read. */
export const addressingOf = (message: Message): WsAddressing | undefined => envelopeOf(message)?.addressing

/**
 * Prepares a message that its proxy reads: its WS-Addressing becomes part of it, and an encoding that cannot be read in
 * place becomes UTF-8.
 * @throws MediationError UNREADABLE if the message is malformed, or its addressing is contradictory
 */
export function readMessage (message: Message): Message {
  if (!message.read) return message
  const isRequest = message.direction === 'request'
  if (
    message.body.kind === 'none' &&
    isRequest &&
    message.method === 'POST' &&
    (soapVersionOf(message) === '1.2' || headerOf(message.headers, 'soapaction') !== undefined)
  ) {
    throw unreadable('the message is declared as SOAP, and is empty')
  }
  const seen = scanOf(message)
  if (seen?.kind === 'unreadable') {
    if (seen.cause === 'empty') return message
    const { body } = message
    if (seen.cause === 'transcode' && body.kind === 'bytes') {
      return readMessage(inUtf8(message, body.bytes, seen.encoding))
    }
    throw unreadable(`the message cannot be read: ${seen.reason}`, statusFor(seen, message))
  }
  const wsAddressing = seen?.kind === 'envelope' ? seen.addressing : undefined
  if (wsAddressing === undefined) return message
  if (isRequest) {
    const problem = contradictionIn(wsAddressing, message.addressing.action)
    if (problem !== undefined) throw unreadable(`the addressing of the message is invalid: ${problem}`)
    if (wsAddressing.anonymousOnly !== undefined) {
      throw unreadable('wsa:OnlyAnonymousAddressSupported: responses go back on the connection of the request only')
    }
  }
  return { ...message, addressing: merged(message.addressing, wsAddressing.addressing) }
}

/**
 * The status of a fault without a fault sequence: 500 for malformed requests, as in the engine, 400 for other refused
 * requests.
 */
export const statusFor = ({ cause }: Unreadable, { direction }: Message): number =>
  cause === 'malformed' || direction === 'response' ? 500 : 400

const unreadable = (reason: string, status?: number): MediationError =>
  new MediationError(fault('UNREADABLE', reason, status === undefined ? {} : { status }))

/**
 * Merges the addressing of the transport with that of the Header, which takes precedence. Written out, since each
 * addressed message passes here.
 */
const merged = (transport: Addressing, header: Addressing): Addressing => ({
  to: header.to ?? transport.to,
  action: header.action ?? transport.action,
  messageId: header.messageId ?? transport.messageId,
  relatesTo: header.relatesTo ?? transport.relatesTo,
  from: header.from ?? transport.from,
  replyTo: header.replyTo ?? transport.replyTo,
  faultTo: header.faultTo ?? transport.faultTo
})

const CHARSET = /;\s*charset\s*=\s*("[^"]*"|[^\s;]+)/i

function inUtf8 (message: Message, bytes: Buffer, encoding: string | undefined): Message {
  const headers = message.headers.map((value, at) =>
    at % 2 === 1 && message.headers[at - 1]!.toLowerCase() === 'content-type'
      ? value.replace(CHARSET, '; charset=UTF-8')
      : value
  )
  return { ...message, headers, body: { kind: 'bytes', bytes: transcode(bytes, encoding) } }
}
