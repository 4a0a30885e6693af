import { escapeAttribute } from '../xml/escape.js'
import { attributesOf, elementAt, namespaceOf, scopeIn, split, tags, unreadableXml, type Tag } from '../xml/tags.js'
import { isName, valueOf } from '../xml/characters.js'
import { applyEdits, withoutDefault, type Edit } from './edit.js'
import { faultElement, faultIn, faultOf, type QName, type SoapFault } from './fault.js'
import { extractElements, envelopeOf, outline, asLatin1, type EncodedText, type Outline } from './outline.js'
import type { Envelope } from '../message/envelope.js'
import { SOAP_NAMESPACE, type Version } from '../message/soap-version.js'

/** A name in the namespace of SOAP, where it stands, and what it is called in the other version; without that, what stands there goes. */
interface Name { readonly start: number, readonly end: number, readonly prefix: string, readonly local: string | undefined }

const nameIn = ({ kind, name, start }: Tag): Name => {
  const from = start + (kind === 'close' ? 2 : 1)
  return { start: from, end: from + name.length, ...split(name) }
}

/**
 * A whole SOAP message in the other version of SOAP: Envelope, Header and Body, what their attributes tell a node about a header block,
 * and a Fault. All else keeps its bytes, and its meaning: where it uses a prefix of the old namespace, that stays declared.
 * The same bytes, if that is their version. @throws MediationError UNREADABLE
 */
export function convertEnvelope (bytes: Buffer, to: Version, encoded?: EncodedText): Buffer {
  const envelope = envelopeOf(bytes, encoded)
  if (envelope.version === to) return bytes
  const parts = outline(bytes, envelope)
  const { text } = parts
  const body = elementAt(text, parts.body.start)
  const { names, edits } = headerOf(parts, envelope, to)
  names.push(...[parts.envelope, parts.body, endOf(text, body.close.end, parts.envelope)].map(nameIn))
  if (body.close !== body.tag) names.push(nameIn(body.close))

  const tag = faultIn(parts)
  const fault = tag && { value: convertVersion(faultOf(parts, bytes, encoded), to), start: tag.start, end: body.children[0]!.close.end }
  const untouched = fault === undefined ? text : text.slice(0, fault.start) + (fault.value.detail ?? '') + text.slice(fault.end)
  const own = split(parts.envelope.name).prefix
  const declared = attributesOf(text, parts.envelope).find(({ name }) => name === `xmlns:${own}`)
  const all = names.filter(({ prefix }) => prefix === own).length
  const moves = declared !== undefined && usesNamespace(untouched, own) === all && count(untouched, `xmlns:${literal(own)}[ \\t\\r\\n]*=`) === 1
  const prefix = moves ? own : unused(text.slice(0, fault?.end ?? parts.body.end))

  edits.push(moves
    ? { start: declared.from, end: declared.to, text: SOAP_NAMESPACE[to] }
    : { start: nameIn(parts.envelope).end, end: nameIn(parts.envelope).end, text: ` xmlns:${prefix}="${SOAP_NAMESPACE[to]}"` })
  for (const { start, end, local } of names) edits.push({ start, end, text: local === undefined ? '' : `${prefix}:${local}` })
  if (fault !== undefined) edits.push({ start: fault.start, end: fault.end, text: faultElement(fault.value, prefix, parts.inner.get('') ? ' xmlns=""' : '') })
  return applyEdits(bytes, edits)
}

/** The end tag of Envelope, behind its last child. */
function endOf (text: string, from: number, envelope: Tag): Tag {
  const open = [envelope.name]
  let last: Tag | undefined
  for (const each of tags(text, from, open)) last = each
  if (last === undefined) throw unreadableXml('it ends before its root does')
  return last
}

/** How often a text uses a prefix: in names, and in what looks like one. */
const usesNamespace = (text: string, prefix: string): number => count(text, `(?<![\\w.\\-\\x80-\\xff])${literal(prefix)}:`)

const literal = (name: string): string => name.replaceAll('.', '\\.')

function count (text: string, pattern: string): number {
  const expression = new RegExp(pattern, 'g')
  let times = 0
  while (expression.test(text)) times++
  return times
}

/** A prefix that is not declared anywhere in this text. */
function unused (text: string): string {
  const declared = new Set<string>()
  for (const [, prefix] of text.matchAll(/xmlns:([^ \t\r\n=]+)/g)) declared.add(prefix!)
  let prefix = 'soapenv'
  for (let number = 1; declared.has(prefix); number++) prefix = `soapenv${number}`
  return prefix
}

const NEXT = { 1.1: 'http://schemas.xmlsoap.org/soap/actor/next', 1.2: `${SOAP_NAMESPACE['1.2']}/role/next` } as const
const ULTIMATE = `${SOAP_NAMESPACE['1.2']}/role/ultimateReceiver`

/** What becomes of the Header: names that change with their namespace, and values of attributes. */
function headerOf ({ text, scope, version }: Outline, { header, blocks }: Envelope, to: Version): { names: Name[], edits: Edit[] } {
  const names: Name[] = []
  const edits: Edit[] = []
  if (header === undefined) return { names, edits }
  const { tag, close } = elementAt(text, header.start)
  names.push(nameIn(tag))
  if (close !== tag) names.push(nameIn(close))
  const inner = scopeIn(text, tag, scope)
  const [role, other] = version === '1.1' ? ['actor', 'role'] : ['role', 'actor']
  for (const { start } of blocks) {
    const [block] = tags(text, start)
    const around = scopeIn(text, block!, inner)
    for (const { name, start, end, from, to: until } of attributesOf(text, block!)) {
      const { prefix, local } = split(name)
      if (prefix === '' || (local !== 'mustUnderstand' && local !== role) || namespaceOf(name, around) !== SOAP_NAMESPACE[version]) continue
      const value = valueOf(text.slice(from, until)).trim()
      if (local === role && value === ULTIMATE) {
        names.push({ start, end, prefix, local: undefined })
        continue
      }
      names.push({ start, end: start + name.length, prefix, local: local === role ? other : local })
      const now = local === role ? (value === NEXT[version] ? NEXT[to] : undefined) : TRUTH[to].get(value)
      if (now !== undefined) edits.push({ start: from, end: until, text: escapeAttribute(now) })
    }
  }
  return { names, edits }
}

const TRUTH: Readonly<Record<Version, ReadonlyMap<string, string>>> = {
  1.1: new Map([['true', '1'], ['false', '0']]),
  1.2: new Map([['1', 'true'], ['0', 'false']])
}

/** What the codes of one version are called in the other. */
const CODES: Readonly<Record<Version, ReadonlyMap<string, string>>> = {
  1.1: new Map([['Sender', 'Client'], ['Receiver', 'Server'], ['DataEncodingUnknown', 'Client'], ['VersionMismatch', 'VersionMismatch'], ['MustUnderstand', 'MustUnderstand']]),
  1.2: new Map([['Client', 'Sender'], ['Server', 'Receiver'], ['VersionMismatch', 'VersionMismatch'], ['MustUnderstand', 'MustUnderstand']])
}

/**
 * A fault in a version of SOAP. A code of one's own is a subcode of Receiver in 1.2, and the code itself in 1.1, as
 * WS-Addressing (SOAP Binding, 6) does it; so is one of the dotted codes of 1.1, below what it begins with. Node and Role are one in 1.1.
 */
export function convertVersion (fault: SoapFault, to: Version): SoapFault {
  const { code, subcode, node, role } = fault
  if (fault.version === to) return fault
  if (to === '1.1') {
    const known: QName = { namespace: SOAP_NAMESPACE['1.1'], name: CODES['1.1'].get(code.name) ?? 'Server' }
    return { ...fault, version: to, code: subcode !== undefined && isName(subcode.name) ? subcode : known, subcode: undefined, node: undefined, role: role ?? node }
  }
  if (code.namespace === SOAP_NAMESPACE['1.2'] && CODES['1.1'].has(code.name)) return { ...fault, version: to }
  const standard = code.namespace === SOAP_NAMESPACE['1.1'] || code.namespace === ''
  const name = standard ? CODES['1.2'].get(code.name.split('.', 1)[0]!) : undefined
  const whole = standard && CODES['1.2'].has(code.name)
  return { ...fault, version: to, code: { namespace: SOAP_NAMESPACE['1.2'], name: name ?? 'Receiver' }, subcode: whole || !isName(code.name) ? undefined : code }
}

/** A byte order mark and an XML declaration, where a document begins with them. */
const prologOf = (text: string): string => /^(?:\xef\xbb\xbf)?(?:<\?xml[ \t\r\n][^?]*\?>)?/.exec(text)![0]

/**
 * What a SOAP message carries, as a document of its own: the first child of Body, in the encoding of the message. Nothing, if there is none.
 * @throws MediationError UNREADABLE
 */
export function unwrapBody (bytes: Buffer, encoded?: EncodedText): Buffer {
  const { text, first, inner } = outline(bytes, envelopeOf(bytes, encoded))
  return first === undefined ? Buffer.alloc(0) : Buffer.from(prologOf(text) + extractElements(text, [first], inner), 'latin1')
}

/** An XML document as the Body of a SOAP message, in the encoding of the document. @throws MediationError UNREADABLE */
export function wrapBody (bytes: Buffer, version: Version): Buffer {
  const text = asLatin1(bytes)
  const prolog = prologOf(text)
  const content = text.slice(prolog.length)
  if (content.trim() !== '') for (const walk = tags(content); walk.next().done !== true;);
  return Buffer.from(`${prolog}<soapenv:Envelope xmlns:soapenv="${SOAP_NAMESPACE[version]}"><soapenv:Header/><soapenv:Body>${content}</soapenv:Body></soapenv:Envelope>`, 'latin1')
}

/** A SOAP message that carries something else: the first child of Body replaced. @param xml elements that declare their prefixes @throws MediationError UNREADABLE */
export function replaceBody (bytes: Buffer, xml: string, encoded?: EncodedText): Buffer {
  const { text, first, body, inner } = outline(bytes, envelopeOf(bytes, encoded))
  const content = inner.get('') ? withoutDefault(xml) : xml
  if (first !== undefined) return applyEdits(bytes, [{ start: first.start, end: elementAt(text, first.start).close.end, text: content }])
  return applyEdits(bytes, [body.kind === 'empty' ? { start: body.end - 2, end: body.end, text: `>${content}</${body.name}>` } : { start: body.end, end: body.end, text: content }])
}
