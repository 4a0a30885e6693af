import { isFieldText, isTargetText, isToken, isWord } from './response/characters.js'
import { areConnectionCredentials } from './response/connection-authentication.js'
import type { ClientRequest } from './request.js'

/** The head of a request as it is sent, and its fields that concern the connection. */
export interface RequestHead {
  readonly text: string
  /** Whether the connection ends with this exchange. */
  readonly closes: boolean
  /** Whether the request authenticates the connection (NTLM, Negotiate). */
  readonly authenticates: boolean
}

/** A request that HTTP/1.1 does not allow; the message has the reason. */
export class InvalidRequest extends Error {
  readonly code: string

  constructor (code: string, message: string) {
    super(message)
    this.name = 'InvalidRequest'
    this.code = code
  }
}

/** Names that were found to be valid: the same few come again and again. */
const validNames = new Set<string>()
const MAX_NAMES = 1000

/** @throws InvalidRequest */
export function requestHead (request: ClientRequest, authority: string): RequestHead {
  const { method, path, headers, body, upgrade } = request
  if (!isToken(method) || method === 'CONNECT') throw new InvalidRequest('METHOD', 'The method cannot be sent')
  if (!isTarget(method, path)) throw new InvalidRequest('TARGET', 'The target of the request cannot be sent')
  if (headers.length % 2 !== 0) throw new InvalidRequest('HEADERS', 'A header of the request has no value')
  const size = body === undefined ? -1 : Buffer.isBuffer(body) ? body.length : body.size ?? -1
  let fields = ''
  let hasHost = false
  let hasLength = false
  let closes = false
  let authenticates = false
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!
    const value = headers[at + 1]!
    if (!isName(name)) throw new InvalidRequest('HEADER_NAME', 'A header of the request has an invalid name')
    if (!isFieldText(value)) {
      throw new InvalidRequest('HEADER_VALUE', `The header "${name}" of the request has an invalid value`)
    }
    switch (name.length) {
      case 4:
        if (isWord(name, 'host')) {
          if (hasHost) throw new InvalidRequest('HOST', 'The request has two Host headers')
          hasHost = true
        }
        break
      case 6:
        if (isWord(name, 'expect')) {
          throw new InvalidRequest('EXPECT', 'Expect cannot be sent: no interim response is waited for')
        }
        break
      case 10:
        if (isWord(name, 'connection')) {
          closes = closesConnection(value) || closes
          continue
        }
        break
      case 13:
        if (isWord(name, 'authorization')) authenticates = areConnectionCredentials(value) || authenticates
        break
      case 14:
        if (isWord(name, 'content-length')) {
          if (hasLength || !isLength(value, body === undefined ? 0 : size)) {
            throw new InvalidRequest('CONTENT_LENGTH', 'The Content-Length of the request is not that of its body')
          }
          hasLength = true
        }
        break
      case 17:
        if (isWord(name, 'transfer-encoding')) {
          throw new InvalidRequest('TRANSFER_ENCODING', 'Transfer-Encoding cannot be set: it follows from the body')
        }
    }
    fields += name + ': ' + value + '\r\n'
  }
  const host = hasHost ? '' : 'Host: ' + authority + '\r\n'
  const connection = connectionOf(closes, upgrade)
  const framing = hasLength ? '' : framingOf(method, body, size)
  return {
    text: method + ' ' + path + ' HTTP/1.1\r\n' + host + connection + fields + framing + '\r\n',
    closes,
    authenticates
  }
}

/** @see RFC 9112, section 3.2 */
function isTarget (method: string, path: string): boolean {
  if (!isTargetText(path)) return false
  return path.charCodeAt(0) === 47 || (path === '*' && method === 'OPTIONS') ||
    path.startsWith('http://') || path.startsWith('https://')
}

function connectionOf (closes: boolean, upgrade: string | undefined): string {
  if (upgrade !== undefined) return 'Connection: Upgrade\r\nUpgrade: ' + upgrade + '\r\n'
  return closes ? 'Connection: close\r\n' : 'Connection: keep-alive\r\n'
}

function isName (name: string): boolean {
  if (validNames.has(name)) return true
  if (!isToken(name)) return false
  if (validNames.size < MAX_NAMES && name.length < 64) validNames.add(name)
  return true
}

/** Returns whether Connection contains `close`. Options other than that and `keep-alive` have no meaning here. */
function closesConnection (value: string): boolean {
  const isClose = isWord(value, 'close')
  if (!isClose && !isWord(value, 'keep-alive')) {
    throw new InvalidRequest('CONNECTION', 'Connection can be "close" or "keep-alive" alone')
  }
  return isClose
}

function isLength (value: string, size: number): boolean {
  return value === String(size)
}

/** @see RFC 9110, section 8.6 */
function framingOf (method: string, body: ClientRequest['body'], size: number): string {
  if (size >= 0) return 'Content-Length: ' + size + '\r\n'
  if (body !== undefined) return 'Transfer-Encoding: chunked\r\n'
  switch (method) {
    case 'GET': case 'HEAD': case 'OPTIONS': case 'TRACE': case 'DELETE': return ''
    default: return 'Content-Length: 0\r\n'
  }
}
