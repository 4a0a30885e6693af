import {
  all,
  either,
  forwarded,
  gatewayError,
  headersAtEndpoint,
  logIsPlain,
  logIsWhole,
  neverRequested,
  neverLogged,
  refused,
  requestsAtMost,
  responses,
  withHeader,
  withoutText,
  type Check
} from '../checks.js'
import type { Step, WireRow } from '../row.js'
import { collect, get, post } from './collect.js'

/** Characters that end lines, or move a terminal, as XML writes them. */
const ENDS: readonly [name: string, written: string][] = [
  ['LF', '&#10;'],
  ['CR', '&#13;'],
  ['CRLF', '&#13;&#10;'],
  ['NEL (U+0085)', '&#x85;'],
  ['LS (U+2028)', '&#x2028;'],
  ['PS (U+2029)', '&#x2029;'],
  ['CSI (U+009B)', '&#x9b;'],
  ['DEL', '&#x7f;'],
  ['tab', '&#9;'],
  ['NEL as UTF-8', '\xc2\x85'],
  ['LS as UTF-8', '\xe2\x80\xa8'],
  ['PS as UTF-8', '\xe2\x80\xa9'],
  ['a line feed as it is', '\n'],
  ['right-to-left (U+202E)', '&#x202e;'],
  ['no-break space', '&#xa0;']
]
const FORGED = '{"level":60,"msg":"forged"}'

const envelope = (value: string): string =>
  `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header/><e:Body><value>${value}</value></e:Body></e:Envelope>`

export const soap = (path: string, value: string, lines: readonly string[] = []): string => {
  const body = envelope(value)
  return post(
    path,
    [
      'Content-Type: text/xml; charset=UTF-8',
      'SOAPAction: "urn:a"',
      `Content-Length: ${body.length}`,
      `X-Row: ${path.split('/')[4]}`,
      'Connection: close',
      ...lines
    ],
    body
  )
}

const OURS = { oursOnly: true } as const
const written = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;')

function logs (): WireRow[] {
  const { rows, add } = collect('injection', 'log', 'Logs')
  const clean = [logIsWhole, logIsPlain]
  for (const [name, end] of ENDS) {
    add(
      `${name} in a value that <log> writes`,
      path => soap(path, `a${end}${written(FORGED)}${end}b`),
      [forwarded(), ...clean],
      OURS
    )
  }
  for (const value of [
    '\\u000a{}',
    '&quot;}',
    '\\',
    '%0a',
    '$' + '{x}',
    '{{x}}',
    '&#x1f600;',
    '&#xfffd;',
    'a'.repeat(200_000)
  ]) {
    add(
      `${value.slice(0, 20)} in a value that <log> writes`,
      path => soap(path, value),
      [forwarded(), ...clean],
      OURS
    )
  }
  for (const bytes of ['\xc2\x85', '\xe2\x80\xa8', '\xe2\x80\xa9', '\xc2\x9b31m', '\x85', '\x9b']) {
    for (const name of ['User-Agent', 'SOAPAction', 'X-Forwarded-For', 'Referer', 'Authorization', 'Cookie']) {
      add(
        `${JSON.stringify(bytes)} in ${name}`,
        path => get(path, [`${name}: a${bytes}${FORGED}`, 'Connection: close']),
        [either(forwarded(), refused(), gatewayError), ...clean],
        OURS
      )
    }
    add(
      `${JSON.stringify(bytes)} in Host`,
      path => get(path, ['Connection: close']).replace('Host: h', `Host: h${bytes}`),
      [either(forwarded(), refused()), ...clean],
      OURS
    )
    add(
      `${JSON.stringify(bytes)} in a path`,
      path => get(`${path}${bytes}${encodeURIComponent(FORGED)}`, ['Connection: close']),
      [either(forwarded(), refused([400, 404])), ...clean],
      OURS
    )
    add(
      `${JSON.stringify(bytes)} in the name of a service`,
      path => get(path.replace('Logs', `Lo${bytes}gs`), ['Connection: close']),
      [refused([400, 404]), ...clean],
      OURS
    )
  }
  const all = collect('injection', 'logs', 'LogsAll')
  for (const [name, end] of ENDS) {
    all.add(
      `${name} in a message that <log level="full"> writes`,
      path => soap(path, `a${end}b`),
      [forwarded(), ...clean],
      OURS
    )
  }
  const secrets = collect('injection', 'secret')
  for (const name of ['Authorization', 'Cookie', 'X-Api-Key']) {
    secrets.add(
      `${name} is never logged`,
      path => get(path, [`${name}: s3cr3t-of-this-row`, 'Connection: close']),
      [forwarded(), neverLogged('s3cr3t-of-this-row')],
      OURS
    )
  }
  secrets.add(
    'a query is never logged',
    path => get(`${path}?token=s3cr3t-of-a-query`, ['Connection: close']),
    [forwarded(), neverLogged('s3cr3t-of-a-query')],
    OURS
  )
  return [...rows, ...all.rows, ...secrets.rows]
}

/** Values that would be more than a value, if they were written as they are. */
const VALUES: readonly string[] = [
  'a&#13;&#10;X-Injected: 1',
  'a&#10;X-Injected: 1',
  'a&#13;X-Injected: 1',
  'a&#13;&#10;&#13;&#10;EVIL',
  '&#13;&#10; X-Injected: 1',
  'a&#x85;X-Injected: 1',
  'a&#x2028;X-Injected: 1',
  'a&#x10a;X-Injected: 1',
  'a&#x10d;&#x10a;X-Injected: 1',
  'a&#x560a;b',
  '&#x7f;',
  '&#x2c;&#x20ac;',
  'a&#13;&#10;Content-Length: 0&#13;&#10;&#13;&#10;HTTP/1.1 200 OK',
  'a&#13;&#10;Set-Cookie: evil=1',
  '&#9;',
  'a '.repeat(9_000)
]

function headers (): WireRow[] {
  const parts = [
    collect('injection', 'set', 'SetsHeader'),
    collect('injection', 'respond', 'Responds'),
    collect('injection', 'action', 'SetsAction'),
    collect('injection', 'reason', 'SetsReason'),
    collect('injection', 'type', 'SetsType')
  ] as const
  const [toEndpoint, toClient, action, reason, type] = parts
  const clean = [
    headersAtEndpoint('x-injected', []),
    withHeader('x-injected', undefined),
    withHeader('set-cookie', undefined),
    withoutText('\r\nEVIL'),
    requestsAtMost(1),
    logIsWhole
  ]
  const either5xx = either(forwarded(), gatewayError, refused([400], false))
  for (const value of VALUES) {
    const shown = value.slice(0, 40)
    toEndpoint.add(`a header set from a message: ${shown}`, path => soap(path, value), [either5xx, ...clean], OURS)
    toClient.add(
      `a header of the response set from a message: ${shown}`,
      path => soap(path, value),
      [either(responses(200), gatewayError), ...clean],
      OURS
    )
    action.add(`the Action set from a message: ${shown}`, path => soap(path, value), [either5xx, ...clean], OURS)
    reason.add(
      `the reason phrase set from a message: ${shown}`,
      path => soap(path, value),
      [either(responses(200), gatewayError), ...clean],
      OURS
    )
    type.add(`the Content-Type set from a message: ${shown}`, path => soap(path, value), [either5xx, ...clean], OURS)
  }
  const status = collect('injection', 'status', 'SetsStatus')
  for (const value of [
    '0',
    '-1',
    '99',
    '101',
    '1000',
    'abc',
    '',
    '200&#13;&#10;X-Injected: 1',
    '1e2',
    '0x1ff',
    '200.5',
    '99999999999',
    'NaN',
    '204',
    '304'
  ]) {
    status.add(
      `the status set from a message: ${value || '(empty)'}`,
      path => soap(path, value),
      [either(responses(200), responses(204), responses(304), gatewayError), ...clean],
      OURS
    )
  }
  const method = collect('injection', 'method', 'SetsMethod')
  for (const value of [
    'GET',
    'G ET',
    'GET / HTTP/1.1&#13;&#10;X-Injected: 1',
    '',
    'CONNECT',
    'TRACE',
    'a'.repeat(1_000),
    '&#13;&#10;',
    'GET&#9;',
    'M\xc3\xa9'
  ]) {
    method.add(
      `the method set from a message: ${value.slice(0, 40) || '(empty)'}`,
      path => soap(path, value),
      [either(forwarded(), gatewayError, refused([400, 405, 501], false)), ...clean],
      OURS
    )
  }
  return [...parts.flatMap(({ rows }) => rows), ...status.rows, ...method.rows]
}

function addresses (): WireRow[] {
  const to = collect('injection', 'to', 'SetsTo')
  const clean: Check = all(headersAtEndpoint('x-injected', []), requestsAtMost(1), neverRequested('smuggled'))
  const lost = either(forwarded(), gatewayError, refused([400], false))
  const own = (path: string): string => `http://127.0.0.1:@PORT/s${path.replace('/services/SetsTo', '')}`
  for (const tail of [
    '',
    '?q=1',
    '&#13;&#10;X-Injected: 1',
    '&#10;X-Injected: 1',
    ' HTTP/1.1&#13;&#10;X-Injected: 1',
    'a b',
    '&#9;',
    '&#x85;',
    '&#x2028;',
    '#fragment',
    '\xc3\xa4',
    '&#x20ac;',
    '%',
    '%zz',
    '%0d%0aX-Injected:%201',
    '..',
    '../../x',
    '"',
    '&lt;',
    '\\',
    '^',
    '`',
    '{x}',
    '|',
    ' HTTP/1.1&#13;&#10;Host: h&#13;&#10;&#13;&#10;GET /s/smuggled HTTP/1.1&#13;&#10;X:',
    '&#x10a;X-Injected: 1',
    '&#x120;HTTP/1.1&#x10d;&#x10a;X-Injected:&#x120;1',
    'a'.repeat(60_000)
  ]) {
    to.add(
      `To set from a message, its address ends in ${JSON.stringify(tail.slice(0, 40))}`,
      path => soap(path, own(path) + tail),
      [lost, clean, logIsWhole],
      OURS
    )
  }
  for (const address of [
    '',
    'x',
    '/etc/passwd',
    'file:///etc/passwd',
    'ftp://127.0.0.1:@PORT/',
    'http://',
    'http:///x',
    'http://[::1',
    'http://127.0.0.1:99999/',
    'http://127.0.0.1:-1/',
    'http://127.0.0.1:0/',
    'javascript:1',
    'data:,x',
    'http://a b/',
    'http://&#13;&#10;/',
    'http://127.0.0.1:@PORT&#13;&#10;/',
    'http://user:pass@/',
    'http://\xc3\xa4\xc3\xa4/',
    'http://' + 'a'.repeat(300) + '/',
    'http://%00/',
    'http://*/',
    'gopher://127.0.0.1:@PORT/_GET',
    'jms:/queue',
    'unix:/var/run/docker.sock',
    'http://127.0.0.1:1/'
  ]) {
    to.add(
      `To set from a message: ${address.slice(0, 60) || '(empty)'}`,
      path => soap(path, address),
      [either(responses(202), gatewayError, refused([400, 404], false)), requestsAtMost(0), logIsWhole],
      OURS
    )
  }
  const template = collect('injection', 'template', 'Template')
  const query = collect('injection', 'query', 'TemplateQuery')
  const stays = (pattern: RegExp): Check => ({
    rule: 'the value stays in its place',
    broken: ({ requests }) =>
      requests.every(({ start }) => pattern.test(start.split(' ')[1] ?? ''))
        ? undefined
        : JSON.stringify(requests[0]?.start)
  })
  for (const value of [
    'a/b',
    '..',
    '../../x',
    '%2e%2e',
    'a?b',
    'a#b',
    'a&amp;b=c',
    'a b',
    '&#13;&#10;X-Injected: 1',
    '&#10;',
    '&#x2028;',
    '\xc3\xa4',
    '&#x20ac;',
    '&#x1f600;',
    '%',
    '',
    ';x',
    '@evil',
    '//evil',
    'http://evil/',
    '\\',
    '"',
    '{x}',
    'a'.repeat(20_000)
  ]) {
    template.add(
      `a part of a path from a message: ${value.slice(0, 40)}`,
      path => soap(path, value),
      [
        either(responses(200), gatewayError, refused([400, 404], false)),
        stays(/^\/s\//),
        headersAtEndpoint('x-injected', []),
        logIsWhole
      ],
      OURS
    )
    query.add(
      `a part of a query from a message: ${value.slice(0, 40)}`,
      path => soap(path, value),
      [
        either(responses(200), gatewayError, refused([400, 404], false)),
        stays(/^\/s\/q[^&#]*$/),
        headersAtEndpoint('x-injected', []),
        logIsWhole
      ],
      OURS
    )
  }
  const suffix = collect('injection', 'suffix', 'SetsSuffix')
  for (const value of [
    '/x',
    'x',
    '&#13;&#10;X-Injected: 1',
    ' HTTP/1.1&#13;&#10;X-Injected: 1',
    '/a b',
    '/../../x',
    '?q',
    '#f',
    '\xc3\xa4',
    '&#x10a;',
    '&#x120;x',
    '/%0d%0a',
    '@evil/',
    '//evil'
  ]) {
    suffix.add(
      `what follows the address, set from a message: ${value}`,
      path => soap(path, value),
      [
        either(responses(200), gatewayError, refused([400], false)),
        stays(/^\/s/),
        headersAtEndpoint('x-injected', []),
        logIsWhole
      ],
      OURS
    )
  }
  return [...to.rows, ...template.rows, ...query.rows, ...suffix.rows]
}

function faults (): WireRow[] {
  const { rows, add } = collect('injection', 'fault', 'Faults')
  const wellFormed: Check = {
    rule: 'what was a value is no markup of the fault',
    broken: ({ responses: [response] }) =>
      response !== undefined && /<evil/.test(response.body) ? 'it is' : undefined
  }
  for (const value of [
    '&lt;evil/>',
    '&lt;/faultstring>&lt;evil/>',
    ']]&gt;&lt;evil/>',
    '&lt;![CDATA[&lt;evil/>]]&gt;',
    '&amp;lt;evil/>',
    '&amp;#0;',
    '&lt;!DOCTYPE x>',
    '&#13;&#10;',
    '&#x85;',
    '&quot;&apos;',
    '\xc3\xa4',
    '&#x1f600;',
    '&lt;?evil?>',
    '&lt;!--',
    'a'.repeat(100_000)
  ]) {
    add(
      `the reason of a fault from a message: ${value.slice(0, 40)}`,
      path => soap(path, value),
      [gatewayError, wellFormed],
      OURS
    )
  }
  const steps = (path: string): Step[] => [soap(path, '&undefined;')]
  add('a reference that stands for nothing', steps, [gatewayError], OURS)
  return rows
}

export const injection: readonly WireRow[] = [...logs(), ...headers(), ...addresses(), ...faults()]
