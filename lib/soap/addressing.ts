import { escapeText } from '../xml/escape.js'
import type { Addressing, HeaderBlock, WsAddressing } from '../message/envelope.js'

/** The namespaces of WS-Addressing: 1.0 (W3C Recommendation, 2006), and the Member Submission of 2004. */
export const ADDRESSING = {
  final: 'http://www.w3.org/2005/08/addressing',
  submission: 'http://schemas.xmlsoap.org/ws/2004/08/addressing'
} as const

const ANONYMOUS = {
  [ADDRESSING.final]: `${ADDRESSING.final}/anonymous`,
  [ADDRESSING.submission]: `${ADDRESSING.submission}/role/anonymous`
} as const
const NONE = `${ADDRESSING.final}/none`

/** Headers by field, in the order in which they are written. */
const HEADERS = {
  to: 'To',
  replyTo: 'ReplyTo',
  from: 'From',
  faultTo: 'FaultTo',
  messageId: 'MessageID',
  action: 'Action',
  relatesTo: 'RelatesTo'
} as const satisfies Record<keyof Addressing, string>
/** Headers that hold an address in an element of its own. */
const REFERENCES: ReadonlySet<string> = new Set(['ReplyTo', 'From', 'FaultTo'])

const FIELDS = Object.entries(HEADERS) as [keyof Addressing, string][]
const FIELD_OF: ReadonlyMap<string, keyof Addressing> = new Map(FIELDS.map(([field, header]) => [header, field]))
const KNOWN: ReadonlySet<string> = new Set(Object.values(HEADERS))
const VERSIONS = [ADDRESSING.final, ADDRESSING.submission] as const
const isAddressing = ({ namespace }: HeaderBlock): boolean =>
  namespace === ADDRESSING.final || namespace === ADDRESSING.submission

/**
 * Reads the headers of WS-Addressing. Of several RelatesTo it takes the first; any other header may occur once.
 * Returns undefined if there is no block in either namespace.
 */
export function readAddressing (all: readonly HeaderBlock[]): WsAddressing | undefined {
  if (!all.some(isAddressing)) return undefined
  const blocks = all.filter(isAddressing)
  const namespace = VERSIONS.find(each => blocks.some(block => block.namespace === each && KNOWN.has(block.name)))
  if (namespace === undefined) return { addressing: {}, blocks }
  const addressing: { -readonly [field in keyof Addressing]: Addressing[field] } = {}
  let twice: string | undefined
  let withoutAddress: string | undefined
  for (const block of blocks) {
    const field = block.namespace === namespace ? FIELD_OF.get(block.name) : undefined
    if (field === undefined) continue
    if (addressing[field] !== undefined) {
      if (field !== 'relatesTo') twice ??= block.name
      continue
    }
    const address = REFERENCES.has(block.name) ? onlyAddressIn(block) : block.text.trim()
    if (address === undefined) withoutAddress ??= block.name
    addressing[field] = address ?? ''
  }
  return {
    addressing,
    namespace,
    blocks,
    problem:
      twice !== undefined
        ? `the header wsa:${twice} occurs more than once`
        : withoutAddress !== undefined
          ? `the header wsa:${withoutAddress} needs one wsa:Address`
          : problemOf(addressing, namespace),
    anonymousOnly: namesAnotherAddress(addressing.replyTo, namespace)
      ? 'ReplyTo'
      : namesAnotherAddress(addressing.faultTo, namespace)
        ? 'FaultTo'
        : undefined
  }
}

const namesAnotherAddress = (address: string | undefined, namespace: keyof typeof ANONYMOUS): boolean =>
  address !== undefined && address !== ANONYMOUS[namespace] && address !== NONE

/** The text of the one wsa:Address of a reference; undefined if there are none or several, or it is empty. */
function onlyAddressIn ({ children, namespace }: HeaderBlock): string | undefined {
  const addresses = children.filter(child => child.name === 'Address' && child.namespace === namespace)
  return addresses.length === 1 ? addresses[0]!.text.trim() || undefined : undefined
}

function problemOf ({ to, action, messageId, replyTo, faultTo }: Addressing, namespace: string): string | undefined {
  if (action === undefined) return 'there is no wsa:Action'
  if (action === '') return 'wsa:Action is empty'
  if (namespace !== ADDRESSING.submission) return undefined
  if (to === undefined) return 'there is no wsa:To'
  return messageId === undefined && (replyTo ?? faultTo) !== undefined
    ? 'there is no wsa:MessageID, but an address to respond to'
    : undefined
}

/** Why the addressing of a message is contradictory: in itself, or to the action of the transport. */
export const contradictionIn = (
  { problem, namespace, addressing: { action } }: WsAddressing,
  transportAction: string | undefined
): string | undefined =>
  problem ??
  (namespace !== undefined && transportAction && transportAction !== action
    ? 'wsa:Action and the SOAP action of the transport are not the same'
    : undefined)

/**
 * Writes header blocks, each with its own declaration of the prefix wsa. Anonymous addresses are left out, except
 * ReplyTo in the Submission.
 * @see Apache Axis2, AddressingOutHandler
 */
export function writeAddressing (addressing: Addressing, namespace: string = ADDRESSING.final): string {
  const submission = namespace === ADDRESSING.submission
  const anonymous = submission ? ANONYMOUS[ADDRESSING.submission] : ANONYMOUS[ADDRESSING.final]
  let written = ''
  for (const [field, header] of FIELDS) {
    const always = submission && field === 'replyTo'
    const value = addressing[field] ?? (always ? anonymous : undefined)
    if (value === undefined || (value === anonymous && !always && (field === 'to' || field === 'replyTo'))) continue
    const text = escapeText(value)
    const content = REFERENCES.has(header) ? `<wsa:Address>${text}</wsa:Address>` : text
    written += `<wsa:${header} xmlns:wsa="${namespace}">${content}</wsa:${header}>`
  }
  return written
}
