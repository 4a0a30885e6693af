import type { Random } from '../support/random.js'

/** A response that an endpoint sends, and how: in which pieces, and what comes after them. */
export interface GeneratedResponse {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly bytes: string
  /** Where the pieces end. */
  readonly cuts: readonly number[]
  readonly end: 'fin' | 'rst' | 'late'
}

/** The bytes of a response in its pieces. */
export function * piecesOf ({ bytes, cuts }: GeneratedResponse): Generator<Buffer> {
  let from = 0
  for (const to of [...cuts, bytes.length]) {
    if (to > from) yield Buffer.from(bytes.slice(from, to), 'latin1')
    from = to
  }
}

const SNIPPETS = [
  '\r\n', '\n', '\r', ' ', '\t', '\0', ':', ',', ';', '=', '"', '\\', '-', '+', '0', '5', 'f', 'x', '\x7F', '\x80',
  '\xFF', '\x0B', '\r\n\r\n',
  '\r\n ', ' :', 'Content-Length: 5\r\n', 'Content-Length: 0\r\n', 'content-length:05\r\n', 'Content-Length: 5, 5\r\n',
  'Content-Length: +5\r\n',
  'Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: identity\r\n', 'transfer-encoding:\tchunked , chunked\r\n',
  'Transfer-Encoding: gzip\r\n',
  'Connection: close\r\n', 'Connection: upgrade\r\nUpgrade: x\r\n', 'Keep-Alive: timeout=1\r\n', 'HTTP/1.1 200 OK\r\n',
  'HTTP/1.0', 'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 101 x\r\n\r\n', 'HTTP/1.1 204 x\r\n\r\n', '0\r\n\r\n', '5\r\nhello\r\n', '0;a=b\r\n', '00', 'A: b\r\n',
  ': b\r\n', 'fffffffffffffffff', '99999999999999999999'
]

/** A response that is valid, or nearly so, and then changed in up to four places. */
export function generate (random: Random): GeneratedResponse {
  const { below, oneOf } = random
  const method = oneOf(['GET', 'GET', 'GET', 'HEAD', 'POST'] as const)
  let bytes = valid(random)
  if (below(8) > 0) for (let left = 1 + below(4); left > 0; left--) bytes = mutated(bytes, random)
  const cuts = Array.from({ length: oneOf([0, 0, 1, 1, 2, 3]) }, () => below(bytes.length + 1)).sort((a, b) => a - b)
  return { method, bytes, cuts, end: oneOf(['fin', 'fin', 'rst', 'late'] as const) }
}

function valid (random: Random): string {
  const { below, oneOf } = random
  const body = oneOf(['', 'hello', 'hello world', '\0\xFF\r\n', 'x'.repeat(below(300))])
  const version = oneOf(['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0'])
  const status = oneOf(['200 OK', '200', '200 ', '204 No Content', '304 Not Modified', '404 Not\tFound', '500 \xE9',
    '206 x', '999 x', '101 x', '100 x'])
  const interim = below(8) === 0
    ? `HTTP/1.1 ${oneOf(['100 Continue', '103 Early Hints',
    '102 Processing'])}\r\n${oneOf(['', 'Link: a\r\n'])}\r\n`
    : ''
  const fields: string[] = []
  for (let left = below(4); left > 0; left--) {
    fields.push(oneOf([
      'Server: x', 'X-A:', 'X-B:  padded \t', 'Set-Cookie: a=b', 'Set-Cookie: c=d', 'Connection: keep-alive',
      'Connection: Close', 'X-C: \xE9', 'Keep-Alive: timeout=5',
      'Content-Type: text/plain', 'Trailer: A', 'Connection: x, close', 'Vary: *'
    ]))
  }
  const framing = below(4)
  let content = body
  if (framing === 0) fields.push(`${oneOf(['Content-Length', 'content-length'])}: ${body.length}`)
  else if (framing < 3) {
    fields.push(`${oneOf(['Transfer-Encoding', 'TRANSFER-encoding'])}: ${oneOf(['chunked', 'chunked', 'Chunked',
      ' chunked '])}`)
    content = inChunks(body, random)
  }
  if (below(12) === 0) fields.push(fields[below(fields.length)] ?? 'A: b')
  const order = fields.sort(() => below(3) - 1)
  return `${interim}${version} ${status}\r\n${order.map(field => `${field}\r\n`).join('')}\r\n${content}`
}

function inChunks (body: string, { below, oneOf }: Random): string {
  let chunks = ''
  for (let at = 0, size = 0; at < body.length; at += size) {
    size = Math.min(body.length - at, 1 + below(oneOf([1, 10, 300])))
    const extension = oneOf(['', '', '', '', ';a', ';a=b', ';a="b c"', ';a=b;c', ';a="\\""', '; a=b', ';a =b', ';a="'])
    chunks += `${oneOf([size.toString(16), size.toString(16).toUpperCase(),
      `0${size.toString(16)}`])}${extension}\r\n${body.slice(at, at + size)}\r\n`
  }
  return `${chunks}${oneOf(['0', '0', '00', '0;x'])}\r\n${oneOf(['', '', '', 'A: b\r\n', 'A: b\r\nC:\r\n', 'A : b\r\n',
    'A\r\n', 'Content-Length: 5\r\n'])}\r\n`
}

function mutated (bytes: string, { below, oneOf }: Random): string {
  // Mostly in the head, where the rules are.
  const head = bytes.indexOf('\r\n\r\n')
  const at = below(below(3) === 0 || head < 0 ? bytes.length + 1 : head + 3)
  const to = Math.min(bytes.length, at + (below(4) === 0 ? below(30) : below(3)))
  const cut = bytes.slice(at, to)
  const put = oneOf([
    () => oneOf(SNIPPETS), () => '', () => cut + cut, () => String.fromCharCode(below(256)), () =>
      cut + oneOf(SNIPPETS), () => cut.toUpperCase(),
    () => { const from = below(bytes.length); return bytes.slice(from, from + below(30)) }
  ])()
  return bytes.slice(0, at) + put + bytes.slice(to)
}
