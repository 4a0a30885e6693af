import {
  all,
  closes,
  either,
  forwarded,
  forwardedAll,
  headersAtEndpoint,
  neverRequested,
  quickly,
  refused,
  requestsAtMost,
  responses,
  type Check
} from '../checks.js'
import type { WireRow } from '../row.js'
import { byteName, collect, CONTROLS, get, post, smuggled } from './collect.js'

const never = neverRequested('smuggled')
const TOO_LARGE = [400, 413, 414, 431]

function values (): WireRow[] {
  const { rows, add } = collect('framing', 'value')
  for (const code of CONTROLS.filter(code => code !== 0x09)) {
    const character = String.fromCharCode(code)
    const shown = byteName(code)
    add(
      `${shown} inside the value of a header: refused, or not there at the endpoint (RFC 9110, 5.5)`,
      path => get(path, [`X-Value: a${character}b`]),
      either(refused(), forwarded())
    )
    add(
      `${shown} at the end of the value of a header`,
      path => get(path, [`X-Value: a${character}`]),
      either(refused(), forwarded())
    )
  }
  add(
    'a tab inside a value stays',
    path => get(path, ['X-Value: a\tb']),
    either(forwarded({ headers: { 'x-value': 'a\tb' } }), forwarded({ headers: { 'x-value': 'a b' } }))
  )
  add(
    'bytes above 0x7f in a value pass as they are, or are refused',
    path => get(path, ['X-Value: \xe4\xff']),
    either(forwarded({ headers: { 'x-value': '\xe4\xff' } }), refused())
  )
  add(
    'a folded line is refused, or becomes one line (RFC 9112, 5.2)',
    path => get(path, ['X-Value: a\r\n b']),
    either(refused(), forwarded())
  )
  add(
    'a line with space at its start after the request line (RFC 9112, 2.2)',
    path => get(path).replace('Host', ' X: y\r\nHost'),
    either(refused(), forwarded({ headers: { x: undefined } }))
  )
  add('a line without a colon', path => get(path, ['X-Value']), refused())
  add('an empty name', path => get(path, [': x']), refused())
  add(
    'a header line that ends in a line feed alone',
    path => `GET ${path} HTTP/1.1\nHost: h\n\n`,
    either(refused(), forwarded())
  )
  add('a line feed alone hides a header', path => get(path, ['X: y\nX-Hidden: 1']), either(refused(), forwarded()))
  add(
    'a carriage return alone ends no line',
    path => get(path, ['X: y\rX-Hidden: 1']),
    either(refused(), forwarded({ headers: { 'x-hidden': undefined } }))
  )
  return rows
}

function targets (): WireRow[] {
  const { rows, add } = collect('framing', 'target')
  for (const code of CONTROLS) {
    add(
      `${byteName(code)} inside a path (RFC 9112, 3.2)`,
      path => get(`${path}a${String.fromCharCode(code)}b`),
      refused()
    )
  }
  add('a space inside a path', path => get(`${path}a b`), refused())
  for (const code of [0x80, 0xa0, 0xff]) {
    add(
      `${byteName(code)} inside a path: refused, or encoded`,
      path => get(`${path}a${String.fromCharCode(code)}b`),
      either(refused(), forwarded())
    )
  }
  for (const character of '"<>\\^`{|}#') {
    add(
      `${character} inside a path: refused, or no other path`,
      path => get(`${path}a${character}b`),
      either(refused([400, 404], false), forwarded())
    )
  }
  for (const encoded of [
    '%00',
    '%0d%0aX-Injected:%201',
    '%0a',
    '%2f',
    '%5c',
    '%25',
    '%',
    '%zz',
    '%u0041',
    '%e2%80%a8'
  ]) {
    add(
      `${encoded} inside a path stays encoded, or is refused`,
      path => get(`${path}a${encoded}b`),
      either(refused([400, 404], false), all(forwarded(), headersAtEndpoint('x-injected', [])))
    )
  }
  for (const dots of [
    '../x',
    './x',
    '%2e%2e/x',
    '%2E./x',
    '..',
    'a/../../x',
    '..;/x',
    '..\\x',
    '%2e%2e%2fx',
    'a/..%2f..%2fx',
    '..%5cx',
    '.%00./x'
  ]) {
    const stays: Check = {
      rule: 'no dot segment reaches the endpoint',
      broken: ({ requests }) =>
        requests.some(({ start }) => /\/\.\.?(?:\/|$)/.test(decoded(start.split(' ')[1] ?? '')))
          ? 'one does'
          : undefined
    }
    add(`dot segments: ${dots}`, path => get(`${path}${dots}`), [
      either(refused([400, 404], false), stays),
      requestsAtMost(1)
    ])
  }
  add(
    'an absolute target (RFC 9112, 3.2.2)',
    path => get(`http://h${path}`),
    either(forwarded(), refused([400, 404], false))
  )
  add(
    'an absolute target with another host than Host',
    path => get(`http://evil${path}`),
    either(forwarded(), refused([400, 404, 421], false))
  )
  add(
    'an absolute target with a user',
    path => get(`http://u:p@h${path}`),
    either(forwarded(), refused([400, 404], false))
  )
  add(
    'an authority as the target of CONNECT',
    () => 'CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n',
    refused([400, 404, 405, 501], false)
  )
  add('an asterisk as target', () => get('*', [], 'OPTIONS'), refused([200, 204, 400, 404, 405], false))
  add('a target without a slash', path => get(path.slice(1)), refused([400, 404], false))
  add('an address of 20,000 bytes', path => get(`${path}${'a'.repeat(20_000)}`), [
    either(refused(TOO_LARGE), forwarded()),
    quickly(2_000)
  ])
  add('an address of 1 MB', path => get(`${path}${'a'.repeat(1 << 20)}`), [
    either(refused(TOO_LARGE), forwarded()),
    quickly(3_000)
  ])
  add('10,000 segments', path => get(`${path}${'a/'.repeat(5_000)}`), either(refused(TOO_LARGE), forwarded()))
  return rows
}

const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path.replace(/\?.*/, ''))
  } catch {
    return path
  }
}

function versions (): WireRow[] {
  const { rows, add } = collect('framing', 'version')
  const line = (first: string) => `${first}\r\nHost: h\r\nConnection: close\r\n\r\n`
  for (const version of [
    'HTTP/2.0',
    'HTTP/3.0',
    'HTTP/1',
    'HTTP/11',
    'HTTP/1.10',
    'http/1.1',
    'HTTP /1.1',
    'HTTP/ 1.1',
    'HTTP/01.1',
    'HTTP/-1.1',
    'HTTP/1.x',
    'XTTP/1.1',
    'HTTP/0.9',
    'HTTP/',
    'ICE/1.0',
    'HTTP/1,1',
    'HTTP/1.1x',
    ''
  ]) {
    add(
      `a request line with "${version}" (RFC 9112, 2.3)`,
      path => line(`GET ${path} ${version}`),
      refused([400, 505])
    )
  }
  add('a request line without a version', path => line(`GET ${path}`), refused([400, 505]))
  add('a request line without a version, and nothing after it', path => `GET ${path}\r\n\r\n`, refused([400, 505]))
  add('a request line without a version hides a request', path => `GET ${path}\r\n\r\n${smuggled(path)}`, [
    refused([400, 505]),
    never
  ])
  add(
    'HTTP/1.2 is refused, or read as 1.1 (RFC 9110, 2.5)',
    path => line(`GET ${path} HTTP/1.2`),
    either(refused([400, 505]), forwarded())
  )
  for (const method of ['G\0ET', 'G ET', 'G\tET', '', 'GE(T', 'GET:', '"GET"', 'G\xe9T', 'GET,']) {
    add(
      `the method ${JSON.stringify(method)} (RFC 9110, 9.1)`,
      path => line(`${method} ${path} HTTP/1.1`),
      refused([400, 501])
    )
  }
  for (const method of ['get', 'FOO', 'TRACE', 'A'.repeat(1000), 'M-SEARCH', 'PURGE']) {
    add(
      `the method ${method.slice(0, 20)}: refused, or it reaches the endpoint as it is`,
      path => line(`${method} ${path} HTTP/1.1`),
      either(refused([400, 404, 405, 414, 501], false), forwarded({ method }))
    )
  }
  add(
    'two spaces in a request line: refused, or the same request (RFC 9112, 3)',
    path => line(`GET  ${path} HTTP/1.1`),
    either(refused(), forwarded())
  )
  add('a tab in a request line', path => line(`GET\t${path}\tHTTP/1.1`), either(refused(), forwarded()))
  add('space after a request line', path => line(`GET ${path} HTTP/1.1 `), either(refused(), forwarded()))
  add('space before a request line', path => line(` GET ${path} HTTP/1.1`), refused())
  add(
    'the preface of HTTP/2',
    () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
    refused([400, 405, 501, 505])
  )
  add('a ClientHello of TLS', () => '\x16\x03\x01\0\xa5\x01\0\0\xa1\x03\x03' + '\0'.repeat(150), refused(), {
    quietFor: 1_000
  })
  add('bytes that are nothing', () => '\0\xff\xfe\x80'.repeat(64) + '\r\n\r\n', refused())
  add('an empty line first is nothing (RFC 9112, 2.2)', path => `\r\n${get(path)}`, either(forwarded(), refused()))
  add('1,000 empty lines first', path => `${'\r\n'.repeat(1_000)}${get(path)}`, either(forwarded(), refused()))
  add(
    'a length as a second request line',
    path => `GET ${path} HTTP/1.1\r\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n`,
    refused()
  )
  return rows
}

function hosts (): WireRow[] {
  const { rows, add } = collect('framing', 'host')
  const closing = (path: string, hosts: readonly string[]): string =>
    [`GET ${path} HTTP/1.1`, ...hosts, 'Connection: close', '', ''].join('\r\n')
  add('no Host (RFC 9112, 3.2)', path => closing(path, []), refused())
  add('Host twice, the same (RFC 9112, 3.2)', path => closing(path, ['Host: h', 'Host: h']), refused())
  add('Host twice, different', path => closing(path, ['Host: h', 'Host: evil']), refused())
  add('Host and host', path => closing(path, ['Host: h', 'host: evil']), refused())
  add(
    'Host three times, other headers between',
    path => closing(path, ['Host: h', 'X: y', 'HOST: evil', 'Y: z', 'hOST: h']),
    refused()
  )
  for (const value of [
    'a b',
    'a/b',
    'a@b',
    'a:b',
    '[::1',
    '::1',
    'a\x80',
    'a?b',
    'a#b',
    'a\\b',
    'http://a',
    'a:-1',
    'a:99999999',
    '<a>',
    'a"b',
    '[x]'
  ]) {
    add(`Host: ${value} is not a host (RFC 9112, 3.2: 400)`, path => closing(path, [`Host: ${value}`]), refused())
  }
  for (const value of ['a', 'a.b', '127.0.0.1', '[::1]', 'a:80', '[::1]:8080', 'A-b_c', '%61', 'a:']) {
    add(`Host: ${value} is a host`, path => closing(path, [`Host: ${value}`]), forwarded())
  }
  add('an empty Host', path => closing(path, ['Host:']), either(forwarded(), refused()))
  add('HTTP/1.0 without Host', path => `GET ${path} HTTP/1.0\r\n\r\n`, forwarded())
  add('HTTP/1.0 with two', path => `GET ${path} HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n`, refused())
  return rows
}

function floods (): WireRow[] {
  const { rows, add } = collect('framing', 'flood')
  const many = (count: number): string[] => Array.from({ length: count }, () => 'a:b')
  const whole = either(refused(TOO_LARGE), forwarded({ body: 'HELLO' }))
  for (const count of [50, 90, 500, 1_000, 1_990, 1_997, 1_998, 1_999, 2_000, 2_001, 2_010, 2_500, 3_000]) {
    add(
      `${count} headers before Content-Length: all of it, or nothing`,
      path => post(path, [...many(count), 'Content-Length: 5'], 'HELLO'),
      whole,
      { quietFor: 800 }
    )
    add(
      `${count} headers before Transfer-Encoding`,
      path => post(path, [...many(count), 'Transfer-Encoding: chunked'], '5\r\nHELLO\r\n0\r\n\r\n'),
      whole,
      { quietFor: 800 }
    )
  }
  for (const count of [1_998, 2_000, 3_000]) {
    add(
      `${count} headers before a Content-Length whose body looks like a request`,
      path => {
        const body = smuggled(path)
        return post(path, [...many(count), `Content-Length: ${body.length}`], body)
      },
      [either(refused(TOO_LARGE), forwarded()), never],
      { quietFor: 800 }
    )
    add(
      `${count} headers before Connection: close`,
      path => get(path, [...many(count), 'Connection: close']),
      either(refused(TOO_LARGE), all(forwarded(), closes))
    )
    add(
      `${count} headers before a second Host`,
      path => get(path, [...many(count), 'Host: evil']),
      refused(TOO_LARGE)
    )
    add(
      `${count} headers before Expect`,
      path => post(path, [...many(count), 'Expect: 100-continue', 'Content-Length: 5'], 'HELLO'),
      whole,
      { quietFor: 800 }
    )
  }
  for (const size of [4_000, 8_000, 16_000, 17_000, 64_000, 1 << 20]) {
    add(`a header of ${size} bytes`, path => get(path, [`X: ${'a'.repeat(size)}`]), [
      either(refused(TOO_LARGE), forwarded()),
      quickly(3_000)
    ])
    add(`a name of ${size} bytes`, path => get(path, [`${'a'.repeat(size)}: b`]), [
      either(refused(TOO_LARGE), forwarded()),
      quickly(3_000)
    ])
    add(
      `Cookie headers of ${size} bytes together`,
      path =>
        get(
          path,
          Array.from({ length: size / 100 }, () => `Cookie: ${'a'.repeat(90)}`)
        ),
      [either(refused(TOO_LARGE), forwarded()), quickly(3_000)]
    )
  }
  add('100,000 headers', path => get(path, many(100_000)), [refused(TOO_LARGE), quickly(3_000)])
  return rows
}

function pipelines (): WireRow[] {
  const { rows, add } = collect('framing', 'pipeline')
  add(
    'two requests at once',
    path => get(`${path}1`) + get(`${path}2`),
    forwardedAll({ target: /1$/ }, { target: /2$/ })
  )
  add(
    'three requests with bodies at once',
    path => ['A', 'BB', 'CCC'].map(body => post(path, [`Content-Length: ${body.length}`], body)).join(''),
    forwardedAll({ body: 'A' }, { body: 'BB' }, { body: 'CCC' })
  )
  add(
    'a chunked request, and another one',
    path => post(path, ['Transfer-Encoding: chunked'], '5\r\nHELLO\r\n0\r\n\r\n') + get(`${path}2`),
    forwardedAll({ body: 'HELLO' }, { target: /2$/ })
  )
  const accepted = all(requestsAtMost(1), either(responses(200), responses(200, 400), refused()))
  const after: readonly [string, (path: string) => string][] = [
    ['a request', smuggled],
    ['bytes that are nothing', () => 'XXXX\r\n\r\n'],
    ['an empty line', () => '\r\n'],
    ['NUL', () => '\0'],
    ['half of a request', () => 'GET /x HT']
  ]
  for (const [what, bytes] of after) {
    add(
      `Connection: close, and ${what} after the request: its own response, or refused before it is forwarded (RFC 9112, 9.6)`,
      path => get(path, ['Connection: close']) + bytes(path),
      [accepted, never]
    )
    add(
      `Connection: close with a body, and ${what} after it`,
      path => post(path, ['Connection: close', 'Content-Length: 5'], 'HELLO') + bytes(path),
      [accepted, never]
    )
    add(`HTTP/1.0, and ${what} after the request`, path => `GET ${path} HTTP/1.0\r\nHost: h\r\n\r\n${bytes(path)}`, [
      accepted,
      never
    ])
    add(
      `HTTP/1.0 with a body, and ${what} after it`,
      path => `POST ${path} HTTP/1.0\r\nHost: h\r\nContent-Length: 5\r\n\r\nHELLO${bytes(path)}`,
      [accepted, never]
    )
  }
  for (const [what, bytes] of after.filter(([what]) => what !== 'a request')) {
    add(
      `${what} after a request that is kept alive: the request has its response`,
      path => get(path) + bytes(path),
      [all(requestsAtMost(1), either(responses(200), responses(200, 400)))],
      { quietFor: 400 }
    )
    add(
      `${what} after a request with a body`,
      path => post(path, ['Content-Length: 5'], 'HELLO') + bytes(path),
      [all(requestsAtMost(1), either(responses(200), responses(200, 400)))],
      { quietFor: 400 }
    )
  }
  add(
    'chunks in HTTP/1.0: refused before it is forwarded, or answered (RFC 9112, 6.1)',
    path => `POST ${path} HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHELLO\r\n0\r\n\r\n`,
    either(refused([400, 501]), all(forwarded({ body: 'HELLO' }), closes))
  )
  add(
    'chunks in HTTP/1.0 and keep-alive',
    path =>
      `POST ${path} HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHELLO\r\n0\r\n\r\n${smuggled(path)}`,
    [either(refused([400, 501]), all(forwarded({ body: 'HELLO' }), closes)), never]
  )
  add(
    'chunks in HTTP/1.0 with a Content-Length',
    path => `POST ${path} HTTP/1.0\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    either(refused([400, 501]), all(forwarded(), closes))
  )
  for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PUT', 'PATCH']) {
    add(
      `${method} with a body: the body is no second request`,
      path =>
        post(path, [`Content-Length: ${smuggled(path).length}`, 'Connection: close'], smuggled(path)).replace(
          'POST',
          method
        ),
      [either(refused([400, 405, 413], false), forwarded({ method })), never],
      { head: method === 'HEAD' }
    )
    add(
      `${method} with a chunked body`,
      path =>
        post(path, ['Transfer-Encoding: chunked', 'Connection: close'], '5\r\nHELLO\r\n0\r\n\r\n').replace(
          'POST',
          method
        ),
      either(refused([400, 405, 411, 413], false), forwarded({ method, body: 'HELLO' })),
      { head: method === 'HEAD' }
    )
  }
  add(
    'Expect: 100-continue, the body is sent at once',
    path => post(path, ['Expect: 100-continue', 'Content-Length: 5'], 'HELLO'),
    forwarded({ body: 'HELLO', headers: { expect: undefined } })
  )
  add(
    'Expect with another value is refused, or passes (RFC 9110, 10.1.1)',
    path => post(path, ['Expect: 200-maybe', 'Content-Length: 5'], 'HELLO'),
    either(refused([400, 417], false), forwarded({ body: 'HELLO' }))
  )
  add(
    'Expect: 100-continue without a body',
    path => get(path, ['Expect: 100-continue']),
    either(forwarded(), refused([400, 417], false))
  )
  add(
    'Upgrade: websocket is not passed on, or is refused',
    path =>
      get(path, [
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
      ]),
    either(forwarded({ headers: { upgrade: undefined } }), refused([400, 426, 501], false))
  )
  add(
    'Upgrade: h2c is not passed on (no tunnel past the gateway)',
    path =>
      get(path, ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA']),
    [
      either(
        forwarded({ headers: { upgrade: undefined, 'http2-settings': undefined } }),
        refused([400, 426, 501], false)
      )
    ]
  )
  add(
    'Upgrade, and a request after it',
    path => get(path, ['Connection: Upgrade', 'Upgrade: x']) + get(`${path}2`),
    either(
      forwardedAll({}, { target: /2$/ }),
      all(requestsAtMost(1), either(responses(200), refused([400, 426, 501])))
    )
  )
  for (const name of ['Content-Length', 'Host', 'Transfer-Encoding', 'X-Secret', 'Content-Type']) {
    add(
      `Connection names ${name}: the framing stays what it is (RFC 9110, 7.6.1)`,
      path =>
        post(
          path,
          [`Connection: close, ${name}`, 'X-Secret: 1', 'Content-Length: 5', 'Content-Type: text/plain'],
          'HELLO'
        ),
      either(
        refused(),
        all(forwarded({ body: 'HELLO' }), name === 'X-Secret' ? headersAtEndpoint('x-secret', []) : requestsAtMost(1))
      )
    )
  }
  for (const [name, value] of [
    ['Keep-Alive', 'timeout=5'],
    ['Proxy-Connection', 'close'],
    ['TE', 'trailers'],
    ['Trailer', 'X'],
    ['Upgrade', 'x']
  ] as const) {
    add(
      `${name} ends at the gateway (RFC 9110, 7.6.1)`,
      path => get(path, [`${name}: ${value}`, 'Connection: TE, Upgrade, close']),
      forwarded({ headers: { [name.toLowerCase()]: undefined } })
    )
  }
  return rows
}

export const requestHeads: readonly WireRow[] = [
  ...values(),
  ...targets(),
  ...versions(),
  ...hosts(),
  ...floods(),
  ...pipelines()
]
