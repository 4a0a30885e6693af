/** What a response may be, and what becomes of it. Bytes are written as Latin-1 text. */
export interface ResponseCase {
  readonly name: string
  readonly bytes: string
  /** Default: GET */
  readonly method?: 'GET' | 'HEAD'
  /** What the endpoint does after the bytes. Default: it waits for the next request */
  readonly end?: 'fin' | 'rst'
  /** The status and the body of a complete response, or the code of the error after what is delivered of one. */
  readonly want: string
  /** Whether the connection may carry another request. Default: it may, unless the response is refused */
  readonly reusable?: false
}

const ok = (fields: string, body = ''): string => `HTTP/1.1 200 OK\r\n${fields}\r\n${body}`
const chunked = (body: string): string => ok('Transfer-Encoding: chunked\r\n', body)
const length = (value: string, body = 'hello'): string => ok(`Content-Length: ${value}\r\n`, body)

const statusLines: readonly ResponseCase[] = [
  { name: 'HTTP/1.1', bytes: length('5'), want: '200 hello' },
  { name: 'HTTP/1.0 closes', bytes: 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi', want: '200 hi', reusable: false },
  {
    name: 'HTTP/1.0 with keep-alive',
    bytes: 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi',
    want: '200 hi'
  },
  { name: 'no reason', bytes: 'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi', want: '200 hi' },
  { name: 'no reason, and no blank', bytes: 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi', want: '200 hi' },
  { name: 'a reason beyond ASCII', bytes: 'HTTP/1.1 404 nicht da\xDF\r\nContent-Length: 2\r\n\r\nhi', want: '404 hi' },
  { name: 'a status beyond the classes', bytes: 'HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n', want: '999 ' },
  { name: 'HTTP/1.2', bytes: 'HTTP/1.2 200 OK\r\n\r\n', want: 'VERSION' },
  { name: 'HTTP/2', bytes: 'HTTP/2.0 200 OK\r\n\r\n', want: 'NOT_HTTP' },
  { name: 'HTTP/0.9', bytes: '<html>hello</html>', end: 'fin', want: 'NOT_HTTP' },
  { name: 'another protocol', bytes: 'SSH-2.0-OpenSSH_9.2\r\n', want: 'NOT_HTTP' },
  { name: 'lower case', bytes: 'http/1.1 200 OK\r\n\r\n', want: 'NOT_HTTP' },
  { name: 'an empty line first', bytes: '\r\n' + length('5'), want: 'NOT_HTTP' },
  { name: 'a status of two digits', bytes: 'HTTP/1.1 20 OK\r\n\r\n', want: 'STATUS_LINE' },
  { name: 'a status of four digits', bytes: 'HTTP/1.1 2000 OK\r\n\r\n', want: 'STATUS_LINE' },
  { name: 'a status below 100', bytes: 'HTTP/1.1 099 OK\r\n\r\n', want: 'STATUS_LINE' },
  { name: 'two blanks', bytes: 'HTTP/1.1  200 OK\r\n\r\n', want: 'STATUS_LINE' },
  { name: 'a tab for a blank', bytes: 'HTTP/1.1\t200 OK\r\n\r\n', want: 'STATUS_LINE' },
  { name: 'a control character in the reason', bytes: 'HTTP/1.1 200 O\x01K\r\n\r\n', want: 'STATUS_LINE' },
  { name: 'a status line that ends with LF', bytes: 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n', want: 'STATUS_LINE' }
]

const fields: readonly ResponseCase[] = [
  { name: 'blanks around a value', bytes: ok('A: \t b \t \r\nContent-Length: \t 5 \r\n', 'hello'), want: '200 hello' },
  { name: 'no blank before a value', bytes: ok('Content-Length:5\r\n', 'hello'), want: '200 hello' },
  { name: 'an empty value', bytes: ok('A:\r\nB: \r\nContent-Length: 5\r\n', 'hello'), want: '200 hello' },
  { name: 'a value beyond ASCII', bytes: ok('A: \xE9\x80\r\nContent-Length: 5\r\n', 'hello'), want: '200 hello' },
  { name: 'a blank before the colon', bytes: ok('Content-Length : 5\r\n', 'hello'), want: '200 hello' },
  { name: 'an empty name', bytes: ok(': x\r\n'), want: 'FIELD_NAME' },
  { name: 'a name with a blank inside', bytes: ok('A b: x\r\n'), want: 'FIELD_NAME' },
  { name: 'a name that is not a token', bytes: ok('A(b): x\r\n'), want: 'FIELD_NAME' },
  { name: 'a name beyond ASCII', bytes: ok('\xC9: x\r\n'), want: 'FIELD_NAME' },
  { name: 'a line without a colon', bytes: ok('Content-Length\r\n'), want: 'FIELD_NAME' },
  { name: 'NUL in a value', bytes: ok('A: b\0c\r\n'), want: 'FIELD_VALUE' },
  { name: 'a control character in a value', bytes: ok('A: b\x1Bc\r\n'), want: 'FIELD_VALUE' },
  { name: 'DEL in a value', bytes: ok('A: b\x7Fc\r\n'), want: 'FIELD_VALUE' },
  { name: 'a CR inside a value', bytes: ok('A: b\rc\r\n'), want: 'BARE_CR' },
  { name: 'a line that ends with LF', bytes: ok('A: b\nContent-Length: 0\r\n'), want: 'FIELD_VALUE' },
  { name: 'a head that ends with LF', bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\n', want: 'FIELD_NAME' },
  { name: 'a head that ends with CR', bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\rx', want: 'BARE_CR' },
  { name: 'a folded line', bytes: ok('A: b\r\n c\r\nContent-Length: 0\r\n'), want: 'FOLDED_LINE' },
  { name: 'a folded line at the start', bytes: ok(' A: b\r\nContent-Length: 0\r\n'), want: 'FOLDED_LINE' },
  { name: 'a head cut by the end', bytes: 'HTTP/1.1 200 OK\r\nContent-Le', end: 'fin', want: 'EOF' },
  { name: 'a head cut by a reset', bytes: 'HTTP/1.1 200 OK\r\nContent-Le', end: 'rst', want: 'ECONNRESET' },
  { name: 'a head cut after an error', bytes: 'HTTP/1.1 200 OK\r\nA: b\0', end: 'fin', want: 'FIELD_VALUE' }
]

const lengths: readonly ResponseCase[] = [
  { name: 'a length of zero', bytes: length('0', ''), want: '200 ' },
  { name: 'leading zeros', bytes: length('0005'), want: '200 hello' },
  {
    name: 'twice the same length', bytes: ok('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello'), want: '200 hello'
  },
  { name: 'a list of the same length', bytes: length('5, 5'), want: '200 hello' },
  { name: 'two lengths', bytes: ok('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello'), want: 'CONTENT_LENGTH' },
  { name: 'a list of two lengths', bytes: length('5, 6'), want: 'CONTENT_LENGTH' },
  { name: 'a list with a gap', bytes: length('5,,5'), want: 'CONTENT_LENGTH' },
  { name: 'a sign', bytes: length('+5'), want: 'CONTENT_LENGTH' },
  { name: 'a length before a tab', bytes: length('5 \t'), want: 'CONTENT_LENGTH' },
  { name: 'a negative length', bytes: length('-5'), want: 'CONTENT_LENGTH' },
  { name: 'an empty length', bytes: length(''), want: 'CONTENT_LENGTH' },
  { name: 'a hexadecimal length', bytes: length('0x5'), want: 'CONTENT_LENGTH' },
  { name: 'a fraction', bytes: length('5.0'), want: 'CONTENT_LENGTH' },
  { name: 'a length beyond all numbers', bytes: length('99999999999999999999'), want: 'CONTENT_LENGTH' },
  { name: 'a body cut by the end', bytes: length('9'), end: 'fin', want: '200 hello EOF' },
  { name: 'a body cut by a reset', bytes: length('9'), end: 'rst', want: '200 hello ECONNRESET' },
  { name: 'bytes after the body', bytes: length('2', 'hiEXTRA'), want: '200 hi', reusable: false }
]

const codings: readonly ResponseCase[] = [
  { name: 'chunked', bytes: chunked('5\r\nhello\r\n0\r\n\r\n'), want: '200 hello' },
  {
    name: 'chunked in any case',
    bytes: ok('transfer-ENCODING: ChunkeD\r\n', '5\r\nhello\r\n0\r\n\r\n'),
    want: '200 hello'
  },
  {
    name: 'chunked with a length',
    bytes: ok('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'),
    want: 'TWO_FRAMINGS'
  },
  {
    name: 'a length with chunked',
    bytes: ok('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    want: 'TWO_FRAMINGS'
  },
  {
    name: 'chunked in HTTP/1.0',
    bytes: 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    want: 'TRANSFER_ENCODING'
  },
  { name: 'another coding', bytes: ok('Transfer-Encoding: gzip\r\n'), want: 'TRANSFER_ENCODING' },
  { name: 'two codings', bytes: ok('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'), want: 'TRANSFER_ENCODING' },
  {
    name: 'chunked twice', bytes: ok('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'), want: 'TRANSFER_ENCODING'
  },
  {
    name: 'two lines of chunked',
    bytes: ok('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n'),
    want: 'TRANSFER_ENCODING'
  },
  { name: 'identity', bytes: ok('Transfer-Encoding: identity\r\n'), want: 'TRANSFER_ENCODING' },
  { name: 'an empty coding', bytes: ok('Transfer-Encoding:\r\n'), want: 'TRANSFER_ENCODING' },
  {
    name: 'chunked before a tab', bytes: ok('Transfer-Encoding: chunked \t\r\n', '0\r\n\r\n'), want: 'TRANSFER_ENCODING'
  },
  { name: 'chunked after a tab', bytes: ok('Transfer-Encoding:\tchunked\r\n', '0\r\n\r\n'), want: '200 ' },
  { name: 'chunked with a control character', bytes: ok('Transfer-Encoding: \x0Bchunked\r\n'), want: 'FIELD_VALUE' }
]

const chunks: readonly ResponseCase[] = [
  {
    name: 'sizes in both cases',
    bytes: chunked(`a\r\n${'x'.repeat(10)}\r\nB\r\n${'y'.repeat(11)}\r\n00\r\n\r\n`),
    want: `200 ${'x'.repeat(10)}${'y'.repeat(11)}`
  },
  { name: 'many chunks', bytes: chunked('1\r\nh\r\n1\r\ne\r\n3\r\nllo\r\n0\r\n\r\n'), want: '200 hello' },
  { name: 'extensions', bytes: chunked('5;a;b=c;d="e;\\" f"\r\nhello\r\n0;x\r\n\r\n'), want: '200 hello' },
  { name: 'trailers', bytes: chunked('5\r\nhello\r\n0\r\nA: b\r\nC:\r\n\r\n'), want: '200 hello' },
  { name: 'a long extension', bytes: chunked(`5;a=${'b'.repeat(1100)}\r\nhello\r\n0\r\n\r\n`), want: '200 CHUNK_LINE' },
  { name: 'an empty size', bytes: chunked('\r\nhello\r\n0\r\n\r\n'), want: '200 CHUNK_SIZE' },
  { name: 'a size with 0x', bytes: chunked('0x5\r\nhello\r\n0\r\n\r\n'), want: '200 CHUNK_SIZE' },
  { name: 'a size with a sign', bytes: chunked('+5\r\nhello\r\n0\r\n\r\n'), want: '200 CHUNK_SIZE' },
  { name: 'a size with a blank before it', bytes: chunked(' 5\r\nhello\r\n0\r\n\r\n'), want: '200 CHUNK_SIZE' },
  { name: 'a size with a blank after it', bytes: chunked('5 \r\nhello\r\n0\r\n\r\n'), want: '200 CHUNK_SIZE' },
  { name: 'an invalid size', bytes: chunked('5x\r\nhello\r\n0\r\n\r\n'), want: '200 CHUNK_SIZE' },
  { name: 'a size beyond all numbers', bytes: chunked('fffffffffffffff\r\nhello'), want: '200 CHUNK_SIZE' },
  { name: 'a size of many zeros', bytes: chunked('00000000000000005\r\nhello'), want: '200 CHUNK_SIZE' },
  { name: 'a size line that ends with LF', bytes: chunked('5\nhello\r\n0\r\n\r\n'), want: '200 CHUNK_SIZE' },
  { name: 'a size line with CR and no LF', bytes: chunked('5\rhello\r\n0\r\n\r\n'), want: '200 CHUNK_SIZE' },
  { name: 'an extension without a name', bytes: chunked('5;\r\nhello\r\n0\r\n\r\n'), want: '200 CHUNK_EXTENSION' },
  { name: 'an extension without a value', bytes: chunked('5;a=\r\nhello\r\n0\r\n\r\n'), want: '200 CHUNK_EXTENSION' },
  { name: 'an extension with LF', bytes: chunked('5;a\nhello\r\n0\r\n\r\n'), want: '200 CHUNK_EXTENSION' },
  { name: 'an open quote', bytes: chunked('5;a="b\r\nhello\r\n0\r\n\r\n'), want: '200 CHUNK_EXTENSION' },
  { name: 'no CRLF after a chunk', bytes: chunked('5\r\nhelloX\r\n0\r\n\r\n'), want: '200 hello CHUNK_END' },
  { name: 'LF after a chunk', bytes: chunked('5\r\nhello\n0\r\n\r\n'), want: '200 hello CHUNK_END' },
  { name: 'a trailer without a colon', bytes: chunked('0\r\nA\r\n\r\n'), want: '200 TRAILER' },
  { name: 'a trailer with a blank before the colon', bytes: chunked('0\r\nA : b\r\n\r\n'), want: '200 TRAILER' },
  { name: 'a length as a trailer', bytes: chunked('0\r\ncontent-LENGTH: 5\r\n\r\n'), want: '200 TRAILER' },
  { name: 'a coding as a trailer', bytes: chunked('0\r\nTransfer-Encoding: chunked\r\n\r\n'), want: '200 TRAILER' },
  { name: 'a trailer that resembles a length', bytes: chunked('0\r\nContent-Lengths: 5\r\n\r\n'), want: '200 ' },
  { name: 'a folded trailer', bytes: chunked('0\r\nA: b\r\n c\r\n\r\n'), want: '200 TRAILER' },
  { name: 'a trailer with NUL', bytes: chunked('0\r\nA: \0\r\n\r\n'), want: '200 TRAILER' },
  { name: 'a trailer that ends with LF', bytes: chunked('0\r\nA: b\n\r\n'), want: '200 TRAILER' },
  { name: 'trailers that end with LF', bytes: chunked('0\r\n\n'), want: '200 TRAILER' },
  ...['5', '5\r', '5\r\n', '5\r\nhel', '5\r\nhello', '5\r\nhello\r\n', '5\r\nhello\r\n0', '5\r\nhello\r\n0\r\n',
    '5\r\nhello\r\n0\r\n\r']
    .flatMap((cut): ResponseCase[] => {
      const body = cut.includes('hello') ? 'hello ' : cut.includes('hel') ? 'hel ' : ''
      return [
        { name: `the end after ${JSON.stringify(cut)}`, bytes: chunked(cut), end: 'fin', want: `200 ${body}EOF` },
        {
          name: `a reset after ${JSON.stringify(cut)}`, bytes: chunked(cut), end: 'rst', want: `200 ${body}ECONNRESET`
        }
      ]
    }),
  {
    name: 'bytes after the chunks',
    bytes: chunked('5\r\nhello\r\n0\r\n\r\nHTTP/1.1'),
    want: '200 hello',
    reusable: false
  }
]

const bodiless: readonly ResponseCase[] = [
  { name: 'HEAD with a length', bytes: length('77', ''), method: 'HEAD', want: '200 ' },
  { name: 'HEAD with chunked', bytes: chunked(''), method: 'HEAD', want: '200 ' },
  { name: 'HEAD without framing', bytes: ok(''), method: 'HEAD', want: '200 ' },
  { name: 'HEAD with a body', bytes: length('5'), method: 'HEAD', want: '200 ', reusable: false },
  { name: '204', bytes: 'HTTP/1.1 204 No Content\r\n\r\n', want: '204 ' },
  {
    name: '204 with a length',
    bytes: 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n',
    want: '204 ',
    reusable: false
  },
  { name: '204 with a length of zero', bytes: 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n', want: '204 ' },
  {
    name: '204 with chunked',
    bytes: 'HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n',
    want: '204 ',
    reusable: false
  },
  { name: '204 with a body', bytes: 'HTTP/1.1 204 x\r\n\r\nhi', want: '204 ', reusable: false },
  {
    name: 'HEAD with a body in chunks',
    bytes: chunked('5\r\nhello\r\n0\r\n\r\n'),
    method: 'HEAD',
    want: '200 ',
    reusable: false
  },
  { name: '304 with chunked', bytes: 'HTTP/1.1 304 x\r\nTransfer-Encoding: chunked\r\n\r\n', want: '304 ' },
  { name: '304 with a length', bytes: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n', want: '304 ' },
  { name: '304 with a body', bytes: 'HTTP/1.1 304 x\r\nContent-Length: 2\r\n\r\nhi', want: '304 ', reusable: false }
]

const untilClose: readonly ResponseCase[] = [
  { name: 'a body until the end', bytes: ok('', 'hello'), end: 'fin', want: '200 hello', reusable: false },
  { name: 'an empty body until the end', bytes: ok(''), end: 'fin', want: '200 ', reusable: false },
  { name: 'a body until a reset', bytes: ok('', 'hello'), end: 'rst', want: '200 hello ECONNRESET' }
]

const interim: readonly ResponseCase[] = [
  { name: '100 that was not requested', bytes: `HTTP/1.1 100 Continue\r\n\r\n${length('5')}`, want: '100 200 hello' },
  {
    name: '103 and 102',
    bytes: `HTTP/1.1 103 x\r\nLink: y\r\n\r\nHTTP/1.1 102 x\r\n\r\n${length('5')}`,
    want: '103 102 200 hello'
  },
  {
    name: '65 interim responses',
    bytes: 'HTTP/1.1 102 x\r\n\r\n'.repeat(65) + length('5'),
    want: `${'102 '.repeat(64)}TOO_MANY_INTERIM`
  },
  { name: '101', bytes: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', want: 'UPGRADE' },
  {
    name: 'an interim response with a length',
    bytes: `HTTP/1.1 100 x\r\nContent-Length: 5\r\n\r\n${length('5')}`,
    want: 'INTERIM_BODY'
  },
  {
    name: 'an interim response in chunks',
    bytes: `HTTP/1.1 100 x\r\nTransfer-Encoding: chunked\r\n\r\n${length('5')}`,
    want: 'INTERIM_BODY'
  },
  { name: 'an interim response of HTTP/1.0', bytes: `HTTP/1.0 100 x\r\n\r\n${length('5')}`, want: 'INTERIM_CLOSE' },
  {
    name: 'an interim response that closes',
    bytes: `HTTP/1.1 100 x\r\nConnection: close\r\n\r\n${length('5')}`,
    want: 'INTERIM_CLOSE'
  },
  { name: 'the end after an interim response', bytes: 'HTTP/1.1 100 x\r\n\r\n', end: 'fin', want: '100 EOF' }
]

const persistence: readonly ResponseCase[] = [
  {
    name: 'Connection: close',
    bytes: ok('Connection: close\r\nContent-Length: 2\r\n', 'hi'),
    want: '200 hi',
    reusable: false
  },
  {
    name: 'Connection: CLOSE in a list',
    bytes: ok('Connection: x, CLOSE\r\nContent-Length: 2\r\n', 'hi'),
    want: '200 hi',
    reusable: false
  },
  {
    name: 'two lines of Connection',
    bytes: ok('Connection: keep-alive\r\nConnection: close\r\nContent-Length: 2\r\n', 'hi'),
    want: '200 hi',
    reusable: false
  },
  {
    name: 'Connection that only resembles close',
    bytes: ok('Connection: closed\r\nContent-Length: 2\r\n', 'hi'),
    want: '200 hi'
  },
  {
    name: 'Keep-Alive: timeout=0',
    bytes: ok('Keep-Alive: timeout=0\r\nContent-Length: 2\r\n', 'hi'),
    want: '200 hi',
    reusable: false
  },
  {
    name: 'Keep-Alive: timeout=100',
    bytes: ok('Keep-Alive: max=5, timeout=100\r\nContent-Length: 2\r\n', 'hi'),
    want: '200 hi'
  }
]

export const RESPONSE_CASES: readonly ResponseCase[] =
  [...statusLines, ...fields, ...lengths, ...codings, ...chunks, ...bodiless, ...untilClose, ...interim, ...persistence]
