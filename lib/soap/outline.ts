import { elementAt, namespaceOf, scopeIn, split, tags, unreadableXml, type Scope, type Tag } from '../xml/tags.js'
import { decode as decodeBytes, encodingOf, readDeclaration } from '../xml/encoding.js'
import { scan } from './scan.js'
import type { Envelope } from '../message/envelope.js'
import { SOAP_NAMESPACE, type Version } from '../message/soap-version.js'

/** The charset that the Content-Type names. It counts where neither a byte order mark nor an XML declaration tells. */
export interface EncodedText { readonly charset?: string | undefined }

/** Where the parts of a SOAP message stand that are not in its Header. Offsets count bytes. */
export interface Outline {
  /** The message, or the start of it, with one character for each byte. */
  readonly text: string
  readonly version: Version
  readonly envelope: Tag
  readonly body: Tag
  /** What is in scope for the children of Envelope, and for those of Body. */
  readonly scope: Scope
  readonly inner: Scope
  /** The start tag of the first child of Body. */
  readonly first?: Tag | undefined
}

/** Bytes as a text of one character each: an offset in it is one in the bytes, in every encoding that contains ASCII. */
export const asLatin1 = (bytes: Buffer): string => bytes.toString('latin1')

/** The start of a SOAP message, or a MediationError UNREADABLE. */
export function envelopeOf (bytes: Buffer, encoded: EncodedText = {}): Envelope {
  const seen = scan(bytes, { ...encoded, limit: bytes.length })
  if (seen.kind === 'envelope') return seen
  throw unreadableXml(seen.kind === 'plain' ? 'it is no SOAP message' : seen.reason)
}

/**
 * @param limit how many bytes behind the Header may be looked at
 * @throws MediationError UNREADABLE
 */
export function outline (bytes: Buffer, { version, rest }: Envelope, limit = Infinity): Outline {
  const text = asLatin1(bytes.subarray(0, rest + limit))
  const [envelope] = tags(text)
  if (envelope === undefined) throw unreadableXml('it is empty')
  const scope = scopeIn(text, envelope)
  const [body, first] = tags(text, rest, [envelope.name])
  if (body === undefined || body.kind === 'close' || !isSoap(text, body, 'Body', version, scope)) throw unreadableXml('it has no SOAP Body')
  return { text, version, envelope, body, scope, inner: scopeIn(text, body, scope), first: body.kind === 'empty' || first?.kind === 'close' ? undefined : first }
}

/** Whether this is the start tag of an element of SOAP with this name, given what is in scope around it. */
export const isSoap = (text: string, tag: Tag, local: string, version: Version, outer: Scope): boolean =>
  split(tag.name).local === local && namespaceOf(tag.name, scopeIn(text, tag, outer)) === SOAP_NAMESPACE[version]

/** Text of one character per byte, as what those bytes mean. @param bytes the start of the message that it comes from */
export function decode (part: string, bytes: Buffer, { charset }: EncodedText = {}): string {
  const start = asLatin1(bytes.subarray(0, 256))
  const declared = start.startsWith('<?xml') ? readDeclaration(start.slice(0, start.indexOf('?>') + 2)) : undefined
  const name = start.startsWith('\xef\xbb\xbf') ? undefined : declared && 'encoding' in declared && declared.encoding ? declared.encoding : charset
  const encoding = encodingOf(name ?? 'utf-8')
  if (encoding === undefined || encoding === 'utf-16') throw unreadableXml(`its encoding ${name} is not known here`)
  const raw = Buffer.from(part, 'latin1')
  return decodeBytes(raw, 0, raw.length, encoding)
}

/**
 * Elements out of a text, as they would have to be written elsewhere: each declares the prefixes that it mentions and that `outer`,
 * the scope around it, binds. Of one character per byte, as `text` is; what stands between the elements is kept from `from` to `to`.
 * @throws MediationError UNREADABLE, when the declarations would be out of all proportion
 */
export function extractElements (text: string, elements: readonly Tag[], outer: Scope, from?: number, to?: number): string {
  let made = ''
  let room = 65_536 + 16 * text.length
  let at = from ?? 0
  for (const start of elements.map(each => each.start)) {
    const { tag, close } = elementAt(text, start)
    const behindName = start + 1 + tag.name.length
    const declared = declarations(text.slice(start, close.end), scopeIn(text, tag), outer)
    if ((room -= declared.length) < 0) throw unreadableXml('its namespaces are too long for the use that is made of them')
    made += (from === undefined ? '' : text.slice(at, start)) + text.slice(start, behindName) + declared + text.slice(behindName, close.end)
    at = close.end
  }
  return to === undefined ? made : made + text.slice(at, to)
}

/** What the start tag of an element lacks, that declares `own` and moves out of `outer`. */
function declarations (element: string, own: Scope, outer: Scope): string {
  const wanted = new Set<string>()
  for (const [, prefix] of element.matchAll(/(?<![\w.\-\x80-\xff])([A-Za-z_\x80-\xff][\w.\-\x80-\xff]*):/g)) wanted.add(prefix!)
  if (/<[^\s:>/!?]+[\s>/]/.test(element)) wanted.add('')
  return [...wanted]
    .filter(prefix => !own.has(prefix) && (outer.get(prefix) ?? '') !== '')
    .map(prefix => ` xmlns${prefix && ':'}${prefix}="${outer.get(prefix)!.replaceAll('"', '&quot;')}"`).join('')
}
