/** What a Redis that misbehaves, or is not Redis, can do to a gateway: nothing but that sessions are not shared. */
import t, { type Test } from 'tap'
import { redisSessions } from '../../plugins/index.js'
import { SharedSessions } from '../../plugins/session-stores/shared-sessions.js'
import type { FastifyBaseLogger } from 'fastify'
import { Registry } from '../../lib/state/registry.js'
import type { SessionGroup } from '../../lib/state/group-state.js'
import { fakeRedis, missing, NIL, redisServer, welcome } from '../support/sessions/redis.js'

interface Opened {
  readonly sessions: SharedSessions
  readonly group: SessionGroup
  readonly log: string[]
}

async function opened (t: Test, url: string, timeout = 10_000): Promise<Opened> {
  const log: string[] = []
  const keep = (_fields: object, text?: string): void => {
    log.push(text ?? String(_fields))
  }
  const sessions = new SharedSessions(redisSessions({ url, timeout, cacheTtl: 0 }), {
    log: { info: keep, warn: keep } as unknown as FastifyBaseLogger,
    now: Date.now,
    seed: [1, 2]
  })
  t.teardown(() => sessions.close())
  await sessions.open()
  const lease = new Registry(Date.now).lease()
  const { group } = lease.group('servers', 'loadbalance', ['A', 'B'], {
    sessionPolicy: { timeout: 600_000, expiry: 'sliding', maxSessions: 10 }
  })
  return { sessions, group: group as SessionGroup, log }
}

const ALONE = 'sessions are not shared with other gateways until their store responds again: '
const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`

/** A session is bound and found here, whatever the store says. */
async function works (t: Test, { sessions, group }: Opened): Promise<void> {
  for (let message = 0; message < 4; message++) {
    t.equal(
      await sessions.lookup({ kind: 'lookupSession', group, id: '7', bypassCache: false }),
      message === 0 ? undefined : 1
    )
    t.equal(
      await sessions.bind({ kind: 'bindSession', group, id: '7', memberNumber: 1, expectedOwner: message === 0 ? -1 : 1 }),
      1
    )
  }
}

const misbehaviour: Record<
  string,
  {
    response: Parameters<typeof fakeRedis>[1]
    greets?: typeof welcome | Parameters<typeof fakeRedis>[1]
    cause: string | RegExp
    /** Of the store, in milliseconds, where it has to end. */
    timeout?: number
  }
> = {
  'never responds': { response: () => undefined, cause: 'no result within 20 ms', timeout: 20 },
  'closes at each command': {
    response: (_words, socket) => {
      socket.destroy()
      return undefined
    },
    cause: /closed|ECONNRESET/
  },
  'responds with an error': { response: () => '-ERR something is wrong\r\n', cause: 'ERR something is wrong' },
  'is a node of a cluster': { response: () => '-MOVED 3999 127.0.0.1:1\r\n', cause: 'MOVED 3999 127.0.0.1:1' },
  'is a replica': { response: () => "-READONLY You can't write against a read only replica.\r\n", cause: 'READONLY' },
  'is full': { response: () => "-OOM command not allowed when used memory > 'maxmemory'.\r\n", cause: 'OOM' },
  'is older than version 7': {
    response: ([command]) => (command!.toLowerCase() === 'set' ? '-ERR syntax error\r\n' : NIL),
    cause: 'ERR syntax error'
  },
  'needs a password': {
    response: () => '-NOAUTH Authentication required.\r\n',
    greets: () => '-NOAUTH Authentication required.\r\n',
    cause: 'NOAUTH'
  },
  'speaks another protocol': {
    response: () => 'HTTP/1.1 400 Bad Request\r\n\r\n',
    greets: () => 'HTTP/1.1 400 Bad Request\r\n\r\n',
    cause: /./
  },
  'responds with lists': { response: () => '*1\r\n$1\r\nx\r\n', cause: 'Redis returned a value of an unexpected type' },
  'never greets': { response: () => undefined, greets: () => undefined, cause: /./, timeout: 20 }
}
for (const [name, { response, greets, cause, timeout }] of Object.entries(misbehaviour)) {
  t.test(`a Redis that ${name}: messages are served, and sessions are not shared`, async t => {
    const { url } = await fakeRedis(t, response, greets)
    const gateway = await opened(t, url, timeout)
    await works(t, gateway)
    t.equal(gateway.sessions.up, false)
    t.equal(gateway.log.length, 1, 'one line, however many messages')
    t.ok(gateway.log[0]!.startsWith(ALONE), gateway.log[0]!)
    t.match(gateway.log[0]!.slice(ALONE.length), cause)
  })
}

t.test('when Redis stops responding, messages are served by local sessions, and it is not tried again at once', async t => {
  let silent = false
  const { url, commands } = await fakeRedis(t, () => (silent ? undefined : NIL))
  const gateway = await opened(t, url, 1_500)
  t.equal(gateway.sessions.up, true)
  await works(t, gateway)
  t.equal(gateway.sessions.up, true)
  silent = true
  const began = commands.length
  const { sessions, group } = gateway
  for (let message = 0; message < 20; message++) {
    t.equal(await sessions.lookup({ kind: 'lookupSession', group, id: '7', bypassCache: false }), 1)
  }
  t.equal(sessions.up, false)
  t.ok(commands.length - began <= 4, `${commands.length - began} questions for 20 messages`)
  t.equal(gateway.log.length, 2)
  t.equal(sessions.fallbacks, 20)
})

t.test(
  'a gateway that stalls for longer than the store timeout uses a result that arrived in time',
  { skip: missing },
  async t => {
    const { url } = await redisServer(t)
    const { sessions, group } = await opened(t, url, 400)
    t.equal(await sessions.bind({ kind: 'bindSession', group, id: '7', memberNumber: 1, expectedOwner: -1 }), 1)
    const fallbacks = sessions.fallbacks
    const recalled = sessions.lookup({ kind: 'lookupSession', group, id: '7', bypassCache: false })
    // The question goes out, and then nothing is read, for less than the second after which the connection is given up.
    await new Promise(resolve => setImmediate(resolve))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800)
    t.equal(await recalled, 1)
    t.equal(sessions.fallbacks, fallbacks)
  }
)

t.test('a message waits for a slow Redis as long as the store timeout says', async t => {
  const { url } = await fakeRedis(t, (_words, socket) => {
    setTimeout(() => socket.write(NIL), 1_300)
    return undefined
  })
  const { sessions, group } = await opened(t, url)
  t.equal(await sessions.lookup({ kind: 'lookupSession', group, id: '7', bypassCache: false }), undefined)
  t.equal(sessions.up, true)
  t.equal(sessions.fallbacks, 0)
})

t.test('each operation is one command', async t => {
  const kept = new Map<string, string>()
  const { url, commands } = await fakeRedis(t, ([command, key, ...words]) => {
    if (/^(get|getex)$/i.test(command!)) return kept.has(key!) ? bulk(kept.get(key!)!) : NIL
    if (/^set$/i.test(command!)) {
      const held = kept.get(key!)
      if (held === undefined) kept.set(key!, words[0]!)
      return held === undefined ? NIL : bulk(held)
    }
    return NIL
  })
  const { sessions, group } = await opened(t, url, 120_000)
  commands.length = 0
  const effect = { group, id: 'very secret', bypassCache: false } as const
  await sessions.lookup({ kind: 'lookupSession', ...effect })
  await sessions.bind({ kind: 'bindSession', ...effect, memberNumber: 0, expectedOwner: -1 })
  await sessions.lookup({ kind: 'lookupSession', ...effect })
  await sessions.bind({ kind: 'bindSession', ...effect, memberNumber: 1, expectedOwner: 0 })
  const key = commands[0]![1]!
  t.match(key, /^proxy-services:session:servers:[\w-]{22}$/)
  t.same(
    commands.map(([command, ...words]) => [command!.toUpperCase(), ...words]),
    [
      ['GET', key],
      ['SET', key, 'A', 'NX', 'GET', 'PX', '600001'],
      ['GET', key],
      ['EVAL', commands[3]![1], '1', key, 'A', 'B', '600001']
    ]
  )
})

t.test('names that hold passwords are not in the store', async t => {
  const { url, commands } = await fakeRedis(t, () => NIL)
  const { sessions } = await opened(t, url, 120_000)
  const { group } = new Registry(Date.now)
    .lease()
    .group('P', 'loadbalance', ['P http://me:pass-word@host/', 'P http://me:another@host/'], {
      sessionPolicy: { timeout: 1000, expiry: 'absolute', maxSessions: 10 }
    })
  for (const memberNumber of [0, 1]) {
    await sessions.bind({
      kind: 'bindSession',
      group: group as SessionGroup,
      id: `${memberNumber}`,
      memberNumber,
      expectedOwner: -1
    })
  }
  const [one, other] = commands.slice(1).map(words => words[2])
  t.match(one, /^sha256:[\w-]{22}$/)
  t.not(one, other)
  t.notMatch(JSON.stringify(commands), /pass-word|another@/)
})

t.test('options are checked, and errors contain no secret', async t => {
  for (const url of ['http://x', 'redis:/', 'user:secret@host:6379', '']) {
    t.throws(() => redisSessions({ url }), { code: 'PROXY_SERVICES_INVALID_SESSION_STORE' })
    try {
      redisSessions({ url })
    } catch (error) {
      t.notMatch((error as Error).message, 'secret')
    }
  }
  t.throws(() => redisSessions({}), /either a url or a client/)
  t.throws(() => redisSessions({ url: 'redis://x', client: { call: async () => null } }), /either a url or a client/)
  const commands: string[][] = []
  const own = redisSessions({
    client: {
      call: async (...words) => {
        commands.push(words)
        return null
      }
    },
    prefix: 'mine:'
  })
  t.equal(own.close, undefined, 'a client that the caller owns stays open')
  t.equal(await own.lookup({ key: 'k', timeout: 5, expiry: 'absolute', maxSessions: 1000 }), null)
  t.same(commands, [['GET', 'mine:k']])
})

/** A client of a host that keeps keys in a map, and scans one key a page. */
function mapClient () {
  const keys = new Map<string, string>()
  const commands: string[][] = []
  const call = async (command: string, ...words: string[]): Promise<unknown> => {
    commands.push([command, ...words])
    const [first = '', , third = '', fourth = '', fifth = ''] = words
    if (command === 'SCAN') {
      const at = Number(first)
      const key = [...keys.keys()][at]
      return [at + 1 < keys.size ? String(at + 1) : '0', key === undefined ? [] : [key]]
    }
    if (command !== 'EVAL') throw new Error(`${command} is not expected`)
    if (keys.get(third) !== fourth) return 0
    keys.set(third, fifth)
    return 1
  }
  return { keys, commands, call }
}

t.test('the owner of all sessions of a member is replaced, on each primary of a cluster', async t => {
  const nodes = [mapClient(), mapClient()]
  nodes[0]!.keys.set('s:g:1', 'one').set('s:g:2', 'two')
  nodes[1]!.keys.set('s:g:3', 'one')
  const call = async (command: string, ...words: string[]): Promise<unknown> => {
    const node = nodes.find(({ keys }) => keys.has(words[2] ?? ''))
    return await (node ?? nodes[0]!).call(command, ...words)
  }
  const store = redisSessions({ client: { call, nodes: () => nodes }, prefix: 's:' })
  t.equal(await store.replaceOwner!('g:', 'one', 'none'), 2)
  t.same(nodes.map(({ keys }) => [...keys.values()]), [['none', 'two'], ['none']])
  t.ok(nodes[0]!.commands.some(words => words.join(' ') === 'SCAN 0 MATCH s:g:* COUNT 1000'))
  await redisSessions({ client: nodes[0]!, prefix: '[*]?' }).replaceOwner!('a*b:', 'one', 'none')
  t.ok(nodes[0]!.commands.some(words => words.join(' ') === 'SCAN 0 MATCH \\[\\*\\]\\?a\\*b:* COUNT 1000'))
})

t.test('a real server: all sessions of a member are released, and keep their lifetime', { skip: missing }, async t => {
  const { url, call } = await redisServer(t)
  const store = redisSessions({ url, prefix: 's:' })
  await store.open!()
  t.teardown(() => store.close!())
  const session = (key: string) => ({ key, timeout: 600_000, expiry: 'sliding' as const })
  for (let count = 0; count < 3000; count++) await store.bind(session(`g:${count}`), count % 3 === 0 ? 'one' : 'two')
  await store.bind(session('h:1'), 'one')
  t.equal(await store.replaceOwner!('g:', 'one', 'none'), 1000)
  t.same(await Promise.all(['g:0', 'g:1', 'h:1'].map(key => store.lookup(session(key)))), ['none', 'two', 'one'])
  const left = Number(await call('PTTL', 's:g:0'))
  t.ok(left > 0 && left <= 600_001)
})
