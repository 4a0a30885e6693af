import { charsetOf, isXml, versionIn } from '../../lib/soap/read.js'
import { relatedOf, RootScanner, type Related } from '../../lib/soap/related.js'
import { Scanner } from '../../lib/soap/scan.js'
import type { Version } from '../../lib/soap/version.js'
import type { Look } from './rest.js'

/** What a Content-Type says that matters to a proxy. */
export interface Media {
  readonly xml: boolean
  /** Where its parts are, of a MIME message. */
  readonly related?: Related | undefined
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
  const version = versionIn(type)
  const media = { xml: isXml(type), related: relatedOf(type), charset: charsetOf(type), version, action: version === '1.2' ? actionOf(type) : undefined }
  // A boundary is another one each time.
  if (media.related === undefined && type.length <= LONGEST) {
    if (seen.size === REMEMBERED) seen.clear()
    seen.set(type, media)
  }
  return media
}

const UNTYPED: Media = { xml: true, related: undefined, charset: undefined, version: undefined, action: undefined }

/** What looks for a SOAP Header in a body of this type; undefined where there can be none. */
export const lookFor = ({ xml, related, charset }: Media, limit: number): Look | undefined =>
  xml ? new Scanner({ limit, charset }) : related === undefined ? undefined : new RootScanner(related, limit)

/** The parameter `action`, of `application/soap+xml` or of a MIME message whose root is that; an empty one names no action. */
function actionOf (type: string): string | undefined {
  for (const [, name, quoted, bare] of type.matchAll(/;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g)) {
    if (name!.toLowerCase() === 'action') return (quoted?.replace(/\\(.)/g, '$1') ?? bare!.trim()) || undefined
  }
  return undefined
}
