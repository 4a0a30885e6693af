import { fault, MediationError } from '../message/fault.js'
import { headerOf } from '../message/headers.js'
import type { Body, Message } from '../message/message.js'
import { readAddressing, type WsAddressing } from './addressing.js'
import { scannerFor, contentTypeOf, type ContentType } from './content-type.js'
import { endOfPart } from './multipart.js'
import { transcode } from './scan.js'
import type { Envelope, ScanResult } from '../message/envelope.js'
import type { Version } from '../message/soap-version.js'

/** What the type of a message says. */
export const typeOf = ({ headers }: Message): ContentType => contentTypeOf(headerOf(headers, 'content-type'))

/** What the start of a message says, read at most once; undefined where it carries no XML, or too little of it is here. */
export function scanOf (message: Message): ScanResult | undefined {
  const { body } = message
  if (body.kind === 'none') return undefined
  if (body.scan !== undefined) return explicitContentType(body.scan, message)
  // A stream that somebody reads was looked at as it came: without a scan its start has been edited since.
  if (body.kind === 'stream' && !message.read) return undefined
  const look = scannerFor(typeOf(message), body.kind === 'stream' ? body.head.length : undefined)
  look?.push(bytesOf(body))
  body.scan = look?.finish()
  return body.scan && explicitContentType(body.scan, message)
}

/** Without a Content-Type only what looks like XML is taken for it. */
const explicitContentType = (seen: ScanResult, { headers }: Message): ScanResult | undefined =>
  seen.kind === 'unreadable' && seen.withoutPosition === true && headerOf(headers, 'content-type') === undefined ? undefined : seen

export function envelopeOf (message: Message): Envelope | undefined {
  const seen = scanOf(message)
  return seen?.kind === 'envelope' ? seen : undefined
}

/** The bytes that `scanOf` speaks of: all, or the start of them. */
export const bytesOf = (body: Body): Buffer =>
  body.kind === 'bytes' ? body.bytes : body.kind === 'stream' ? body.head : Buffer.alloc(0)

/** The XML that a message carries, as far as it is here: its body, or the root part of that. */
export function documentOf (message: Message): { readonly bytes: Buffer, readonly charset: string | undefined } {
  const bytes = bytesOf(message.body)
  const part = envelopeOf(message)?.part
  return part === undefined
    ? { bytes, charset: typeOf(message).charset }
    : { bytes: bytes.subarray(part.start, endOfPart(bytes, part)), charset: part.charset }
}

/** The body with its start replaced; what was known of it is forgotten. */
export const withStart = (body: Body, bytes: Buffer): Body => body.kind === 'stream'
  ? { kind: 'stream', head: bytes, rest: body.rest, size: body.size === undefined ? undefined : body.size - body.head.length + bytes.length }
  : { kind: 'bytes', bytes }

/** The SOAP version that a message is in: by its root where that was read, else by its type. */
export function soapVersionOf (message: Message): Version | undefined {
  const seen = message.body.kind === 'none' ? undefined : message.body.scan
  if (seen?.kind === 'envelope') return seen.version
  if (seen?.kind === 'plain') return undefined
  return typeOf(message).version
}

/** The WS-Addressing of a message whose start was read; undefined where there is no header block at all. */
export function addressingOf (message: Message): WsAddressing | undefined {
  const envelope = envelopeOf(message)
  return envelope === undefined || envelope.blocks.length === 0 ? undefined : readAddressing(envelope, message.addressing.action)
}

/**
 * A message that somebody looks into: what its start says becomes part of it.
 * @throws MediationError for a message that is no XML although it says so, or whose addressing contradicts itself
 */
export function readMessage (message: Message): Message {
  if (!message.read) return message
  if (message.body.kind === 'none' && message.direction === 'request' && message.method === 'POST' && soapVersionOf(message) !== undefined) {
    throw new MediationError(fault('UNREADABLE', 'the message says that it is SOAP, and is empty'))
  }
  const seen = scanOf(message)
  if (seen?.kind === 'unreadable') {
    if (seen.cause === 'empty') return message
    if (seen.cause === 'utf-16' && message.body.kind === 'bytes') return readMessage(inUtf8(message, message.body.bytes))
    throw new MediationError(fault('UNREADABLE', `the message cannot be read: ${seen.reason}`, { status: seen.cause === 'malformed' ? 500 : 400 }))
  }
  if (seen?.kind !== 'envelope' || seen.blocks.length === 0) return message
  const { addressing, blocks, problem, anonymousOnly } = readAddressing(seen, message.direction === 'request' ? message.addressing.action : undefined)
  if (blocks.length === 0) return message
  if (message.direction === 'request') {
    if (problem !== undefined) throw new MediationError(fault('UNREADABLE', `the addressing of the message is invalid: ${problem}`))
    if (anonymousOnly !== undefined) throw new MediationError(fault('UNREADABLE', 'wsa:OnlyAnonymousAddressSupported: answers go back on the connection of the request only'))
  }
  return { ...message, addressing: { ...message.addressing, ...addressing } }
}

const inUtf8 = (message: Message, bytes: Buffer): Message => ({
  ...message,
  headers: message.headers.map((value, at) => at % 2 === 1 && message.headers[at - 1]!.toLowerCase() === 'content-type' ? value.replace(/;\s*charset\s*=\s*("[^"]*"|[^\s;]+)/i, '; charset=UTF-8') : value),
  body: { kind: 'bytes', bytes: transcode(bytes) }
})
