import { configurationRows } from './configuration-rows.js'
import type { ConfigurationRow } from '../row.js'
import { sound, unreadable, unsound } from '../session-checks.js'

const NAMESPACE = 'http://ws.apache.org/ns/synapse'
const whole = (inside: string): string => `<definitions xmlns="${NAMESPACE}">\n${inside}\n</definitions>`
const send = (endpoint: string): string =>
  whole(`<proxy name="P"><target><inSequence><send>${endpoint}</send></inSequence></target></proxy>`)
const address = (uri: string, inside = ''): string => `<endpoint><address uri="${uri}">${inside}</address></endpoint>`
const GOOD = send(address('http://localhost:9000/s'))

const { rows, add } = configurationRows()

// Values have ranges.
const HUGE = '100000000000000000000000'
const DURATIONS = [
  HUGE,
  '1e3',
  '0x10',
  '5.5',
  'abc',
  '99999999999999999999',
  '1,000',
  '5s',
  'Infinity',
  'NaN',
  '1_000',
  '--5'
]
const PLACES: readonly [string, (value: string) => string][] = [
  [
    'suspendOnFailure/initialDuration',
    value =>
      send(address('http://h/', `<suspendOnFailure><initialDuration>${value}</initialDuration></suspendOnFailure>`))
  ],
  [
    'suspendOnFailure/maximumDuration',
    value =>
      send(address('http://h/', `<suspendOnFailure><maximumDuration>${value}</maximumDuration></suspendOnFailure>`))
  ],
  ['timeout/duration', value => send(address('http://h/', `<timeout><duration>${value}</duration></timeout>`))],
  [
    'markForSuspension/retryDelay',
    value => send(address('http://h/', `<markForSuspension><retryDelay>${value}</retryDelay></markForSuspension>`))
  ],
  [
    'session/sessionTimeout',
    value =>
      send(
        `<endpoint><session type="simpleClientSession"><sessionTimeout>${value}</sessionTimeout></session><loadbalance>${address('http://h/')}</loadbalance></endpoint>`
      )
  ]
]
for (const [place, made] of PLACES) {
  for (const value of DURATIONS) add('range', `${place}: ${value}`, made(value), unsound())
}
for (const value of ['NaN', 'Infinity', 'abc', '1e400', '1,5', '0x2']) {
  add(
    'range',
    `suspendOnFailure/progressionFactor: ${value}`,
    send(
      address('http://h/', `<suspendOnFailure><progressionFactor>${value}</progressionFactor></suspendOnFailure>`)
    ),
    unsound()
  )
}
for (const value of [HUGE, '1.5', 'x']) {
  add(
    'range',
    `markForSuspension/retriesBeforeSuspension: ${value}`,
    send(
      address(
        'http://h/',
        `<markForSuspension><retriesBeforeSuspension>${value}</retriesBeforeSuspension></markForSuspension>`
      )
    ),
    unsound()
  )
}
for (const value of ['99999', '65536', '-1', '0', 'abc', '8080x', HUGE, '80.5']) {
  add(
    'range',
    `member/httpPort: ${value}`,
    send(`<endpoint><loadbalance><member hostName="h" httpPort="${value}"/></loadbalance></endpoint>`),
    unsound()
  )
  add('range', `the port of an address: ${value}`, send(address(`http://h:${value}/s`)), unsound())
}
for (const value of ['0', '-1', '1.5', 'x', HUGE, '']) {
  add(
    'range',
    `session/maxSessions: ${value || '(empty)'}`,
    send(
      `<endpoint><session type="simpleClientSession" maxSessions="${value}"/><loadbalance>${address('http://h/')}</loadbalance></endpoint>`
    ),
    unsound()
  )
}
for (const value of [HUGE, '99999999999', 'abc', '1.5']) {
  add(
    'range',
    `suspendOnFailure/errorCodes: ${value}`,
    send(address('http://h/', `<suspendOnFailure><errorCodes>${value}</errorCodes></suspendOnFailure>`)),
    unsound()
  )
}
// Durations and counts of attributes that the real engines do not have.
const ENDPOINT_ATTRIBUTES = ['maxRequests', 'maxQueued', 'queueTimeout', 'maxAbandoned', 'failureStatus']
const GROUP_ATTRIBUTES = ['slowStart', 'minReady', 'failureStatus']
const HEALTH_CHECK_ATTRIBUTES = ['interval', 'timeout', 'rise', 'fall', 'expect']
for (const value of [HUGE, '1e3', '1.5', '-1', 'abc', 'NaN']) {
  for (const name of ENDPOINT_ATTRIBUTES) {
    add(
      'range',
      `address/${name}: ${value}`,
      send(`<endpoint><address uri="http://h/" maxRequests="1" ${name}="${value}"/></endpoint>`.replace(
        name === 'maxRequests' ? 'maxRequests="1" ' : '\0', ''
      )),
      unsound()
    )
  }
  for (const name of GROUP_ATTRIBUTES) {
    add(
      'range',
      `loadbalance/${name}: ${value}`,
      send(`<endpoint><loadbalance ${name}="${value}">${address('http://h/')}</loadbalance></endpoint>`),
      unsound()
    )
  }
  for (const name of HEALTH_CHECK_ATTRIBUTES) {
    add(
      'range',
      `healthCheck/${name}: ${value}`,
      send(address('http://h/', `<healthCheck path="/health" ${name}="${value}"/>`)),
      unsound()
    )
  }
}

for (const value of ['-1', '0', '1', '30000', '86400000', '2147483647']) {
  add(
    'range',
    `suspendOnFailure/initialDuration: ${value} is one`,
    send(address('http://h/', `<suspendOnFailure><initialDuration>${value}</initialDuration></suspendOnFailure>`)),
    sound
  )
}

// Names have an alphabet.
const NAMES = [
  '../../x',
  '..',
  '.',
  'a/b',
  '/a',
  'a/',
  'a\\b',
  'a&#10;b',
  'a&#13;b',
  'a&#9;b',
  'a&#x7f;b',
  'a&#x85;b',
  'a&#x2028;b',
  'a&#x202e;b',
  'a?b',
  'a#b',
  'a%2fb',
  'a'.repeat(256),
  '__proto__',
  '',
  ' '
]
for (const name of NAMES) {
  add(
    'name',
    `a proxy called ${JSON.stringify(name.slice(0, 40))}`,
    whole(`<proxy name="${name}"><target><inSequence><drop/></inSequence></target></proxy>`),
    unsound()
  )
}
for (const name of ['a&#10;b', 'a&#13;b', 'a&#x7f;b', 'a&#x85;b', 'a&#x2028;b', '__proto__', '', 'a'.repeat(256)]) {
  add(
    'name',
    `a sequence called ${JSON.stringify(name.slice(0, 40))}`,
    whole(`<sequence name="${name}"><drop/></sequence>`),
    unsound()
  )
  add(
    'name',
    `an endpoint called ${JSON.stringify(name.slice(0, 40))}`,
    whole(`<endpoint name="${name}"><address uri="http://h/"/></endpoint>`),
    unsound()
  )
}
for (const name of [
  'P',
  'a:b',
  'a.b',
  'a-b_c',
  'StockQuote2',
  '\u00e4',
  '\u65e5\u672c',
  'constructor',
  'toString',
  'a'.repeat(200)
]) {
  add(
    'name',
    `a proxy called ${name.slice(0, 20)} is fine`,
    whole(`<proxy name="${name}"><target><inSequence><drop/></inSequence></target></proxy>`),
    sound
  )
}
for (const name of ['X&#10;Y', 'X Y', 'X:', 'X(', '\u00e4', 'X&#x7f;']) {
  add(
    'name',
    `a header of HTTP called ${JSON.stringify(name)}`,
    whole(
      `<proxy name="P"><target><inSequence><property name="${name}" value="v" scope="transport"/><drop/></inSequence></target></proxy>`
    ),
    unsound()
  )
}
for (const value of ['a&#10;b', 'a&#13;&#10;X-Injected: 1', 'a&#x7f;']) {
  add(
    'name',
    `a header of HTTP with the value ${JSON.stringify(value)}`,
    whole(
      `<proxy name="P"><target><inSequence><property name="X" value="${value}" scope="transport"/><drop/></inSequence></target></proxy>`
    ),
    unsound()
  )
}

// Addresses are addresses.
for (const uri of [
  'http://h/a&#10;b',
  'http://h&#13;&#10;/',
  'http://h/&#9;x',
  'http://h/&#x85;x',
  'http://h/&#x2028;x',
  'http://h /',
  'http://',
  'http:///x',
  'http://[::1',
  'http://h:x/',
  'ftp://h/',
  'file:///etc/passwd',
  'h',
  '/x',
  '',
  'javascript:alert(1)',
  'http://a b/',
  'http://%00/',
  'http://h/&#x7f;',
  'jms:/q',
  'http://h\\@evil/'
]) {
  add('address', `the address ${JSON.stringify(uri)}`, send(address(uri)), unsound())
}
for (const uri of [
  'http://h',
  'http://h/',
  'https://h:8443/a/b?c=d',
  'http://127.0.0.1:1/',
  'http://[::1]:80/',
  'http://user:pass@h/',
  ' http://h/ ',
  'http://h/\u00e4'
]) {
  add('address', `the address ${JSON.stringify(uri)} is one`, send(address(uri)), sound)
}
for (const host of ['', 'a b', 'a/b', 'a@b', 'a:b', 'a&#10;b', 'http://h', '[::1', 'a?b', 'a#b']) {
  add(
    'address',
    `member/hostName: ${JSON.stringify(host)}`,
    send(`<endpoint><loadbalance><member hostName="${host}" httpPort="80"/></loadbalance></endpoint>`),
    unsound()
  )
}

// Files are files.
const special = (kind: 'fifo' | 'loop' | 'device' | 'directory' | 'socket') => ({ special: kind })
for (const kind of ['fifo', 'socket', 'device', 'loop'] as const) {
  add('file', `${kind} as the configuration`, { 'c.xml': special(kind) }, unreadable)
  add('file', `${kind} in a folder`, { 'a.xml': GOOD, 'z.xml': special(kind) }, unreadable, {
    path: ''
  })
  add(
    'file',
    `${kind} in the folder of sequences`,
    { 'synapse.xml': GOOD, 'sequences/z.xml': special(kind) },
    unreadable,
    { path: '' }
  )
}
add('file', 'a fifo as synapse.properties', { 'c.xml': GOOD, 'synapse.properties': special('fifo') }, unreadable, {
  path: 'c.xml'
})
add(
  'file',
  'a folder that is called like a file is left out',
  { 'a.xml': GOOD, 'z.xml': special('directory') },
  sound,
  { path: '' }
)
const SEQUENCE = `<sequence xmlns="${NAMESPACE}" name="s"><drop/></sequence>`
add(
  'file',
  'a folder in the folder of sequences that links to the one around it',
  { 'synapse.xml': GOOD, 'sequences/s.xml': SEQUENCE, 'sequences/loop': { link: '..' } },
  sound,
  { path: '' }
)
add(
  'file',
  'a folder that is called like a file, and links to the one around it',
  { 'synapse.xml': GOOD, 'sequences/loop.xml': { link: '..' } },
  unreadable,
  { path: '' }
)
add('file', 'a folder of sequences that links to itself', { 'synapse.xml': GOOD, sequences: { link: 'sequences' } }, sound, {
  path: ''
})
add('file', 'a folder of sequences that links to the one around it', {
  'synapse.xml': GOOD,
  sequences: { link: '.' }
}, sound, { path: '' })
add('file', 'a configuration folder that links to itself', { c: { link: 'c' } }, unreadable)
add('file', 'two configuration folders that link to each other', { c: { link: 'd' }, d: { link: 'c' } }, unreadable, {
  path: 'c'
})
add('file', 'a file that is not there', { 'a.xml': GOOD }, unreadable, { path: 'nothing.xml' })
add('file', 'an empty folder', { 'x/a.txt': '' }, unsound(), { path: 'x' })
add(
  'file',
  'bytes that are nothing',
  Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 7919) & 0xff)),
  unreadable
)
add('file', 'an archive', Buffer.from('PK\x03\x04rest'), unsound())
add('file', 'a gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), unreadable)
add('file', 'more than 16 MB', Buffer.alloc(17 << 20, ' '), unsound(), { heavy: true })
add('file', 'the same file twice in a folder', { 'a.xml': GOOD, 'b.xml': GOOD }, sound, { path: '' })

// JSON is JSON.
const json = (text: string | Buffer) => ({ 'c.json': text })
const model = '{"proxies":{"P":{"in":[{"kind":"drop"}]}}}'
for (const [what, text] of [
  ['nothing', ''],
  ['a list', '[]'],
  ['null', 'null'],
  ['a text', '"x"'],
  ['a number', '1'],
  ['no end', model.slice(0, -1)],
  ['more after it', `${model}x`],
  ['two documents', model + model],
  ['NUL', model.replace('drop', 'dr\0op')],
  ['a line break in a text', model.replace('drop', 'dr\nop')],
  ['single quotes', model.replaceAll('"', "'")],
  ['no quotes', model.replace('"proxies"', 'proxies')],
  ['NaN', '{"defaults":{"timeout":NaN}}'],
  ['a number of 1e999', '{"defaults":{"timeout":1e999}}'],
  ['a number of 10²³', `{"defaults":{"timeout":${HUGE}}}`],
  ['a negative number', '{"defaults":{"timeout":-1}}'],
  ['a broken number', '{"defaults":{"timeout":1.5}}'],
  ['a name twice', '{"proxies":{"P":{"in":[],"in":[{"kind":"drop"}]}}}'],
  ['__proto__', '{"proxies":{"__proto__":{"in":[]}}}'],
  ['__proto__ at its top', '{"__proto__":{"proxies":{}}}'],
  ['an invalid escape', model.replace('drop', '\\x41')],
  ['a name with a line break', '{"proxies":{"a\\nb":{"in":[]}}}'],
  ['a name that leaves its folder', '{"proxies":{"../../x":{"in":[]}}}'],
  ['an empty name', '{"proxies":{"":{"in":[]}}}'],
  ['100,000 lists in one another', `{"proxies":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ['100,000 open lists', '['.repeat(100_000)],
  ['an unknown kind', '{"proxies":{"P":{"in":[{"kind":"evil"}]}}}'],
  ['a kind that every object has', '{"proxies":{"P":{"in":[{"kind":"constructor"}]}}}'],
  ['an address with a line break', '{"endpoints":{"e":{"kind":"address","uri":"http://h/\\nx"}}}'],
  ['a port of 99999', '{"endpoints":{"e":{"kind":"address","uri":"http://h:99999/"}}}']
] as const) {
  add('json', `no configuration: ${what}`, json(text), unsound())
}
add(
  'json',
  'no configuration: a circle of sequences',
  json('{"sequences":{"a":[{"kind":"sequence","key":"a"}]},"proxies":{"P":{"in":[{"kind":"sequence","key":"a"}]}}}'),
  unsound(/the sequence "a" contains itself: a → a \(/)
)
add('json', 'UTF-8 that is cut', json(Buffer.from('{"localEntries":{"a":{"text":"\xe2\x82"}}}', 'latin1')), unsound())
add('json', 'as it is', json(model), sound)
add('json', 'comments and commas', json(`// a\n${model.replace('}]', '},]')} /* b */`), sound)

export const configurationValues: readonly ConfigurationRow[] = rows
