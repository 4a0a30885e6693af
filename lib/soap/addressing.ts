import type { Addressing } from '../message/message.js'
import { escapeText } from '../xml/escape.js'
import type { HeaderBlock, Envelope } from '../message/envelope.js'

/** The namespaces of WS-Addressing: 1.0 (W3C Recommendation, 2006), and the Member Submission of 2004. */
export const ADDRESSING = {
  final: 'http://www.w3.org/2005/08/addressing',
  submission: 'http://schemas.xmlsoap.org/ws/2004/08/addressing'
} as const

const ANONYMOUS = { [ADDRESSING.final]: `${ADDRESSING.final}/anonymous`, [ADDRESSING.submission]: `${ADDRESSING.submission}/role/anonymous` }
const NONE = `${ADDRESSING.final}/none`

/** Headers by field, in the order in which they are written; those that hold an address in an element of its own. */
const HEADERS = { to: 'To', replyTo: 'ReplyTo', from: 'From', faultTo: 'FaultTo', messageId: 'MessageID', action: 'Action', relatesTo: 'RelatesTo' } as const satisfies Record<keyof Addressing, string>
const REFERENCES: ReadonlySet<string> = new Set(['ReplyTo', 'From', 'FaultTo'])

const FIELDS = Object.entries(HEADERS) as [keyof Addressing, string][]
const KNOWN: ReadonlySet<string> = new Set(Object.values(HEADERS))
const isAddressing = ({ namespace }: HeaderBlock): boolean => namespace === ADDRESSING.final || namespace === ADDRESSING.submission

/** What the Header of a message says of WS-Addressing. */
export interface WsAddressing {
  readonly addressing: Addressing
  /** Whose headers were read: those of 1.0, if there are any, else those of the Submission. Undefined where there are none. */
  readonly namespace?: string | undefined
  /** All blocks in either namespace. */
  readonly blocks: readonly HeaderBlock[]
  /** What contradicts itself, or is missing. */
  readonly problem?: string | undefined
  /** Which of ReplyTo and FaultTo wants answers anywhere but on the connection of the request. */
  readonly anonymousOnly?: 'ReplyTo' | 'FaultTo' | undefined
}

const NO_BLOCKS: readonly HeaderBlock[] = []
/** Of most messages. */
const NO_ADDRESSING: WsAddressing = { addressing: {}, blocks: NO_BLOCKS }

/**
 * Reads the headers of WS-Addressing. Of several RelatesTo it takes the first; any other header may stand once.
 * @param transportAction what the transport says that the Action is, if anything: it must be the same
 */
export function readAddressing ({ blocks: all }: Envelope, transportAction?: string): WsAddressing {
  const blocks = all.some(isAddressing) ? all.filter(isAddressing) : NO_BLOCKS
  const namespace = blocks.length === 0 ? undefined : [ADDRESSING.final, ADDRESSING.submission].find(each => blocks.some(block => block.namespace === each && KNOWN.has(block.name)))
  if (namespace === undefined) return blocks.length === 0 ? NO_ADDRESSING : { addressing: {}, blocks }
  const mine = blocks.filter(block => block.namespace === namespace && KNOWN.has(block.name))
  const addressing: { -readonly [field in keyof Addressing]: Addressing[field] } = {}
  for (const [field, header] of FIELDS) {
    const block = mine.find(({ name }) => name === header)
    if (block !== undefined) addressing[field] = REFERENCES.has(header) ? addressesIn(block)[0] ?? '' : block.text.trim()
  }
  const elsewhere = (address: string | undefined): boolean => address !== undefined && address !== ANONYMOUS[namespace] && address !== NONE
  return {
    addressing,
    namespace,
    blocks,
    problem: problemOf(mine, addressing, namespace, transportAction),
    anonymousOnly: elsewhere(addressing.replyTo) ? 'ReplyTo' : elsewhere(addressing.faultTo) ? 'FaultTo' : undefined
  }
}

const addressesIn = ({ children, namespace }: HeaderBlock): string[] =>
  children.filter(child => child.name === 'Address' && child.namespace === namespace).map(({ text }) => text.trim())

function problemOf (mine: readonly HeaderBlock[], { to, action, messageId, replyTo, faultTo }: Addressing, namespace: string, transportAction?: string): string | undefined {
  const twice = mine.find(({ name }, at) => name !== 'RelatesTo' && mine.findIndex(other => other.name === name) < at)
  if (twice !== undefined) return `the header wsa:${twice.name} stands there more than once`
  const nowhere = mine.find(block => REFERENCES.has(block.name) && (addressesIn(block).length !== 1 || addressesIn(block)[0] === ''))
  if (nowhere !== undefined) return `the header wsa:${nowhere.name} needs one wsa:Address`
  if (action === undefined) return 'there is no wsa:Action'
  if (action === '') return 'wsa:Action is empty'
  if (namespace === ADDRESSING.submission) {
    if (to === undefined) return 'there is no wsa:To'
    if (messageId === undefined && (replyTo ?? faultTo) !== undefined) return 'there is no wsa:MessageID, but someone to answer to'
  }
  if (transportAction && transportAction !== action) return 'wsa:Action and the SOAP action of the transport are not the same'
  return undefined
}

/**
 * Header blocks, each with its own declaration of the prefix wsa. Addresses that mean the connection itself are left out, but for
 * ReplyTo in the Submission, which always says so (Apache Axis2, AddressingOutHandler).
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
    written += `<wsa:${header} xmlns:wsa="${namespace}">${REFERENCES.has(header) ? `<wsa:Address>${text}</wsa:Address>` : text}</wsa:${header}>`
  }
  return written
}
