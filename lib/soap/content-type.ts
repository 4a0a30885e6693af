import { multipartOf, RootScanner, type MultipartRelated } from './multipart.js'
import { EnvelopeScanner } from './scan.js'
import type { ScanResult } from '../message/envelope.js'
import { MEDIA_TYPE, type Version } from '../message/soap-version.js'

/** What a Content-Type says that matters to a proxy. */
export interface ContentType {
  /** `text/xml` and the like, in lower case; empty where there is none. */
  readonly type: string
  /** Whether a body of this type is XML; that of a MIME message is not, though its root part may be. */
  readonly xml: boolean
  /** Where its parts are, of a MIME message. */
  readonly related?: MultipartRelated | undefined
  readonly charset?: string | undefined
  /** The version of SOAP that it stands for; that of a MIME message names its root's (Apache Synapse: ServerWorker). */
  readonly version?: Version | undefined
  /** The action of SOAP 1.2 (RFC 3902); an empty one names none. */
  readonly action?: string | undefined
}

const REMEMBERED = 256
const LONGEST = 256
const cache = new Map<string, ContentType>()
const UNTYPED: ContentType = { type: '', xml: false }

/** Takes a Content-Type apart. Everybody repeats theirs, so some are remembered. */
export function contentTypeOf (contentType: string | undefined): ContentType {
  if (contentType === undefined) return UNTYPED
  const known = cache.get(contentType)
  if (known !== undefined) return known
  const media = parsed(contentType)
  // A boundary is another one each time.
  if (media.related === undefined && contentType.length <= LONGEST) {
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
  // Some write the quotes of another language.
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
 * The Action as HTTP says it: SOAPAction, without its quotes (SOAP 1.1, 6.1.1), or a parameter of the type. An empty
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

/** What looks for the end of the SOAP Header, piece by piece. */
export interface HeaderScanner {
  /** True: it has seen enough. */
  push(chunk: Buffer): boolean
  finish(): ScanResult | undefined
}

/** For a body of this type; undefined where there can be no Header. What has no type may be anything. */
export const scannerFor = (media: ContentType, limit?: number): HeaderScanner | undefined =>
  media.xml || media === UNTYPED
    ? new EnvelopeScanner({ limit, charset: media.charset })
    : media.related === undefined
      ? undefined
      : new RootScanner(media.related, limit ?? Infinity)
