import { ChunkedDecoder } from '../../../plugins/http/client/response/chunked-decoder.js'
import { ResponseRejected } from '../../../plugins/http/client/client-error.js'
import { ResponseReader, type ReaderEvents } from '../../../plugins/http/client/response/response-reader.js'
import { parseHead } from '../../../plugins/http/message/message-head.js'
import { FrameTracker } from '../../../plugins/http/web-sockets/web-socket-frames.js'
import { cookiesOf, cookiesSet } from '../../../lib/sessions/cookie-headers.js'
import { contentTypeOf } from '../../../lib/soap/content-type.js'
import { generate } from '../client-response.js'
import { inPieces } from '../pieces.js'
import { expect, expectSame, type Target } from '../target.js'

const SNIPPETS = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  ' ',
  '\t',
  '\0',
  ':',
  ',',
  ';',
  '=',
  '"',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.0',
  '0\r\n\r\n',
  '5\r\nhello\r\n',
  '0;a=b\r\n',
  'fffffffffffffffff',
  'A: b\r\n',
  '00',
  'Keep-Alive: timeout=1\r\n',
  'HTTP/1.1 204 x\r\n\r\n'
]

/** All that a reader reports, as one text; the pieces of a body do not count. */
class Log implements ReaderEvents {
  text = ''
  interim (head: { status: number }): boolean {
    return this.#add(`interim ${head.status}`)
  }

  head (head: object): boolean {
    return this.#add(JSON.stringify(head))
  }

  body (chunk: Buffer): boolean {
    this.text += chunk.toString('latin1')
    return true
  }

  end (): void {
    this.#add('end')
  }

  #add (line: string): boolean {
    this.text += `\n${line}\n`
    return true
  }
}

const METHODS = ['GET', 'HEAD', 'POST'] as const

/** Reads until a response is refused; its rule, or that of its end. */
function logOf (method: string, read: (reader: ResponseReader) => void): string {
  const log = new Log()
  const reader = new ResponseReader(log, 4096)
  reader.begin(method)
  try {
    read(reader)
    log.text += `\ncomplete: ${reader.finish(true)}`
  } catch (error) {
    if (!(error instanceof ResponseRejected)) throw error
    log.text += '\nrefused'
  }
  return log.text
}

export const RESPONSE: Target = {
  name: 'response',
  looksFor: 'responses that the HTTP client reads otherwise in pieces',
  share: 20,
  generate: random => Buffer.from(generate(random).bytes, 'latin1'),
  snippets: SNIPPETS,
  run (input, random) {
    const method = random.oneOf(METHODS)
    const whole = logOf(method, reader => reader.read(input, 0, input.length))
    const piecewise = logOf(method, reader =>
      inPieces(input, random, piece => reader.read(piece, 0, piece.length))
    )
    // What is after the end of a response is read no more; a refusal may come before a body that stands before it.
    if (!whole.includes('refused') && !piecewise.includes('refused')) expectSame(piecewise, whole, 'in pieces')
    else {
      expect(
        whole.includes('refused') === piecewise.includes('refused'),
        () => `${JSON.stringify(piecewise)}, whole: ${JSON.stringify(whole)}`
      )
    }
  }
}

export const CHUNKS: Target = {
  name: 'chunks',
  looksFor: 'chunked bodies that are decoded otherwise in pieces',
  share: 30,
  seeds: [
    '5\r\nhello\r\n0\r\n\r\n',
    'a;x=y\r\n0123456789\r\n1\r\n!\r\n0\r\nA: b\r\n\r\n',
    '3;a="b\\"c"\r\nabc\r\n00\r\n\r\n'
  ],
  snippets: SNIPPETS,
  maxLength: 1024,
  run (input, random) {
    const out = OUT
    const whole = decoded(decoder => {
      decoder.decode(input, 0, input.length, out)
      return out.toString('latin1', 0, decoder.written)
    })
    const piecewise = decoded(decoder => {
      let text = ''
      inPieces(input, random, piece => {
        decoder.decode(piece, 0, piece.length, out)
        text += out.toString('latin1', 0, decoder.written)
      })
      return text
    })
    expectSame(piecewise, whole, 'in pieces')
  }
}

const OUT = Buffer.alloc(4096)

function decoded (decode: (decoder: ChunkedDecoder) => string): string {
  const decoder = new ChunkedDecoder(256)
  decoder.begin()
  try {
    return `${decode(decoder)} ${decoder.done}`
  } catch (error) {
    if (!(error instanceof ResponseRejected)) throw error
    return 'refused'
  }
}

export const HEADERS: Target = {
  name: 'headers',
  looksFor: 'header lines, media types and cookies on which the gateway fails',
  share: 15,
  seeds: [
    'Content-Type: multipart/related; type="application/xop+xml"; boundary="b"; start="<a>"\nCookie: JSESSIONID=a; b="c"\nConnection: x, close',
    'content-type: application/soap+xml; charset=UTF-8; action="urn:a"\nSet-Cookie: a=b; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    'Transfer-Encoding: gzip, chunked\nContent-Length: 5\nHost: a:1\nTE: trailers\nUpgrade: websocket\nSOAPAction: "urn:b"'
  ],
  snippets: [
    ...SNIPPETS,
    'charset=',
    'boundary=',
    'Cookie: ',
    'Set-Cookie: ',
    'Connection: ',
    'Max-Age=',
    'multipart/related;',
    '"',
    '\\"',
    '\u00e9'
  ],
  maxLength: 1024,
  run (input) {
    const raw = input
      .toString('latin1')
      .split('\n')
      .flatMap(line => {
        const colon = line.indexOf(':')
        return colon < 0 ? [] : [line.slice(0, colon), line.slice(colon + 1).trim()]
      })
    const { headers, type } = parseHead(raw, false)
    expect(headers.length % 2 === 0, 'the head')
    expect(
      !headers.some((name, at) => at % 2 === 0 && /^(connection|transfer-encoding|te|upgrade)$/i.test(name)),
      'a hop-by-hop header'
    )
    contentTypeOf(type)
    for (const { name } of [...cookiesOf(headers), ...cookiesSet(headers, 0)]) {
      expect(!/[;=]/.test(name), 'the name of a cookie')
    }
  }
}

export const WEB_SOCKET: Target = {
  name: 'web-socket-frames',
  looksFor: 'frames whose ends are found otherwise in pieces',
  share: 20,
  seeds: [
    Buffer.from([129, 2, 65, 66, 136, 2, 3, 232]),
    Buffer.from([130, 126, 0, 3, 1, 2, 3]),
    Buffer.from([137, 128, 1, 2, 3, 4]),
    Buffer.from([2, 127, 0, 0, 0, 0, 0, 0, 0, 1, 9, 128, 0])
  ],
  snippets: ['\u0081\u0002', '\0\0', '\u0088\0', '~', '\u007f'],
  maxLength: 512,
  run (input, random) {
    const [whole, piecewise] = [new FrameTracker(), new FrameTracker()]
    whole.take(input)
    inPieces(input, random, piece => piecewise.take(piece))
    expect(whole.atBoundary === piecewise.atBoundary && whole.closed === piecewise.closed, 'in pieces')
  }
}
