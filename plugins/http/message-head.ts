import type { ConnectionOptions } from '../../lib/contracts/flow.js'
import type { Headers } from '../../lib/message/headers.js'

/** The head of a message, parsed in one pass. */
export interface MessageHead {
  /** Without hop-by-hop headers and those that describe the framing. */
  headers: Headers
  /** The value of Content-Length; -1 without one. */
  length: number
  chunked: boolean
  /** A transfer coding other than chunked: the end and the meaning of the body are unknown. */
  unsupportedCoding: boolean
  type: string | undefined
  action: string | undefined
  agent: string | undefined
  /** How many Host headers there are, and the last of them; empty without any. */
  hosts: number
  host: string
}

const END_TO_END = 0
const HOP_BY_HOP = 1
const CONNECTION = 2
const CONTENT_LENGTH = 3
const TRANSFER_ENCODING = 4
const CONTENT_TYPE = 5
const SOAP_ACTION = 6
const USER_AGENT = 7
const HOST = 8
const DATE = 9

const text = (value: string | Buffer): string => (typeof value === 'string' ? value : value.toString('latin1'))
/**
 * Whether a header has this name. Compares letter by letter where it is not in its usual form: V8 computes the
 * `toLowerCase` of several comparisons ahead of them all. Of the characters of a name, setting bit 5 changes only
 * letters to other characters of names.
 * @param usual how most senders write it
 */
function is (name: string, lower: string, usual = lower): boolean {
  if (name === usual || name === lower) return true
  if (name.length !== lower.length) return false
  for (let at = 0; at < lower.length; at++) {
    if ((name.charCodeAt(at) | LOWER) !== lower.charCodeAt(at)) return false
  }
  return true
}

/** Classifies a header by its name. Looks at the length first: most names need no comparison. */
function classOf (name: string): number {
  switch (name.length) {
    case 2:
      return is(name, 'te', 'TE') ? HOP_BY_HOP : END_TO_END
    case 4:
      return is(name, 'date', 'Date') ? DATE : is(name, 'host', 'Host') ? HOST : END_TO_END
    case 6:
      return is(name, 'expect') ? HOP_BY_HOP : END_TO_END
    case 7:
      return is(name, 'trailer') || is(name, 'upgrade') ? HOP_BY_HOP : END_TO_END
    case 10:
      return classOfTen(name)
    case 12:
      return is(name, 'content-type', 'Content-Type') ? CONTENT_TYPE : END_TO_END
    case 14:
      return is(name, 'content-length', 'Content-Length') ? CONTENT_LENGTH : END_TO_END
    case 16:
      return is(name, 'proxy-connection') ? HOP_BY_HOP : END_TO_END
    case 17:
      return is(name, 'transfer-encoding', 'Transfer-Encoding') ? TRANSFER_ENCODING : END_TO_END
    case 18:
      return is(name, 'proxy-authenticate') ? HOP_BY_HOP : END_TO_END
    case 19:
      return is(name, 'proxy-authorization') ? HOP_BY_HOP : END_TO_END
    case 25:
      return is(name, 'proxy-authentication-info') ? HOP_BY_HOP : END_TO_END
    default:
      return END_TO_END
  }
}

function classOfTen (name: string): number {
  switch (name.charCodeAt(0) | LOWER) {
    case 99:
      return is(name, 'connection', 'Connection') ? CONNECTION : END_TO_END
    case 117:
      return is(name, 'user-agent', 'User-Agent') ? USER_AGENT : END_TO_END
    case 115:
      return is(name, 'soapaction', 'SOAPAction') ? SOAP_ACTION : END_TO_END
    case 107:
      return is(name, 'keep-alive', 'Keep-Alive') ? HOP_BY_HOP : END_TO_END
    default:
      return END_TO_END
  }
}

/** Sets the bit by which small letters differ from capital ones. */
const LOWER = 0x20

/** Whether a header speaks about one connection, or about the framing of one body. @see RFC 9110, section 7.6.1 */
export function isHopByHop (name: string): boolean {
  const kind = classOf(name)
  return kind >= HOP_BY_HOP && kind <= TRANSFER_ENCODING
}

/**
 * Parses a raw header list: strings as Node gives them, Buffers as undici does.
 * @param keepLength keeps Content-Length: a response without a body describes another one
 */
export function parseHead (raw: readonly (string | Buffer)[], keepLength: boolean): MessageHead {
  const headers: string[] = []
  const head: MessageHead = {
    headers,
    length: -1,
    chunked: false,
    unsupportedCoding: false,
    type: undefined,
    action: undefined,
    agent: undefined,
    hosts: 0,
    host: ''
  }
  let connection = ''
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = text(raw[at]!)
    const value = text(raw[at + 1]!)
    switch (classOf(name)) {
      case HOP_BY_HOP:
        continue
      case CONNECTION:
        connection = connection === '' ? value : `${connection},${value}`
        continue
      case TRANSFER_ENCODING:
        if (is(value.trim(), 'chunked')) head.chunked = true
        else head.unsupportedCoding = true
        continue
      case CONTENT_LENGTH:
        head.length = lengthOf(value)
        if (!keepLength) continue
        break
      case CONTENT_TYPE:
        head.type ??= value
        break
      case SOAP_ACTION:
        head.action = value
        break
      case USER_AGENT:
        head.agent = value
        break
      case HOST:
        head.hosts++
        head.host = value
        break
    }
    headers.push(name, value)
  }
  if (connection !== '' && !is(connection, 'keep-alive') && !is(connection, 'close')) {
    head.headers = withoutNamed(headers, connection)
  }
  return head
}

/** The number in a Content-Length. Parsers before this have refused what is not a number. */
function lengthOf (value: string): number {
  let length = 0
  for (let at = 0; at < value.length; at++) {
    const digit = value.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return Number(value)
    length = length * 10 + digit
  }
  return length
}

/** The protocol that a raw header list asks for or switches to, in lower case; undefined: none. */
export function upgradeIn (raw: readonly (string | Buffer)[]): string | undefined {
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (is(text(raw[at]!), 'upgrade')) {
      return text(raw[at + 1]!)
        .trim()
        .toLowerCase()
    }
  }
  return undefined
}

/** Returns raw headers of HTTP/2 as those of HTTP/1.1: `:authority` becomes Host. @see RFC 9113, section 8.3.1 */
export function withoutPseudoHeaders (raw: readonly string[]): readonly string[] {
  const out: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!
    if (!name.startsWith(':')) out.push(name, raw[at + 1]!)
    else if (name === ':authority') out.unshift('Host', raw[at + 1]!)
  }
  return out
}

function withoutNamed (headers: readonly string[], connection: string): Headers {
  const named = new Set(
    connection
      .toLowerCase()
      .split(',')
      .map(name => name.trim())
  )
  return headers.filter((_, at) => !named.has(headers[at - (at % 2)]!.toLowerCase()))
}

const isForwarded = (kind: number): boolean => kind === END_TO_END || kind === CONTENT_TYPE || kind === SOAP_ACTION

/** What an exchange says about its connection. */
type ConnectionFields = Pick<ConnectionOptions, 'host' | 'closes'>

/**
 * Returns the headers of a request to a back-end. Host is that of the back-end, unless `host` is given; the client's
 * own User-Agent and Date are removed, a User-Agent that the configuration sets is sent.
 * @see WSO2 pass-through transport
 */
export function requestHeaders (
  headers: Headers,
  agent: string | undefined,
  size: number | undefined,
  { host, closes }: ConnectionFields = {}
): string[] {
  const out: string[] = host === undefined ? [] : ['Host', host]
  if (closes === true) out.push('Connection', 'close')
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at]!
    const value = headers[at + 1]!
    const kind = classOf(name)
    if (kind === USER_AGENT ? value !== agent : isForwarded(kind)) out.push(name, value)
  }
  if (size !== undefined) out.push('Content-Length', String(size))
  return out
}

/**
 * Returns the headers of a response to a client, in their casing. Date is the gateway's own.
 * @param keepLength see `parseHead`
 * @see WSO2 pass-through transport
 */
export function responseHeaders (headers: Headers, keepLength: boolean): string[] {
  const out: string[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at]!
    const kind = classOf(name)
    if (kind === DATE || (kind >= HOP_BY_HOP && kind < CONTENT_LENGTH) || kind === TRANSFER_ENCODING) continue
    if (kind === CONTENT_LENGTH && !keepLength) continue
    out.push(name, headers[at + 1]!)
  }
  return out
}
