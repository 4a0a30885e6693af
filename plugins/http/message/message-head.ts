import type { ConnectionOptions } from '../../../lib/contracts/flow.js'
import type { Headers } from '../../../lib/message/headers.js'
import {
  classOf,
  CONNECTION,
  CONTENT_LENGTH,
  CONTENT_TYPE,
  DATE,
  END_TO_END,
  HOP_BY_HOP,
  HOST,
  is,
  SOAP_ACTION,
  TRANSFER_ENCODING,
  USER_AGENT
} from './header-classes.js'

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

const text = (value: string | Buffer): string => (typeof value === 'string' ? value : value.toString('latin1'))

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

/** The fields of an exchange that concern its connection. */
type MessageConnection = Pick<ConnectionOptions, 'host' | 'closes'>

/**
 * Returns the headers of a request to a back-end. Host is that of the back-end, unless `host` is given; the client's
 * own User-Agent and Date are removed, a User-Agent that the configuration sets is sent.
 * @see WSO2 pass-through transport
 */
export function requestHeaders (
  headers: Headers,
  agent: string | undefined,
  size: number | undefined,
  { host, closes }: MessageConnection = {}
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
