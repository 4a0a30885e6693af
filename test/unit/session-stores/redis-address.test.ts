import t from 'tap'
import { parseRedisAddress } from '../../../plugins/session-stores/redis-address.js'

const SECRET = 'very-secret'

/** Addresses, and the parts of them that are not those of `redis://localhost`. */
const READ: Readonly<Record<string, object>> = {
  'redis://localhost': {},
  'valkey://localhost': {},
  'REDIS://localhost': {},
  'rediss://localhost': { isSecure: true },
  'redis://localhost/': {},
  'redis://localhost/7': { database: 7 },
  'redis://10.0.0.1:7000': { hosts: [{ host: '10.0.0.1', port: 7000 }] },
  'redis://[::1]:7000/2': { hosts: [{ host: '::1', port: 7000 }], database: 2 },
  'redis://:p%40ss%2Fword%25@localhost': { password: 'p@ss/word%' },
  'redis://user@localhost': { username: 'user' },
  'redis://user:a:b@localhost': { username: 'user', password: 'a:b' },
  'redis+sentinel://a,b:7000/mymaster': {
    kind: 'sentinel',
    hosts: [
      { host: 'a', port: 26379 },
      { host: 'b', port: 7000 }
    ],
    primary: 'mymaster'
  },
  'rediss+sentinel://u:p@localhost/my%2Fmaster/3?sentinelUsername=v&sentinelPassword=q%26': {
    kind: 'sentinel',
    hosts: [{ host: 'localhost', port: 26379 }],
    isSecure: true,
    username: 'u',
    password: 'p',
    primary: 'my/master',
    database: 3,
    sentinelUsername: 'v',
    sentinelPassword: 'q&'
  },
  'redis+cluster://a:1,b:2': {
    kind: 'cluster',
    hosts: [
      { host: 'a', port: 1 },
      { host: 'b', port: 2 }
    ]
  }
}
const PLAIN = {
  kind: 'single',
  hosts: [{ host: 'localhost', port: 6379 }],
  isSecure: false,
  username: undefined,
  password: undefined,
  database: 0,
  primary: undefined,
  sentinelUsername: undefined,
  sentinelPassword: undefined
}

t.test('an address of Redis names servers, TLS, login and database', async t => {
  for (const [text, parts] of Object.entries(READ)) {
    t.strictSame(parseRedisAddress(text), { ...PLAIN, ...parts }, text)
  }
})

const HOST = /host or a port that is invalid \(write @ and \/ in a password as %40, %2F\)/
const FORM = /must be like redis:\/\/user:password@host:6379\/0/
/** Malformed addresses, and what their error says. */
const REFUSED: readonly (readonly [text: string, message: RegExp])[] = [
  ['', FORM],
  ['localhost:6379', FORM],
  ['http://localhost', FORM],
  ['redis:/localhost', FORM],
  ['redis://', FORM],
  [`redis://user:${SECRET}@`, HOST],
  [`redis://user:${SECRET}@/0`, HOST],
  ['redis+proxy://localhost', FORM],
  ['redis://localhost#0', FORM],
  [`redis://user:${SECRET}@localhost:0`, HOST],
  [`redis://user:${SECRET}@localhost:65536`, HOST],
  [`redis://user:${SECRET}@localhost:port`, HOST],
  ['redis://::1', HOST],
  ['redis://[localhost]', HOST],
  ['redis://a b', HOST],
  ['redis+cluster://a,,b', HOST],
  [`redis://user:${SECRET}@more@localhost`, HOST],
  [`redis://user:${SECRET}%zz@localhost`, /%/],
  [`redis://user:${SECRET}@localhost/name`, /must end with the number of a database, or with nothing/],
  ['redis://localhost/0/1', /must end with the number of a database/],
  ['redis://localhost/-1', /must end with the number of a database/],
  ['redis://localhost/100000', /must end with the number of a database/],
  ['redis://a,b', /several hosts: begin it with redis\+sentinel:\/\/ or redis\+cluster:\/\//],
  ['redis+sentinel://a,b', /must end with the name of the primary/],
  ['redis+sentinel://a,b/', /must end with the name of the primary/],
  ['redis+sentinel://a/mymaster/x', /number of a database/],
  ['redis+cluster://a/1', /database 0 only/],
  [`redis://localhost?password=${SECRET}`, /unknown option "password"/],
  ['redis+cluster://a?sentinelPassword=b', /unknown option "sentinelPassword"/]
]

t.test('a malformed address is refused with an error that says what is wrong, without the password', async t => {
  for (const [text, message] of REFUSED) {
    t.throws(() => parseRedisAddress(text), { code: 'PROXY_SERVICES_INVALID_SESSION_STORE', message }, text)
    try {
      parseRedisAddress(text)
    } catch (error) {
      t.notMatch((error as Error).message, SECRET, text)
    }
  }
})
