import { all, closes, either, forwarded, neverRequested, neverWhole, quickly, refused, type Check } from '../checks.js'
import type { WireRow } from '../row.js'
import { byteName, collect, CONTROLS, get, post, smuggled } from './collect.js'

const UNKNOWN = [400, 501]
/** What breaks inside the body: nothing complete gets through, and the connection ends. */
const broken: Check = all(neverWhole, closes)
const never = neverRequested('smuggled')

function bothLengths (): WireRow[] {
  const { rows, add } = collect('framing', 'both')
  const rule = either(
    refused(UNKNOWN),
    all(forwarded({ body: '', headers: { 'content-length': undefined } }), closes),
    all(forwarded({ body: '', headers: { 'content-length': '0' } }), closes)
  )
  const orders = [
    (length: string, coding: string) => [length, coding],
    (length: string, coding: string) => [coding, length]
  ]
  for (const order of orders) {
    add(
      'CL.TE: Content-Length covers a request that stands after the last chunk (RFC 9112, 6.1)',
      path => {
        const body = `0\r\n\r\n${smuggled(path)}`
        return post(path, order(`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked'), body)
      },
      [rule, never]
    )
    add(
      'CL.TE with a Content-Length that ends inside the last chunk',
      path => post(path, order('Content-Length: 3', 'Transfer-Encoding: chunked'), `0\r\n\r\n${smuggled(path)}`),
      [rule, never]
    )
    add(
      'TE.CL: a chunk holds a request after what Content-Length says (RFC 9112, 6.1)',
      path => {
        const inside = smuggled(path)
        return post(
          path,
          order('Content-Length: 4', 'Transfer-Encoding: chunked'),
          `${inside.length.toString(16)}\r\n${inside}\r\n0\r\n\r\n`
        )
      },
      [either(refused(UNKNOWN), all(forwarded(), closes)), never]
    )
    for (const length of ['0', '5', '5, 5', '+0', 'x', '', '99999999999999999999']) {
      add(
        `Transfer-Encoding beside Content-Length: ${length || '(empty)'}`,
        path =>
          post(path, order(`Content-Length: ${length}`, 'Transfer-Encoding: chunked'), `0\r\n\r\n${smuggled(path)}`),
        [rule, never]
      )
    }
  }
  return rows
}

/**
 * Codings that are not chunked, or not chunked alone at the end (RFC 9112, 6.3: the server responds with 400 and
 * closes).
 */
const CODINGS = [
  'xchunked',
  'chunkedx',
  'chunked, identity',
  'identity',
  'gzip',
  'chunked, gzip',
  'chunked, chunked',
  '"chunked"',
  "'chunked'",
  'chunked;q=1',
  'chunk',
  'c hunked',
  'chunked chunked',
  '\x0bchunked',
  'chunked\x0b',
  '\x0cchunked',
  'chunked\x0c',
  '\x00chunked',
  'chunked\x00',
  'chunked\x80',
  '\xa0chunked',
  'chunked\xa0',
  '\xff',
  'deflate',
  'br',
  '0',
  'chunked, x',
  'x, y',
  '[chunked]',
  '(chunked)',
  '{chunked}',
  'chunked/1',
  'chunked=1',
  'ch\x01unked',
  '=chunked',
  '\x1bchunked'
]
const LINES = [
  'Transfer-Encoding : chunked',
  'Transfer-Encoding\t: chunked',
  'Transfer-Encoding\x00: chunked',
  'Transfer-Encoding\x0b: chunked',
  'Transfer-Encoding\xa0: chunked',
  ' Transfer-Encoding: chunked',
  '\tTransfer-Encoding: chunked',
  'Transfer-Encoding\n: chunked',
  'Transfer-Encoding\r: chunked',
  'X: y\rTransfer-Encoding: chunked',
  'Transfer-Encoding',
  ': chunked',
  'Transfer-Encoding;: chunked',
  '"Transfer-Encoding": chunked',
  'Transfer Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: identity\r\nTransfer-Encoding: gzip',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: x\r\nTransfer-Encoding: chunked, x'
]

function codings (): WireRow[] {
  const { rows, add } = collect('framing', 'coding')
  const body = (path: string): string => `0\r\n\r\n${smuggled(path)}`
  for (const line of [...CODINGS.map(value => `Transfer-Encoding: ${value}`), ...LINES]) {
    const shown = JSON.stringify(line)
    add(`TE.TE: ${shown} (RFC 9112, 6.3)`, path => post(path, [line], body(path)), [refused(UNKNOWN), never])
    add(
      `TE.TE: ${shown} beside a Content-Length`,
      path => post(path, [`Content-Length: ${body(path).length}`, line], body(path)),
      [refused(UNKNOWN), never]
    )
  }
  for (const value of ['chunked', 'CHUNKED', 'cHuNkEd', ' \tchunked']) {
    add(
      `"${value}" is chunked: names of codings have no case, and space around a value is not part of it (RFC 9110, 5.5)`,
      path => post(path, [`Transfer-Encoding:${value}`], '5\r\nHELLO\r\n0\r\n\r\n'),
      forwarded({ body: 'HELLO' })
    )
  }
  for (const value of ['chunked \t', 'chunked,', ',chunked', 'chunked, ', ', , chunked']) {
    add(
      `empty elements of a list, and space: "${value}" is chunked, or is refused (RFC 9110, 5.6.1)`,
      path => post(path, [`Transfer-Encoding: ${value}`], '5\r\nHELLO\r\n0\r\n\r\n'),
      either(refused(UNKNOWN), forwarded({ body: 'HELLO' }))
    )
  }
  for (const value of ['identity, chunked', 'gzip, chunked', 'x, chunked']) {
    add(
      `a coding that is not known before chunked: "${value}" (RFC 9112, 6.1: 501)`,
      path => post(path, [`Transfer-Encoding: ${value}`], '5\r\nHELLO\r\n0\r\n\r\n'),
      refused(UNKNOWN)
    )
  }
  for (const name of [
    'Transfer_Encoding',
    'Transfer-Encodin',
    'TransferEncoding',
    'X-Transfer-Encoding',
    'Transfer.Encoding'
  ]) {
    add(
      `${name} is another header: Content-Length alone counts`,
      path => post(path, ['Content-Length: 5', `${name}: chunked`], '0\r\n\r\n'),
      either(forwarded({ body: '0\r\n\r\n' }), refused())
    )
  }
  return rows
}

/** Values that are not digits alone (RFC 9110, 8.6). */
const LENGTHS = [
  '+5',
  '-5',
  '5a',
  '0x5',
  '5.0',
  '5 5',
  '5, 6',
  '5;',
  '5\x0b',
  '\x0b5',
  '',
  ' ',
  '\xd9\xa5',
  '\xef\xbc\x95',
  '1e1',
  '5e0',
  '99999999999999999999',
  '18446744073709551621',
  '36893488147419103237',
  '-0',
  '+0',
  '0x0',
  '5\t5',
  '(5)',
  '"5"',
  '5#',
  'five',
  'NaN',
  'Infinity',
  'null',
  'true',
  '[5]',
  '5\x00',
  '\x005',
  '5\x80',
  '5_0',
  '5/1',
  '5%',
  '5\r\nContent-Length: 6',
  '5\r\nContent-Length: 5a',
  '0\r\nContent-Length: 5',
  '5\r\nContent-Length: '
]

function lengths (): WireRow[] {
  const { rows, add } = collect('framing', 'length')
  for (const value of LENGTHS) {
    for (const method of ['POST', 'GET']) {
      add(
        `${method} with Content-Length: ${JSON.stringify(value)} (RFC 9112, 6.3: 400)`,
        path => post(path, [`Content-Length: ${value}`], `HELLO${smuggled(path)}`).replace('POST', method),
        [refused(), never]
      )
    }
  }
  for (const value of [
    '5, 5',
    '5,5',
    '5\r\nContent-Length: 5',
    '5\r\nX: y\r\nContent-Length: 5',
    '5,',
    ',5',
    '05',
    '00000000005'
  ]) {
    add(
      `Content-Length: ${JSON.stringify(value)}: one length said in more ways is that one, or is refused (RFC 9110, 8.6)`,
      path => post(path, [`Content-Length: ${value}`], 'HELLO'),
      either(refused(), forwarded({ body: 'HELLO' })),
      { quietFor: 600 }
    )
  }
  for (const value of ['4294967301', '1099511627781']) {
    add(
      `Content-Length: ${value}: it is not taken for 5, as 32 bits would`,
      path => post(path, [`Content-Length: ${value}`], 'HELLO'),
      [neverWhole, neverRequested('smuggled')],
      { quietFor: 400 }
    )
  }
  for (const line of [
    'Content-Length : 5',
    'Content-Length\t: 5',
    ' Content-Length: 5',
    'Content-Length\x00: 5',
    'Content-Length\n: 5',
    'X: y\rContent-Length: 5',
    'Content-Length'
  ]) {
    add(`${JSON.stringify(line)} (RFC 9112, 5.1: 400)`, path => post(path, [line], `HELLO${smuggled(path)}`), [
      refused(),
      never
    ])
  }
  for (const name of ['Content_Length', 'ContentLength', 'Content-Lengt', 'X-Content-Length']) {
    add(
      `${name} is another header: there is no body`,
      path => post(path, [`${name}: 5`, 'Connection: close']),
      either(forwarded({ body: '' }), refused())
    )
  }
  return rows
}

const SIZES = [
  '0x5',
  '+5',
  '-5',
  ' 5',
  '5\x0b',
  'g',
  '',
  'FFFFFFFFFFFFFFFFF',
  '10000000000000005',
  '5,5',
  '5\x00',
  '5\x80',
  '5.',
  '"5"',
  '5h',
  '5 5',
  '\t5',
  '5:',
  '5=1',
  '-1',
  '0x'
]
/** What many accept although no grammar has it: it is refused, or it means what it says. */
const TOLERATED = ['5 ', '5\t', '5;', '5 ;a', '5; a', '5;a=', '5;=b', '5;a="b']

function chunks (): WireRow[] {
  const { rows, add } = collect('framing', 'chunk')
  const chunked = (path: string, body: string): string => post(path, ['Transfer-Encoding: chunked'], body)
  for (const size of ['5', '05', '0000005', '5;a', '5;a=b', '5;a="b;c"', '5;a=b;c=d']) {
    add(
      `the size of a chunk: ${JSON.stringify(size)} (RFC 9112, 7.1)`,
      path => chunked(path, `${size}\r\nHELLO\r\n0\r\n\r\n`),
      forwarded({ body: 'HELLO' })
    )
  }
  for (const size of SIZES) {
    add(
      `no size of a chunk: ${JSON.stringify(size)} (RFC 9112, 7.1)`,
      path => chunked(path, `${size}\r\nHELLO\r\n0\r\n\r\n${smuggled(path)}`),
      [either(refused(), broken), never]
    )
  }
  for (const size of TOLERATED) {
    add(
      `the size of a chunk, not by the letter: ${JSON.stringify(size)}`,
      path => chunked(path, `${size}\r\nHELLO\r\n0\r\n\r\n`),
      either(refused(), broken, forwarded({ body: 'HELLO' }))
    )
  }
  const bodies: readonly [string, string][] = [
    ['a line feed alone after a size', '5\nHELLO\r\n0\r\n\r\n'],
    ['a line feed alone after a chunk', '5\r\nHELLO\n0\r\n\r\n'],
    ['a carriage return alone after a size', '5\rHELLO\r\n0\r\n\r\n'],
    ['a chunk longer than its size', '5\r\nHELLO!\r\n0\r\n\r\n'],
    ['a chunk shorter than its size', '6\r\nHELLO\r\n0\r\n\r\n'],
    ['no line end after a chunk', '5\r\nHELLO0\r\n\r\n'],
    ['another byte between carriage return and line feed', '5\r\nHELLO\rX\n0\r\n\r\n'],
    ['two line ends after a chunk', '5\r\nHELLO\r\n\r\n0\r\n\r\n'],
    ['a line feed in an extension', '5;a\nb\r\nHELLO\r\n0\r\n\r\n'],
    ['NUL in an extension', '5;a=\0b\r\nHELLO\r\n0\r\n\r\n'],
    ['a carriage return in an extension', '5;a\rb\r\nHELLO\r\n0\r\n\r\n'],
    ['a negative last chunk', '5\r\nHELLO\r\n-0\r\n\r\n'],
    ['0x0 as last chunk', '5\r\nHELLO\r\n0x0\r\n\r\n']
  ]
  for (const [what, body] of bodies) {
    add(`${what} (RFC 9112, 7.1)`, path => chunked(path, `${body}${smuggled(path)}`), [
      either(refused(), broken),
      never
    ])
  }
  for (const end of ['0', '000', '0;a=b']) {
    add(`the last chunk: ${end}`, path => chunked(path, `5\r\nHELLO\r\n${end}\r\n\r\n`), forwarded({ body: 'HELLO' }))
  }
  const trailers: readonly [string, string][] = [
    ['a field of its own', 'X-Trailer: 1'],
    ['Content-Length', 'Content-Length: 100'],
    ['Transfer-Encoding', 'Transfer-Encoding: chunked'],
    ['Host', 'Host: evil'],
    ['Authorization', 'Authorization: Basic x'],
    ['Connection', 'Connection: x']
  ]
  for (const [what, field] of trailers) {
    add(
      `a trailer: ${what} never becomes a header of the request (RFC 9110, 6.5.1)`,
      path => chunked(path, `5\r\nHELLO\r\n0\r\n${field}\r\n\r\n`),
      either(refused(), forwarded({ body: 'HELLO', headers: { 'x-trailer': undefined, authorization: undefined } }))
    )
  }
  for (const field of ['X : y', ' X: y', 'X\0: y', 'X', ': y', 'X: a\0b', 'X: a\rb']) {
    add(
      `an invalid trailer: ${JSON.stringify(field)}`,
      path => chunked(path, `5\r\nHELLO\r\n0\r\n${field}\r\n\r\n`),
      either(refused(), broken, forwarded({ body: 'HELLO' }))
    )
  }
  add(
    'an extension of 1 MB is bounded (RFC 9112, 7.1.1)',
    path => chunked(path, `5;${'a'.repeat(1 << 20)}\r\nHELLO\r\n0\r\n\r\n`),
    [either(refused([400, 413, 431]), broken, forwarded({ body: 'HELLO' })), quickly(3_000)],
    { quietFor: 700 }
  )
  add(
    '1,000 extensions',
    path => chunked(path, `5${';a=b'.repeat(1000)}\r\nHELLO\r\n0\r\n\r\n`),
    either(refused([400, 413, 431]), broken, forwarded({ body: 'HELLO' }))
  )
  add(
    'trailers of 1 MB are bounded',
    path => chunked(path, `5\r\nHELLO\r\n0\r\n${'X: y\r\n'.repeat(170_000)}\r\n`),
    [either(refused([400, 413, 431]), broken, forwarded({ body: 'HELLO' })), quickly(5_000)],
    { quietFor: 700 }
  )
  add('64 KB in chunks of one byte', path => chunked(path, `${'1\r\nx\r\n'.repeat(65_536)}0\r\n\r\n`), [
    forwarded({ body: 'x'.repeat(65_536) }),
    quickly(3_000)
  ])
  add(
    '1 MB in chunks of one byte',
    path => chunked(path, `${'1\r\nx\r\n'.repeat(1 << 20)}0\r\n\r\n`),
    [either(forwarded({ body: 'x'.repeat(1 << 20) }), refused([400, 413]), broken), quickly(6_000)],
    { heavy: true, quietFor: 20_000, within: 30_000 }
  )
  return rows
}

function obfuscatedNames (): WireRow[] {
  const { rows, add } = collect('framing', 'name')
  const separators = [...'"(),/;<=>?@[\\]{} \t'].map(each => each.charCodeAt(0))
  const codes = [...new Set([...CONTROLS, ...separators, 0x80, 0xa0, 0xff])].filter(
    code => code !== 0x0d && code !== 0x0a
  )
  for (const code of codes) {
    const character = String.fromCharCode(code)
    add(
      `${byteName(code)} inside a name of a header (RFC 9110, 5.1)`,
      path => get(path, [`X${character}Y: v`]),
      refused()
    )
    add(
      `${byteName(code)} after Transfer-Encoding`,
      path => {
        const body = `0\r\n\r\n${smuggled(path)}`
        return post(path, [`Content-Length: ${body.length}`, `Transfer-Encoding${character}: chunked`], body)
      },
      [refused(UNKNOWN), never]
    )
  }
  return rows
}

export const requestFraming: readonly WireRow[] = [
  ...bothLengths(),
  ...codings(),
  ...lengths(),
  ...chunks(),
  ...obfuscatedNames()
]
