import { fault, MediationError } from '../fault.js'
import { headerOf } from '../headers.js'
import type { Body, Message } from '../message.js'
import { readAddressing, type WsAddressing } from './addressing.js'
import { endOfPart, relatedOf, RootScanner } from './related.js'
import { scan, transcode, type Envelope, type Scan } from './scan.js'
import { MEDIA_TYPE, type Version } from './version.js'

/** `text/xml; charset=…` → `text/xml`, in lower case; empty where there is none. */
export const mediaTypeOf = (contentType: string | undefined): string =>
  contentType === undefined ? '' : contentType.split(';', 1)[0]!.trim().toLowerCase()

/** Whether a body of this type is XML; that of a MIME message is not, though its root part may be (`relatedOf`). */
export const isXml = (contentType: string | undefined): boolean => {
  const type = mediaTypeOf(contentType)
  return type === 'text/xml' || type === 'application/xml' || type.endsWith('+xml')
}

export const charsetOf = (contentType: string | undefined): string | undefined =>
  /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? '')?.[1]

/** What the start of a message says, read at most once; undefined where it carries no XML, or too little of it is here. */
export function scanOf (message: Message): Scan | undefined {
  const { body } = message
  if (body.kind === 'none') return undefined
  if (body.scan !== undefined) return given(body.scan, message)
  // A stream that somebody reads was looked at as it came: without a scan its start has been edited since.
  if (body.kind === 'stream' && !message.read) return undefined
  const type = headerOf(message.headers, 'content-type')
  const limit = body.kind === 'stream' ? body.head.length : undefined
  if (type !== undefined && !isXml(type)) return (body.scan = scanOfRoot(type, bytesOf(body), limit))
  body.scan = scan(bytesOf(body), { charset: charsetOf(type), limit })
  return given(body.scan, message)
}

function scanOfRoot (type: string, bytes: Buffer, limit = bytes.length): Scan | undefined {
  const related = relatedOf(type)
  if (related === undefined) return undefined
  const scanner = new RootScanner(related, limit)
  scanner.push(bytes)
  return scanner.finish()
}

/** Without a Content-Type only what looks like XML is taken for it. */
const given = (seen: Scan, { headers }: Message): Scan | undefined =>
  seen.kind === 'unreadable' && seen.bare === true && headerOf(headers, 'content-type') === undefined ? undefined : seen

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
    ? { bytes, charset: charsetOf(headerOf(message.headers, 'content-type')) }
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
  return versionIn(headerOf(message.headers, 'content-type'))
}

/** The SOAP version that a Content-Type stands for; that of a MIME message names its root's (Apache Synapse: ServerWorker). */
export function versionIn (contentType: string | undefined): Version | undefined {
  const type = mediaTypeOf(contentType)
  if (type === 'multipart/related') return contentType!.includes(MEDIA_TYPE['1.2']) ? '1.2' : contentType!.includes(MEDIA_TYPE['1.1']) ? '1.1' : undefined
  return type === MEDIA_TYPE['1.2'] ? '1.2' : type === MEDIA_TYPE['1.1'] ? '1.1' : undefined
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
export function read (message: Message): Message {
  if (!message.read) return message
  if (message.body.kind === 'none' && message.direction === 'request' && message.method === 'POST' && soapVersionOf(message) !== undefined) {
    throw new MediationError(fault('UNREADABLE', 'the message says that it is SOAP, and is empty'))
  }
  const seen = scanOf(message)
  if (seen?.kind === 'unreadable') {
    if (seen.cause === 'empty') return message
    if (seen.cause === 'utf-16' && message.body.kind === 'bytes') return read(inUtf8(message, message.body.bytes))
    throw new MediationError(fault('UNREADABLE', `the message cannot be read: ${seen.why}`, { status: seen.cause === 'malformed' ? 500 : 400 }))
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
