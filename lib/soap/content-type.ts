import { multipartOf, RootScanner, type MultipartRelated } from './multipart.js'
import { EnvelopeScanner } from './scan.js'
import type { ScanResult } from '../message/envelope.js'
import { MEDIA_TYPE, type Version } from '../message/soap-version.js'

/** What a gateway needs of a Content-Type. */
export interface ContentType {
  /** The media type in lower case; empty without a Content-Type. */
  readonly type: string
  /** Whether a body of this type is XML. False for a MIME message, although its root part may be XML. */
  readonly xml: boolean
  /** How the parts of a MIME message are delimited. */
  readonly related?: MultipartRelated | undefined
  readonly charset?: string | undefined
  /** The version of SOAP of this type; for a MIME message that of its root part. @see Apache Synapse, ServerWorker */
  readonly version?: Version | undefined
  /** The parameter `action` of SOAP 1.2; undefined if it is empty. @see RFC 3902 */
  readonly action?: string | undefined
}

const REMEMBERED = 256
const MAX_TYPE_LENGTH = 256
const cache = new Map<string, ContentType>()
/** The last two: parts of a flow look at a request and its response in turn. */
let lastText: string | undefined
let lastType: ContentType
let earlierText: string | undefined
let earlierType: ContentType
const UNTYPED: ContentType = { type: '', xml: false }

/** Parses a Content-Type. Results are cached, since clients repeat them. */
export function contentTypeOf (contentType: string | undefined): ContentType {
  if (contentType === undefined) return UNTYPED
  if (contentType === lastText) return lastType
  if (contentType === earlierText) return earlierType
  const known = cache.get(contentType)
  if (known !== undefined) {
    earlierText = lastText
    earlierType = lastType
    lastText = contentType
    return (lastType = known)
  }
  const media = parsed(contentType)
  // A boundary is different in each message.
  if (media.related === undefined && contentType.length <= MAX_TYPE_LENGTH) {
    if (cache.size === REMEMBERED) cache.clear()
    cache.set(contentType, media)
  }
  return media
}

function parsed (contentType: string): ContentType {
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase()
  const xml = type === 'text/xml' || type === 'application/xml' || type.endsWith('+xml')
  const named =
    type === 'multipart/related'
      ? (['1.2', '1.1'] as const).find(each => contentType.includes(MEDIA_TYPE[each]))
      : undefined
  const version = type === MEDIA_TYPE['1.2'] ? '1.2' : type === MEDIA_TYPE['1.1'] ? '1.1' : named
  // Some clients write typographic quotation marks.
  const charset = /;\s*charset\s*=\s*["']?([^\s;"']+)/i.exec(contentType)?.[1]
  return {
    type,
    xml,
    related: multipartOf(contentType),
    charset,
    version,
    action: version === '1.2' ? parameter(contentType, 'action') : undefined
  }
}

function parameter (contentType: string, wanted: string): string | undefined {
  for (const [, name, quoted, bare] of contentType.matchAll(
    /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g
  )) {
    if (name!.toLowerCase() === wanted) return (quoted?.replace(/\\(.)/g, '$1') ?? bare!.trim()) || undefined
  }
  return undefined
}

/**
 * The Action that HTTP carries: SOAPAction, without its quotes (SOAP 1.1, 6.1.1), or a parameter of the type. An empty
 * one names no action.
 */
export const actionIn = (soapAction: string | undefined, contentType: ContentType): string | undefined =>
  unquoted(soapAction) || contentType.action

/** A SOAPAction without its quotation marks. */
export function unquoted (soapAction: string | undefined): string | undefined {
  const value = soapAction?.trim()
  return value !== undefined && value.length > 1 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1)
    : value
}

/** Scans a body for the end of the SOAP Header, chunk by chunk. */
export interface HeaderScanner {
  /** Takes the next bytes. Returns whether no more are needed. */
  push(chunk: Buffer): boolean
  finish(): ScanResult | undefined
}

/**
 * Returns a scanner for a body of this type; undefined if it cannot have a SOAP Header. A body without a type may have
 * one.
 */
export const scannerFor = (media: ContentType, limit?: number): HeaderScanner | undefined =>
  media.xml || media === UNTYPED
    ? new EnvelopeScanner({ limit, charset: media.charset })
    : media.related === undefined
      ? undefined
      : new RootScanner(media.related, limit ?? Infinity)
