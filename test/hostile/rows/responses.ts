import {
  all,
  brokenOff,
  either,
  forwarded,
  gatewayError,
  quickly,
  requestsAtMost,
  responses,
  withBody,
  withHeader,
  withoutText,
  type Check
} from '../checks.js'
import type { Step, WireRow } from '../row.js'
import { byteName, collect, CONTROLS, get, post } from './collect.js'

const OK = 'HTTP/1.1 200 OK\r\n'
const EVIL = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL'
const plain = (lines: readonly string[], body = ''): string =>
  `${OK}${lines.map(line => `${line}\r\n`).join('')}\r\n${body}`
const chunked = (body: string, lines: readonly string[] = []): string =>
  plain(['Transfer-Encoding: chunked', ...lines], body)
const once = get
const twice = (path: string): Step[] => [get(path), { responses: 1, atMost: 1_500 }, { wait: 60 }, get(path)]
const END: Step = { end: true }
const RESET: Step = { reset: true }
/** A malformed or endless response: an error of the gateway, or truncated where it has begun. */
const bad: Check = either(gatewayError, brokenOff)
const neverEvil = withoutText('EVIL')

function startLines (): WireRow[] {
  const { rows, add } = collect('responses', 'status')
  for (const line of [
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 abc OK',
    'HTTP/1.1 -200 OK',
    'HTTP/1.1 +20 OK',
    'HTTP/1.1 2 0 OK',
    'HTTP/2.0 200 OK',
    'HTTP/1.x 200 OK',
    'HTTP 200 OK',
    'ICY 200 OK',
    'http/1.1 200 OK',
    '200 OK',
    'HTTP/1.1',
    'HTTP/1.1 ',
    '',
    ' HTTP/1.1 200 OK',
    'HTTP/1.1 200 O\rK',
    'XTTP/1.1 200 OK',
    'GET / HTTP/1.1',
    '<html>',
    '\x15\x03\x01\0\x02\x02\x46',
    'HTTP/1.1 0x200 OK',
    'HTTP/1.1 000 OK',
    'HTTP/1.1 099 OK'
  ]) {
    add(`the status line ${JSON.stringify(line)} (RFC 9112, 4)`, once, gatewayError, {
      endpoint: [`${line}\r\nContent-Length: 4\r\n\r\nEVIL`, END]
    })
  }
  for (const line of [
    'HTTP/1.1 200',
    'HTTP/1.1 200 ',
    'HTTP/1.1 200 \xe4\xff',
    'HTTP/1.1  200 OK',
    'HTTP/1.1 200\tOK',
    'HTTP/0.9 200 OK',
    'HTTP/1.2 200 OK',
    'HTTP/1.0 200 OK',
    'HTTP/1.1 200 O\x01K',
    'HTTP/1.1 200 O\0K',
    `HTTP/1.1 200 ${'x'.repeat(5000)}`
  ]) {
    add(
      `the status line ${JSON.stringify(line.slice(0, 40))}: understood, or an error`,
      once,
      either(gatewayError, withBody('fine')),
      { endpoint: [`${line}\r\nContent-Length: 4\r\n\r\nfine`, END] }
    )
  }
  for (const status of [299, 418, 599, 600, 999]) {
    add(`the status ${status} passes, or is an error (RFC 9110, 15)`, once, either(responses(status), gatewayError), {
      endpoint: [`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`]
    })
  }
  add('100 before the response is no response (RFC 9110, 15.2)', once, [withBody('fine'), responses(200)], {
    endpoint: ['HTTP/1.1 100 Continue\r\n\r\n', plain(['Content-Length: 4'], 'fine')]
  })
  add(
    '103 with headers before the response: they are none of the response',
    once,
    [withBody('fine'), withHeader('x-early', undefined)],
    { endpoint: ['HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n', plain(['Content-Length: 4'], 'fine')] }
  )
  add('101 that was not requested (RFC 9110, 15.2.2)', once, [gatewayError, neverEvil], {
    endpoint: ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nEVIL', END]
  })
  add('100 without an end', once, [gatewayError, quickly(4_000)], {
    endpoint: ['HTTP/1.1 100 Continue\r\n\r\n'.repeat(5_000), END]
  })
  add('100 with a length', once, [either(gatewayError, withBody('fine'))], {
    endpoint: ['HTTP/1.1 100 Continue\r\nContent-Length: 4\r\n\r\n', plain(['Content-Length: 4'], 'fine')]
  })
  return rows
}

const LENGTHS = [
  '+4',
  '-4',
  '4a',
  '0x4',
  '4.0',
  '4 4',
  '4, 5',
  '4;',
  '',
  '\xd9\xa4',
  '99999999999999999999',
  '18446744073709551620',
  '(4)',
  '"4"',
  'four',
  'NaN',
  '4\x80',
  '4\r\nContent-Length: 5',
  '0\r\nContent-Length: 4',
  '4e0'
]

function framing (): WireRow[] {
  const { rows, add } = collect('responses', 'body')
  for (const value of LENGTHS) {
    add(
      `Content-Length: ${JSON.stringify(value)} (RFC 9112, 6.3: an error of the gateway)`,
      once,
      [bad, requestsAtMost(2)],
      { endpoint: [plain([`Content-Length: ${value}`], 'fine'), END] }
    )
  }
  for (const value of ['4, 4', '4\r\nContent-Length: 4', '04']) {
    add(
      `Content-Length: ${JSON.stringify(value)}: one length, or an error`,
      once,
      either(gatewayError, withBody('fine')),
      { endpoint: [plain([`Content-Length: ${value}`], 'fine'), END] }
    )
  }
  for (const value of [
    'xchunked',
    'identity',
    'gzip',
    'chunked, identity',
    'chunked, chunked',
    'chunked;q=1',
    '"chunked"',
    'gzip, chunked',
    '\0chunked',
    'chunked\0',
    'chunked\x0b'
  ]) {
    add(`Transfer-Encoding: ${JSON.stringify(value)} (RFC 9112, 6.1)`, once, bad, {
      endpoint: [plain([`Transfer-Encoding: ${value}`], '4\r\nEVIL\r\n0\r\n\r\n'), END]
    })
    add(`Transfer-Encoding: ${JSON.stringify(value)} beside a length`, twice, [neverEvil], {
      endpoint: [plain(['Content-Length: 5', `Transfer-Encoding: ${value}`], `0\r\n\r\n${EVIL}`), END]
    })
  }
  for (const line of [
    'Transfer-Encoding : chunked',
    ' Transfer-Encoding: chunked',
    'Transfer-Encoding\0: chunked',
    'X: y\rTransfer-Encoding: chunked'
  ]) {
    add(`${JSON.stringify(line)} beside a length`, twice, [neverEvil], {
      endpoint: [plain(['Content-Length: 5', line], `0\r\n\r\n${EVIL}`), END]
    })
  }
  add(
    'chunks beside a length: the chunks count, or an error (RFC 9112, 6.3)',
    twice,
    [either(bad, withBody('fine')), neverEvil],
    {
      endpoint: [plain(['Content-Length: 100', 'Transfer-Encoding: chunked'], '4\r\nfine\r\n0\r\n\r\n')],
      quietFor: 700
    }
  )
  for (const [what, response] of [
    ['more bytes than the length says', plain(['Content-Length: 4'], `fine${EVIL}`)],
    ['bytes after the last chunk', chunked(`4\r\nfine\r\n0\r\n\r\n${EVIL}`)],
    ['a body after 204', `HTTP/1.1 204 No Content\r\n\r\n${EVIL}`],
    ['a length and a body after 204', `HTTP/1.1 204 No Content\r\nContent-Length: ${EVIL.length}\r\n\r\n${EVIL}`],
    ['chunks after 204', 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nEVIL\r\n0\r\n\r\n'],
    ['a body after 304', `HTTP/1.1 304 Not Modified\r\n\r\n${EVIL}`],
    ['a length and a body after 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nEVIL'],
    ['two responses', plain(['Content-Length: 4'], 'fine') + EVIL],
    ['a length of 0, and a response after it', plain(['Content-Length: 0']) + EVIL]
  ] as const) {
    add(`${what}: no other request gets them (response splitting)`, twice, neverEvil, { endpoint: [response] })
  }
  add(
    'a second response a moment later: the next request does not get it',
    path => [get(path), { responses: 1 }, { wait: 150 }, get(path)],
    neverEvil,
    { endpoint: [plain(['Content-Length: 4'], 'fine'), { wait: 40 }, EVIL], alone: true }
  )
  add(
    'a body after the response to HEAD',
    path => [get(path, [], 'HEAD'), { responses: 1 }, { wait: 60 }, get(path, [], 'HEAD')],
    neverEvil,
    { endpoint: [plain(['Content-Length: 4'], 'EVIL')], head: true }
  )
  add('a response to HEAD with chunks', path => get(path, [], 'HEAD'), neverEvil, {
    endpoint: [chunked('4\r\nEVIL\r\n0\r\n\r\n')],
    head: true
  })
  return rows
}

const SIZES = [
  '0x4',
  '+4',
  '-4',
  ' 4',
  'g',
  '',
  'FFFFFFFFFFFFFFFFF',
  '10000000000000004',
  '4,4',
  '4\x80',
  '4.',
  '4h',
  '4 4'
]

function endings (): WireRow[] {
  const { rows, add } = collect('responses', 'end')
  const cuts: readonly [string, Step][] = [
    ['closed', END],
    ['reset', RESET]
  ]
  for (const [how, cut] of cuts) {
    const wait: Step = { wait: 40 }
    for (const method of ['GET', 'POST']) {
      const client = (path: string): string =>
        method === 'GET' ? get(path) : post(path, ['Content-Length: 5'], 'HELLO')
      add(
        `${method}: the connection is ${how} before any byte`,
        client,
        [gatewayError, requestsAtMost(method === 'GET' ? 2 : 1)],
        { endpoint: [cut] }
      )
      add(`${method}: the connection is ${how} inside the status line`, client, [gatewayError, requestsAtMost(1)], {
        endpoint: ['HTTP/1.1 2', wait, cut]
      })
      add(`${method}: the connection is ${how} inside a header`, client, [gatewayError, requestsAtMost(1)], {
        endpoint: [`${OK}Content-Le`, wait, cut]
      })
      add(`${method}: the connection is ${how} inside a body with a length`, client, [brokenOff, requestsAtMost(1)], {
        endpoint: [plain(['Content-Length: 100'], 'half'), wait, cut]
      })
      add(`${method}: the connection is ${how} before a body with a length`, client, [brokenOff, requestsAtMost(1)], {
        endpoint: [plain(['Content-Length: 100']), wait, cut]
      })
      add(`${method}: the connection is ${how} inside a chunk`, client, [brokenOff, requestsAtMost(1)], {
        endpoint: [chunked('5\r\nhal'), wait, cut]
      })
      add(`${method}: the connection is ${how} between chunks`, client, [brokenOff, requestsAtMost(1)], {
        endpoint: [chunked('5\r\nHELLO\r\n'), wait, cut]
      })
      add(
        `${method}: the connection is ${how} before the line after the last chunk`,
        client,
        [brokenOff, requestsAtMost(1)],
        { endpoint: [chunked('5\r\nHELLO\r\n0\r\n'), wait, cut] }
      )
    }
  }
  add('a response without framing ends with its connection (RFC 9112, 6.3)', once, withBody('all of it'), {
    endpoint: [plain([], 'all of it'), { wait: 40 }, END]
  })
  add('a response without framing whose connection is reset is broken off', once, brokenOff, {
    endpoint: [plain([], 'half of it'), { wait: 60 }, RESET]
  })
  add('a response without framing, reset after 100,000 bytes', once, brokenOff, {
    endpoint: [plain([], 'x'.repeat(100_000)), { wait: 60 }, RESET]
  })
  add('HTTP/1.0 without framing, reset', once, brokenOff, {
    endpoint: ['HTTP/1.0 200 OK\r\n\r\nhalf', { wait: 60 }, RESET]
  })
  add('over TLS, a response without framing that ends with close_notify', once, withBody('all of it'), {
    tls: true,
    endpoint: [plain([], 'all of it'), { wait: 40 }, END]
  })
  add(
    'over TLS, a response without framing that ends without close_notify is broken off (RFC 9112, 9.8)',
    once,
    brokenOff,
    { tls: true, endpoint: [plain([], 'half of it'), { wait: 60 }, { cut: true }] }
  )
  add('over TLS, HTTP/1.0 without framing, without close_notify', once, brokenOff, {
    tls: true,
    endpoint: ['HTTP/1.0 200 OK\r\n\r\nhalf', { wait: 60 }, { cut: true }]
  })
  add('over TLS, a length that comes whole, without close_notify', once, withBody('fine'), {
    tls: true,
    endpoint: [plain(['Content-Length: 4'], 'fine'), { wait: 40 }, { cut: true }]
  })
  add('over TLS, a length that is cut', once, brokenOff, {
    tls: true,
    endpoint: [plain(['Content-Length: 100'], 'half'), { wait: 40 }, { cut: true }]
  })
  add('over TLS, chunks that are cut', once, brokenOff, {
    tls: true,
    endpoint: [chunked('5\r\nHELLO\r\n'), { wait: 40 }, { cut: true }]
  })
  for (const size of SIZES) {
    add(`no size of a chunk: ${JSON.stringify(size)}`, once, bad, {
      endpoint: [chunked(`${size}\r\nEVIL\r\n0\r\n\r\n`), END]
    })
  }
  for (const [what, body] of [
    ['a chunk longer than its size', '4\r\nfine!\r\n0\r\n\r\n'],
    ['a chunk shorter than its size', '5\r\nfine\r\n0\r\n\r\n'],
    ['a line feed alone after a size', '4\nfine\r\n0\r\n\r\n'],
    ['a line feed alone after a chunk', '4\r\nfine\n0\r\n\r\n'],
    ['no line end after a chunk', '4\r\nfine0\r\n\r\n']
  ] as const) {
    add(`${what} (RFC 9112, 7.1)`, once, bad, { endpoint: [chunked(body), END] })
  }
  add('trailers never become headers of the response', once, [withBody('fine'), withHeader('x-trailer', undefined)], {
    endpoint: [chunked('4\r\nfine\r\n0\r\nX-Trailer: 1\r\n\r\n')]
  })
  add('64 KB in chunks of one byte', once, [withBody('x'.repeat(65_536)), quickly(3_000)], {
    endpoint: [chunked(`${'1\r\nx\r\n'.repeat(65_536)}0\r\n\r\n`)]
  })
  add('1 MB in chunks of one byte', once, [withBody('x'.repeat(1 << 20)), quickly(6_000)], {
    endpoint: [chunked(`${'1\r\nx\r\n'.repeat(1 << 20)}0\r\n\r\n`)],
    heavy: true,
    quietFor: 20_000,
    within: 30_000
  })
  add('an extension of 1 MB is bounded', once, [either(bad, withBody('fine')), quickly(3_000)], {
    endpoint: [chunked(`4;${'a'.repeat(1 << 20)}\r\nfine\r\n0\r\n\r\n`)]
  })
  add('trailers of 1 MB are bounded', once, [either(bad, withBody('fine')), quickly(5_000)], {
    endpoint: [chunked(`4\r\nfine\r\n0\r\n${'X: y\r\n'.repeat(170_000)}\r\n`)]
  })
  return rows
}

function heads (): WireRow[] {
  const { rows, add } = collect('responses', 'header')
  const codes = [...CONTROLS.filter(code => code !== 0x0a && code !== 0x0d), 0x20, 0x28, 0x2f, 0x40, 0x80, 0xff]
  for (const code of codes) {
    const character = String.fromCharCode(code)
    add(
      `${byteName(code)} inside a name: an error, or no such header at the client`,
      once,
      either(gatewayError, withBody('fine')),
      { endpoint: [plain([`X${character}Y: v`, 'Content-Length: 4'], 'fine'), END] }
    )
    add(
      `${byteName(code)} inside a value: an error, or a value without it`,
      once,
      either(gatewayError, withBody('fine')),
      { endpoint: [plain([`X-Value: a${character}b`, 'Content-Length: 4'], 'fine'), END] }
    )
  }
  for (const [what, line] of [
    ['a folded line', 'X: a\r\n b'],
    ['a line without a colon', 'X'],
    ['an empty name', ': x'],
    ['a line feed alone', 'X: y\nSet-Cookie: evil=1'],
    ['a carriage return alone', 'X: y\rSet-Cookie: evil=1']
  ] as const) {
    add(`${what}: an error, or a valid response`, once, either(gatewayError, withBody('fine')), {
      endpoint: [plain([line, 'Content-Length: 4'], 'fine'), END]
    })
  }
  add('lines that end in a line feed alone', once, either(gatewayError, withBody('fine')), {
    endpoint: ['HTTP/1.1 200 OK\nContent-Length: 4\n\nfine', END]
  })
  for (const size of [8_000, 15_000, 17_000, 100_000, 1 << 20]) {
    add(
      `a header of ${size} bytes: it passes, or is an error`,
      once,
      [either(gatewayError, withBody('fine')), quickly(3_000)],
      { endpoint: [plain([`X: ${'a'.repeat(size)}`, 'Content-Length: 4'], 'fine'), END] }
    )
  }
  for (const count of [100, 2_000, 3_000, 50_000]) {
    add(
      `${count} headers before the length: all of the response, or an error`,
      once,
      [either(gatewayError, withBody('fine')), quickly(3_000)],
      { endpoint: [plain([...Array.from({ length: count }, () => 'a:b'), 'Content-Length: 4'], 'fine'), END] }
    )
  }
  add('headers without an end', once, [gatewayError, quickly(6_000)], {
    endpoint: [OK, ...Array.from({ length: 64 }, () => 'X: y\r\n'.repeat(10_000)), END]
  })
  for (const [name, value] of [
    ['Keep-Alive', 'timeout=5'],
    ['Proxy-Connection', 'close'],
    ['X-Secret', '1'],
    ['Upgrade', 'h2c'],
    ['Trailer', 'X']
  ] as const) {
    add(
      `${name} ends at the gateway (RFC 9110, 7.6.1)`,
      path => get(path, ['Connection: close']),
      [withBody('fine'), withHeader(name.toLowerCase(), undefined)],
      { endpoint: [plain([`${name}: ${value}`, 'Connection: X-Secret, Upgrade', 'Content-Length: 4'], 'fine')] }
    )
  }
  add('Connection names Content-Length: the framing stays', once, withBody('fine'), {
    endpoint: [plain(['Connection: Content-Length', 'Content-Length: 4'], 'fine')]
  })
  add('a coding that does not hold passes as it is', once, withBody('fine'), {
    endpoint: [plain(['Content-Encoding: gzip', 'Content-Length: 4'], 'fine')]
  })
  add('a head in pieces of one byte', once, withBody('fine'), {
    endpoint: [{ trickle: plain(['Content-Length: 4'], 'fine'), size: 1, every: 2 }]
  })
  add(
    'a response before the request is complete',
    path => [post(path, ['Content-Length: 300000'], 'x'.repeat(1_000)), { responses: 1, atMost: 2_000 }],
    all(withBody('fine'), requestsAtMost(1)),
    { at: 'head', endpoint: [plain(['Content-Length: 4'], 'fine'), END], quietFor: 500 }
  )
  add('a response in a burst of 5 MB comes whole', once, [forwarded(), withBody('x'.repeat(5_000_000))], {
    endpoint: [plain(['Content-Length: 5000000'], 'x'.repeat(5_000_000))]
  })
  return rows
}

export const hostileResponses: readonly WireRow[] = [...startLines(), ...framing(), ...endings(), ...heads()]
