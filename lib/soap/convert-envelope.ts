import { isName } from '../xml/characters.js'
import { escapeAttribute } from '../xml/escape.js'
import { missingDeclarations, readPositionedTree, type PositionedElement } from '../xml/positioned-tree.js'
import { decode } from '../xml/encoding.js'
import { applyEdits, withoutDefault, type Edit } from './edit.js'
import { faultElement, faultOf, hasFault, type QName, type SoapFault } from './fault.js'
import { outline, unreadableXml, type EncodedText, type EnvelopeOutline } from './outline.js'
import { SOAP_NAMESPACE, type Version } from '../message/soap-version.js'

/**
 * The position of a name in the namespace of SOAP, its prefix first, and its local name in the other version. Without a
 * name the text from `start` to `end` is removed.
 */
interface Name {
  readonly start: number
  readonly end: number
  readonly prefix: string
  readonly local: string | undefined
}

/** The names of an element in its start tag and its end tag. */
function namesOf ({ start, nameEnd, close, end, name: local }: PositionedElement, text: string): Name[] {
  const prefix = prefixIn(text.slice(start + 1, nameEnd))
  const inStartTag = { start: start + 1, end: nameEnd, prefix, local }
  return close === end
    ? [inStartTag]
    : [inStartTag, { start: close + 2, end: close + 1 + nameEnd - start, prefix, local }]
}

const prefixIn = (name: string): string => name.slice(0, Math.max(name.indexOf(':'), 0))

/**
 * Converts a whole SOAP message to the other version: Envelope, Header and Body, the attributes that address header
 * blocks, and a Fault. All other bytes are kept with their meaning: a prefix of the old namespace that is used there
 * stays declared. Returns the same bytes if they are in that version.
 * @throws MediationError UNREADABLE
 */
export function convertEnvelope (bytes: Buffer, to: Version, encoded?: EncodedText): Buffer {
  const parts = outline(bytes, encoded)
  const { envelope, body, content, header } = parts
  if (parts.version === to) return bytes
  // One character for each byte: an offset in the text is one in the bytes.
  const text = bytes.toString('latin1')
  const { names, edits } = blockNames(parts, text, to)
  for (const each of [envelope, header, body]) if (each !== undefined) names.push(...namesOf(each, text))

  const fault =
    content !== undefined && hasFault(parts)
      ? { value: convertVersion(faultOf(parts, bytes), to), start: content.start, end: content.end }
      : undefined
  const untouched =
    fault === undefined ? text : text.slice(0, fault.start) + (fault.value.detail ?? '') + text.slice(fault.end)
  const own = prefixIn(text.slice(envelope.start + 1, envelope.nameEnd))
  const declared =
    own === ''
      ? undefined
      : envelope.attributes.find(
        ({ declaration, start, nameEnd }) => declaration && text.slice(start, nameEnd) === `xmlns:${own}`
      )
  const all = names.filter(({ prefix }) => prefix === own).length
  const moves =
    declared !== undefined &&
    usesNamespace(untouched, own) === all &&
    count(untouched, `xmlns:${literal(own)}[ \\t\\r\\n]*=`) === 1
  const prefix = moves ? own : unused(text.slice(0, fault?.end ?? body.close))

  edits.push(
    moves
      ? { start: declared.from, end: declared.to, text: SOAP_NAMESPACE[to] }
      : { start: envelope.nameEnd, end: envelope.nameEnd, text: ` xmlns:${prefix}="${SOAP_NAMESPACE[to]}"` }
  )
  for (const { start, end, prefix: old, local } of names) {
    if (local === undefined) edits.push({ start, end, text: '' })
    else if (old === prefix) edits.push({ start: start + prefix.length + 1, end, text: local })
    else edits.push({ start, end, text: `${prefix}:${local}` })
  }
  if (fault !== undefined) {
    edits.push({
      start: fault.start,
      end: fault.end,
      text: faultElement(fault.value, prefix, hasDefault(body) ? ' xmlns=""' : '')
    })
  }
  return applyEdits(bytes, edits)
}

/** Whether a default namespace is in scope for the children of an element. */
function hasDefault (element: PositionedElement): boolean {
  for (let scope = element.scope; scope !== undefined; scope = scope.outer) {
    if (scope.prefix === '') return scope.namespace !== ''
  }
  return false
}

/** How often a text uses a prefix, in names and in what looks like a qualified name. */
const usesNamespace = (text: string, prefix: string): number =>
  count(text, `(?<![\\w.\\-\\x80-\\xff])${literal(prefix)}:`)

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

/** The changes in header blocks: attributes in the namespace of SOAP, and their values. */
function blockNames (
  { header, version }: EnvelopeOutline, text: string, to: Version
): { names: Name[]; edits: Edit[] } {
  const names: Name[] = []
  const edits: Edit[] = []
  const [role, otherRole] = version === '1.1' ? ['actor', 'role'] : ['role', 'actor']
  for (const { name, namespace, value: raw, start, nameEnd, from, to: until } of (header?.children ?? []).flatMap(
    ({ attributes }) => attributes
  )) {
    if (namespace !== SOAP_NAMESPACE[version] || (name !== 'mustUnderstand' && name !== role)) continue
    const value = raw.trim()
    const prefix = prefixIn(text.slice(start, nameEnd))
    if (name === role && value === ULTIMATE) {
      names.push({ start, end: until + 1, prefix, local: undefined })
      continue
    }
    names.push({ start, end: nameEnd, prefix, local: name === role ? otherRole : name })
    const now = name === role ? (value === NEXT[version] ? NEXT[to] : undefined) : TRUTH[to].get(value)
    if (now !== undefined) edits.push({ start: from, end: until, text: escapeAttribute(now) })
  }
  return { names, edits }
}

const TRUTH: Readonly<Record<Version, ReadonlyMap<string, string>>> = {
  1.1: new Map([
    ['true', '1'],
    ['false', '0']
  ]),
  1.2: new Map([
    ['1', 'true'],
    ['0', 'false']
  ])
}

/** The fault codes of each version by those of the other. */
const CODES: Readonly<Record<Version, ReadonlyMap<string, string>>> = {
  1.1: new Map([
    ['Sender', 'Client'],
    ['Receiver', 'Server'],
    ['DataEncodingUnknown', 'Client'],
    ['VersionMismatch', 'VersionMismatch'],
    ['MustUnderstand', 'MustUnderstand']
  ]),
  1.2: new Map([
    ['Client', 'Sender'],
    ['Server', 'Receiver'],
    ['VersionMismatch', 'VersionMismatch'],
    ['MustUnderstand', 'MustUnderstand']
  ])
}

/**
 * Converts a fault to a version of SOAP. A custom code is a subcode of Receiver in 1.2 and the code itself in 1.1; so
 * is a dotted code of 1.1, below its first part. Node and Role are one in 1.1.
 * @see WS-Addressing 1.0, SOAP Binding, section 6
 */
export function convertVersion (fault: SoapFault, to: Version): SoapFault {
  const { code, subcode, node, role } = fault
  if (fault.version === to) return fault
  if (to === '1.1') {
    const known: QName = { namespace: SOAP_NAMESPACE['1.1'], name: CODES['1.1'].get(code.name) ?? 'Server' }
    return {
      ...fault,
      version: to,
      code: subcode !== undefined && isName(subcode.name) ? subcode : known,
      subcode: undefined,
      node: undefined,
      role: role ?? node
    }
  }
  if (code.namespace === SOAP_NAMESPACE['1.2'] && CODES['1.1'].has(code.name)) return { ...fault, version: to }
  const standard = code.namespace === SOAP_NAMESPACE['1.1'] || code.namespace === ''
  const name = standard ? CODES['1.2'].get(code.name.split('.', 1)[0]!) : undefined
  const whole = standard && CODES['1.2'].has(code.name)
  return {
    ...fault,
    version: to,
    code: { namespace: SOAP_NAMESPACE['1.2'], name: name ?? 'Receiver' },
    subcode: whole || !isName(code.name) ? undefined : code
  }
}

/** Where a document begins, after a byte order mark and an XML declaration. */
const prologEnd = (bytes: Buffer): number =>
  /^(?:\xef\xbb\xbf)?(?:<\?xml[ \t\r\n][^?]*\?>)?/.exec(bytes.toString('latin1', 0, 1024))![0].length

/**
 * Returns the first child of Body as a document of its own, in the encoding of the message. Empty if there is none.
 * @throws MediationError UNREADABLE
 */
export function unwrapBody (bytes: Buffer, encoded?: EncodedText): Buffer {
  const { content, encoding } = outline(bytes, encoded)
  if (content === undefined) return Buffer.alloc(0)
  const { start, nameEnd, end } = content
  const declarations = missingDeclarations(content, decode(bytes, start, end, encoding))
  const edited = applyEdits(bytes.subarray(start, end), [
    { start: nameEnd - start, end: nameEnd - start, text: declarations }
  ])
  return Buffer.concat([bytes.subarray(0, prologEnd(bytes)), edited])
}

/** An XML document as the Body of a SOAP message, in the encoding of the document. @throws MediationError UNREADABLE */
export function wrapBody (bytes: Buffer, version: Version, { charset }: EncodedText = {}): Buffer {
  const from = prologEnd(bytes)
  const isBlank = bytes.length - from < 1024 && bytes.toString('latin1', from).trim() === ''
  const tree = isBlank ? undefined : readPositionedTree(bytes, { charset, keep: () => false })
  if (tree !== undefined && 'kind' in tree) throw unreadableXml(tree.reason)
  const start = `<soapenv:Envelope xmlns:soapenv="${SOAP_NAMESPACE[version]}"><soapenv:Header/><soapenv:Body>`
  return Buffer.concat([
    bytes.subarray(0, from),
    Buffer.from(start),
    bytes.subarray(from),
    Buffer.from('</soapenv:Body></soapenv:Envelope>')
  ])
}

/**
 * A SOAP message with another first child of Body. @param xml elements that declare their prefixes @throws
 * MediationError UNREADABLE
 */
export function replaceBody (bytes: Buffer, xml: string, encoded?: EncodedText): Buffer {
  const { content, body } = outline(bytes, encoded)
  const text = hasDefault(body) ? withoutDefault(xml) : xml
  if (content !== undefined) return applyEdits(bytes, [{ start: content.start, end: content.end, text }])
  if (body.close < body.end) return applyEdits(bytes, [{ start: body.open, end: body.open, text }])
  const name = bytes.toString('utf8', body.start + 1, body.nameEnd)
  return applyEdits(bytes, [{ start: body.end - 2, end: body.end, text: `>${text}</${name}>` }])
}
