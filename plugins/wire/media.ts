import { charsetOf, isXml, versionIn } from '../../lib/soap/read.js'
import type { Version } from '../../lib/soap/version.js'

/** What a Content-Type says that matters to a proxy. */
export interface Media {
  /** Whether a SOAP Header may be looked for. Not in MTOM's multipart/related: its root part would have to be found first. */
  readonly xml: boolean
  readonly charset: string | undefined
  /** The version of SOAP that it stands for. */
  readonly version: Version | undefined
  /** The action of SOAP 1.2 (RFC 3902). */
  readonly action: string | undefined
}

const REMEMBERED = 256
const LONGEST = 256
const seen = new Map<string, Media>()

/** Takes a Content-Type apart. Clients repeat theirs, so some are remembered. */
export function mediaOf (type: string | undefined): Media {
  if (type === undefined) return UNTYPED
  const known = seen.get(type)
  if (known !== undefined) return known
  const media = { xml: isXml(type), charset: charsetOf(type), version: versionIn(type), action: actionOf(type) }
  if (type.length <= LONGEST) {
    if (seen.size === REMEMBERED) seen.clear()
    seen.set(type, media)
  }
  return media
}

const UNTYPED: Media = { xml: true, charset: undefined, version: undefined, action: undefined }

/** The parameter `action` of `application/soap+xml`; an empty one names no action. */
function actionOf (type: string): string | undefined {
  if (!/^\s*application\/soap\+xml\s*;/i.test(type)) return undefined
  for (const [, name, quoted, bare] of type.matchAll(/;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g)) {
    if (name!.toLowerCase() === 'action') return (quoted?.replace(/\\(.)/g, '$1') ?? bare!.trim()) || undefined
  }
  return undefined
}
