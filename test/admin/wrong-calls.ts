/** Requests of every wrong kind for the admin API, before a group `servers` whose member `servers-one` is active. */

export interface Call {
  readonly method?: string
  readonly path: string
  readonly body?: string | Buffer | object | undefined
  readonly headers?: Readonly<Record<string, string>>
}

export const MEMBER = 'servers-one'

const long = (length: number): string => 'x'.repeat(length)
const posting = (path: string, body: Call['body'], headers?: Call['headers']): Call => ({
  method: 'POST',
  path,
  body,
  ...(headers && { headers })
})
export const switching = (name: string, status: string, more: object = {}): Call =>
  posting('/endpoints', { name, status, ...more })

/** What is wrong, the call, and the status and message that it gets. */
export const WRONG_CALLS: readonly (readonly [what: string, call: Call, status: number, message: RegExp])[] = [
  // methods and paths
  ['an unknown path', { path: '/nothing' }, 404, /no resource at GET \/nothing/],
  ['a path with a query that is a secret', { path: '/nothing?token=hush' }, 404, /\/nothing$/],
  ['a path outside', { path: '/../../etc/passwd' }, 404, /no resource/],
  ['a path in percent signs', { path: '/console/..%2f..%2fpackage.json' }, 404, /no such file/],
  ['a broken percent sign', { path: '/endpoints/%zz' }, 400, /the path is malformed/],
  ['a NUL in a name', { path: '/endpoints/a%00b' }, 404, /unknown name "a b"/],
  ['a name of 8,000 characters', { path: `/endpoints/${long(8_000)}` }, 404, /unknown name "x{200}"$/],
  ['DELETE', { method: 'DELETE', path: '/endpoints' }, 404, /no resource at DELETE/],
  ['PUT', { method: 'PUT', path: '/groups', body: {} }, 404, /no resource at PUT/],
  ['OPTIONS', { method: 'OPTIONS', path: '/endpoints' }, 404, /no resource at OPTIONS/],
  ['TRACE', { method: 'TRACE', path: '/endpoints' }, 404, /no resource at TRACE/],
  ['PROPFIND', { method: 'PROPFIND', path: '/endpoints' }, 404, /no resource at PROPFIND/],
  ['a whole address as target', { path: 'http://127.0.0.1/nothing' }, 404, /no resource/],
  // bodies
  ['no body', { method: 'POST', path: '/endpoints' }, 400, /body/],
  ['an empty body', posting('/endpoints', ''), 400, /empty/],
  ['half a JSON', posting('/endpoints', '{"name": "servers-one", "sta'), 400, /JSON/],
  ['a body in UTF-16', posting('/endpoints', Buffer.from('{"name": "x"}', 'utf16le')), 400, /JSON/],
  ['a body that is no UTF-8', posting('/endpoints', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])), 400, /JSON/],
  [
    'a compressed body',
    posting('/endpoints', Buffer.from([0x1f, 0x8b, 8, 0, 0]), { 'Content-Encoding': 'gzip' }),
    400,
    /JSON/
  ],
  ['null', posting('/endpoints', 'null'), 400, /object/],
  ['a list', posting('/endpoints', '[]'), 400, /object/],
  ['a hundred thousand brackets', posting('/endpoints', '['.repeat(100_000)), 400, /JSON/],
  [
    '__proto__',
    posting('/endpoints', '{"__proto__": {"status": "off"}, "name": "servers-one"}'),
    400,
    /JSON|prototype/
  ],
  ['more than a MiB', posting('/endpoints', `{"name": "${long(1_100_000)}"}`), 413, /too large: at most 1048576 bytes/],
  ['text', posting('/endpoints', 'x', { 'Content-Type': 'text/plain' }), 415, /must be JSON/],
  [
    'a form',
    posting('/endpoints', 'a=b', { 'Content-Type': 'application/x-www-form-urlencoded' }),
    415,
    /must be JSON/
  ],
  ['XML', posting('/endpoints', '<a/>', { 'Content-Type': 'application/xml' }), 415, /must be JSON/],
  ['no content type', posting('/endpoints', '{}', { 'Content-Type': '' }), 415, /must be JSON/],
  // fields
  ['no name', posting('/endpoints', { status: 'off' }), 400, /name/],
  ['no status', posting('/endpoints', { name: MEMBER }), 400, /status/],
  ['an empty name', switching('', 'off'), 400, /name/],
  ['a name that is an object', posting('/endpoints', { name: {}, status: 'off' }), 400, /name/],
  ['a status that is a list', posting('/endpoints', { name: MEMBER, status: ['off', 'on'] }), 400, /status/],
  [
    'an unknown status',
    switching(MEMBER, 'asleep'),
    400,
    /unknown status "asleep" \(one of: on, active, off, inactive, draining\)/
  ],
  ['a status that every object has', switching(MEMBER, 'constructor'), 400, /unknown status/],
  ['a status with a line break', switching(MEMBER, 'off\nforged'), 400, /unknown status "off forged"/],
  ['an operator with a long name', switching(MEMBER, 'off', { by: long(65) }), 400, /by/],
  ['an unknown name', switching('nothing', 'off'), 404, /unknown name "nothing"/],
  ['a name that every object has', switching('__proto__', 'off'), 404, /unknown name/],
  ['a name with a password', switching('http://user:hush@host/', 'off'), 404, /^(?!.*hush)/],
  ['a level that there is not', { method: 'PATCH', path: '/logging', body: { level: 'loud' } }, 400, /level/],
  ['a level that is null', { method: 'PATCH', path: '/logging', body: { level: null } }, 400, /level/],
  // states that the caller has not seen
  [
    'an earlier state',
    switching(MEMBER, 'off', { if: 'suspended' }),
    409,
    /servers-one is active by now, not suspended/
  ],
  [
    'an earlier member',
    posting('/sessions/release', { group: 'servers', id: 's1', if: 'servers-three' }),
    409,
    /bound to/
  ],
  [
    'the state of an earlier member',
    posting('/sessions/release', { group: 'servers', member: MEMBER, if: 'draining' }),
    409,
    /active by now/
  ],
  // sessions
  [
    'a group without sessions',
    posting('/sessions/lookup', { group: 'plain', id: 's1' }),
    409,
    /keeps no sessions in a table/
  ],
  ['an unknown group', posting('/sessions/lookup', { group: 'nothing', id: 's1' }), 404, /unknown name "nothing"/],
  ['an unknown group in a query', { path: '/sessions?group=nothing' }, 404, /unknown name/],
  ['an empty id', posting('/sessions/lookup', { group: 'servers', id: '' }), 400, /id/],
  ['a look-up of 4 KiB and more', posting('/sessions/lookup', { group: 'servers', id: long(4_096) }), 413, /4096 bytes/],
  ['a release of 4 KiB and more', posting('/sessions/release', { group: 'servers', id: long(4_096) }), 413, /4096 bytes/],
  ['neither an id nor a member', posting('/sessions/release', { group: 'servers' }), 400, /either an id or a member/],
  [
    'both',
    posting('/sessions/release', { group: 'servers', id: 's1', member: MEMBER }),
    400,
    /either an id or a member/
  ],
  ['an unknown session', posting('/sessions/release', { group: 'servers', id: 'never' }), 404, /not bound/],
  ['an unknown member', posting('/sessions/release', { group: 'servers', member: 'nothing' }), 404, /unknown name/],
  // the rest of the API
  ['a reload by an operator with a long name', { method: 'POST', path: `/reload?by=${long(65)}` }, 400, /by/],
  ['no minutes', posting('/recording', {}), 400, /minutes/],
  ['0 minutes', posting('/recording', { minutes: 0 }), 400, /minutes/],
  ['61 minutes', posting('/recording', { minutes: 61 }), 400, /minutes/],
  ['minutes in words', posting('/recording', { minutes: 'ten' }), 400, /minutes/],
  ['a message that is not a number', { path: '/messages/one' }, 400, /id/],
  ['a message that is not kept', { path: '/messages/99' }, 404, /message 99 is not kept/],
  ['too many messages', { path: '/messages?limit=201' }, 400, /limit/],
  ['half a message', { path: '/messages?limit=1.5' }, 400, /limit: expected integer/],
  ['a number of messages with an exponent', { path: '/messages?limit=1e3' }, 400, /limit: expected integer/],
  ['two limits', { path: '/messages?limit=1&limit=2' }, 400, /limit: expected integer/],
  ['half a number of a message', { path: '/messages/1.5' }, 400, /id: expected integer/],
  ['events before 0', { path: '/events?before=0' }, 400, /before/],
  [
    'an unknown stream',
    { method: 'PUT', path: '/live/nothing/watch', body: { endpoints: [] } },
    404,
    /no such stream/
  ],
  [
    'a stream with a long name',
    { method: 'PUT', path: `/live/${long(300)}/watch`, body: { endpoints: [] } },
    414,
    /./
  ],
  [
    '201 endpoints of a stream',
    { method: 'PUT', path: '/live/a/watch', body: { endpoints: Array(201).fill('x') } },
    400,
    /endpoints/
  ],
  ['a file outside of the configuration', { path: '/configuration/files/..%2f..%2fetc%2fpasswd' }, 404, /no file/],
  ['a reload that is not a number', { path: '/configuration/reloads/last' }, 400, /number/],
  ['a reload that there was not', { path: '/configuration/reloads/99' }, 404, /reload 99/],
  ['no changes', posting('/configuration/check', { files: {} }), 400, /files/],
  [
    'an end of an unconfirmed configuration that does not run',
    { method: 'POST', path: '/configuration/revert' },
    409,
    /no unconfirmed configuration runs/
  ],
  ['an archive of an unknown form', { path: '/configuration/archive?as=tar' }, 400, /as/],
  ['an unknown proxy', { path: '/proxy-services/nothing' }, 404, /nothing/],
  ['an explanation of an unknown proxy', posting('/explain', { proxy: 'nothing' }), 404, /nothing/],
  [
    'an explanation of an unknown endpoint',
    posting('/explain', { proxy: 'P', suppose: { down: ['nothing'] } }),
    400,
    /no endpoint is called "nothing"/
  ],
  [
    'a try of an unknown method',
    posting('/tries', { proxy: 'P', method: 'BREW', path: '', headers: {}, body: '' }),
    400,
    /method/
  ],
  [
    'a try with a forged header',
    posting('/tries', { proxy: 'P', method: 'POST', path: '', headers: { a: 'b\r\nc: d' }, body: '' }),
    400,
    /./
  ]
]

/** Bytes that are no request, and the status that they get; 0: the connection ends. */
export const WRONG_BYTES: readonly (readonly [what: string, text: string, status: number])[] = [
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00', 400],
  ['no Host', 'GET /endpoints HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ['a header of 20 KB', `GET /endpoints HTTP/1.1\r\nHost: a\r\nX: ${long(20_000)}\r\n\r\n`, 431],
  ['a target of 20 KB', `GET /${long(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
  ['two lengths', 'POST /endpoints HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx', 400],
  [
    'a length and chunks',
    'POST /endpoints HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400
  ],
  ['a line break in a header', 'GET /endpoints HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n', 400],
  [
    'an expectation',
    'POST /endpoints HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: cake\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
    417
  ],
  ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n', 0]
]
