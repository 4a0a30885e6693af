import type { Headers } from '../../lib/message/headers.js'

/** The head of a message as it came, taken apart in one pass. */
export interface Head {
  /** Without those that end here. */
  headers: Headers
  /** What Content-Length says; -1 where it says nothing. */
  length: number
  chunked: boolean
  /** A transfer coding other than chunked: nobody could tell where the body ends, or what it is. */
  unsupportedCoding: boolean
  type: string | undefined
  action: string | undefined
  agent: string | undefined
}

const text = (value: string | Buffer): string => typeof value === 'string' ? value : value.toString('latin1')
const is = (name: string, lower: string): boolean => name === lower || name.toLowerCase() === lower

/** Reads a raw header list; undici gives one of Buffers, node one of strings. `keepLength`: of an answer without a body it describes another. */
export function parseHead (raw: readonly (string | Buffer)[], keepLength: boolean): Head {
  const headers: string[] = []
  const head: Head = { headers, length: -1, chunked: false, unsupportedCoding: false, type: undefined, action: undefined, agent: undefined }
  let connection = ''
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = text(raw[at]!)
    const value = text(raw[at + 1]!)
    if (isHopByHop(name)) {
      if (name.length === 14) {
        head.length = Number(value)
        if (!keepLength) continue
      } else {
        if (name.length === 17) {
          if (is(value.trim(), 'chunked')) head.chunked = true
          else head.unsupportedCoding = true
        } else if (name.length === 10 && is(name, 'connection')) connection = connection === '' ? value : `${connection},${value}`
        continue
      }
    } else if (name.length === 12) {
      if (head.type === undefined && is(name, 'content-type')) head.type = value
    } else if (name.length === 10) {
      if (is(name, 'soapaction')) head.action = value
      else if (is(name, 'user-agent')) head.agent = value
    }
    headers.push(name, value)
  }
  if (connection !== '' && !is(connection, 'keep-alive') && !is(connection, 'close')) head.headers = withoutNamed(headers, connection)
  return head
}

/** Headers that speak about one connection, or about the framing of one body (RFC 9110, section 7.6.1), by their lower-case name. */
export function isHopByHop (name: string): boolean {
  switch (name.length) {
    case 2: return is(name, 'te')
    case 6: return is(name, 'expect')
    case 7: return is(name, 'trailer') || is(name, 'upgrade')
    case 10: return is(name, 'connection') || is(name, 'keep-alive')
    case 14: return is(name, 'content-length')
    case 16: return is(name, 'proxy-connection')
    case 17: return is(name, 'transfer-encoding')
    case 18: return is(name, 'proxy-authenticate')
    case 19: return is(name, 'proxy-authorization')
    case 25: return is(name, 'proxy-authentication-info')
    default: return false
  }
}

function withoutNamed (headers: readonly string[], connection: string): Headers {
  const named = new Set(connection.toLowerCase().split(',').map(name => name.trim()))
  return headers.filter((_, at) => !named.has(headers[at - at % 2]!.toLowerCase()))
}

/**
 * The headers of a request to a back-end. Host becomes the back-end's, the client's own User-Agent and Date end here as in WSO2's
 * pass-through transport; a User-Agent that the configuration set goes out.
 */
export function requestHeaders (headers: Headers, agent: string | undefined, size: number | undefined): string[] {
  const out: string[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at]!
    const value = headers[at + 1]!
    if (isHopByHop(name)) continue
    if (name.length === 4 && (is(name, 'host') || is(name, 'date'))) continue
    if (name.length === 10 && value === agent && is(name, 'user-agent')) continue
    out.push(name, value)
  }
  if (size !== undefined) out.push('Content-Length', String(size))
  return out
}

/** The headers of an answer to a client, in their casing. Date is ours, as in WSO2's pass-through transport. `keepLength` as above. */
export function responseHeaders (headers: Headers, keepLength: boolean): string[] {
  const out: string[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at]!
    if (isHopByHop(name) && !(keepLength && name.length === 14)) continue
    if (name.length === 4 && is(name, 'date')) continue
    out.push(name, headers[at + 1]!)
  }
  return out
}
