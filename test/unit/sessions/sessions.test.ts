import t from 'tap'
import { headerOf, valuesOf, type Headers } from '../../../lib/message/headers.js'
import type { SessionAffinity, ClientHeldSession, SessionKind } from '../../../lib/contracts/session-affinity.js'
import type { BuildContext } from '../../../lib/contracts/build-context.js'
import type { Message } from '../../../lib/message/message.js'
import { cookie } from '../../../lib/sessions/cookie.js'
import { header } from '../../../lib/sessions/header.js'
import { http } from '../../../lib/sessions/http.js'
import { simpleClientSession } from '../../../lib/sessions/simple-client-session.js'
import { soap } from '../../../lib/sessions/soap.js'
import { answered, BY_HEADER, from, group, request, simulate } from '../../support/flows/flow-run.js'

let now = 0
const tools = {
  now: () => now,
  environment: name => (name === 'KEYS' ? `${'n'.repeat(32)} ${'o'.repeat(32)}` : undefined)
} as BuildContext
const make = <C>(
  kind: { build: (config: C, tools: BuildContext) => SessionAffinity },
  config: C
): SessionAffinity & SessionKind => kind.build(config, tools) as SessionAffinity & SessionKind

const SOAP: Readonly<Record<'1.1' | '1.2', string>> = {
  1.1: 'http://schemas.xmlsoap.org/soap/envelope/',
  1.2: 'http://www.w3.org/2003/05/soap-envelope'
}
const SYNAPSE = 'http://ws.apache.org/ns/synapse'
const AXIS2 = 'http://ws.apache.org/namespaces/axis2'
const WSA = 'http://www.w3.org/2005/08/addressing'
const envelope = (blocks: string, version: '1.1' | '1.2' = '1.1'): Message => ({
  ...request(['Content-Type', version === '1.1' ? 'text/xml' : 'application/soap+xml']),
  read: true,
  body: {
    kind: 'bytes',
    bytes: Buffer.from(
      `<s:Envelope xmlns:s="${SOAP[version]}"><s:Header>${blocks}</s:Header><s:Body><ClientID xmlns="${SYNAPSE}">no</ClientID></s:Body></s:Envelope>`
    )
  }
})
const textOf = ({ body }: Message): string => (body.kind === 'bytes' ? body.bytes.toString() : '')
const having = (...lines: string[]): Message => request(lines.flatMap(line => ['Cookie', line]))
const setting = (...lines: string[]): Message => ({
  ...request(lines.flatMap(line => ['Set-Cookie', line])),
  direction: 'response',
  status: 200
})

t.test('simpleClientSession reads the id from the ClientID header block', async t => {
  const { idsInRequest, idsInResponse, withoutStaleIds } = make(simpleClientSession, {})
  const id = `<syn:ClientID xmlns:syn="${SYNAPSE}">client0001</syn:ClientID>`
  for (const version of ['1.1', '1.2'] as const) t.same(idsInRequest(envelope(id, version)), ['client0001'])
  t.same(idsInRequest(envelope(`<ClientID xmlns="${SYNAPSE}">\n c1 </ClientID>`)), ['c1'], 'any prefix, trimmed')
  t.same(idsInRequest(envelope(`<ClientID xmlns="${SYNAPSE}">a&amp;<![CDATA[<b>]]></ClientID>`)), ['a&<b>'])
  for (const none of [
    '',
    `<ClientID xmlns="${SYNAPSE}"> </ClientID>`,
    '<ClientID>c1</ClientID>',
    `<clientid xmlns="${SYNAPSE}">c1</clientid>`,
    `<x xmlns="urn:x"><ClientID xmlns="${SYNAPSE}">c1</ClientID></x>`
  ]) { t.same(idsInRequest(envelope(none)), [], none) }
  t.same(idsInRequest(request(['simpleClientSession', '123', 'ClientID', '123'])), [], 'no HTTP header is read')
  t.equal(idsInResponse ?? withoutStaleIds, undefined, 'the client names it')
})

t.test('the session kind header reads the id from an HTTP header', async t => {
  const { idsInRequest, idsInResponse } = make(header, { name: 'X-Session' })
  t.same(idsInRequest(request(['x-session', ' 7 '])), ['7'])
  t.same(idsInRequest(request(['X-Session', ' '])), [])
  t.same(idsInRequest(request(['X-Session', '7', 'X-Session', '8'])), ['7'])
  t.equal(idsInResponse, undefined)
})

t.test('the session kind soap reads Axis2 service group ids of requests and responses', async t => {
  const { idsInRequest, idsInResponse, withoutStaleIds } = make(soap, {})
  const block = (id: string): string => `<a:ServiceGroupId xmlns:a="${AXIS2}">${id}</a:ServiceGroupId>`
  const replyTo = (inside: string, wsa = WSA): string =>
    `<w:ReplyTo xmlns:w="${wsa}"><w:Address>${wsa}/anonymous</w:Address><w:ReferenceParameters>${inside}</w:ReferenceParameters></w:ReplyTo>`
  t.same(idsInRequest(envelope(block(' urn:uuid:1 '))), ['urn:uuid:1'])
  t.same(idsInRequest(envelope(block(''))), [])
  t.same(idsInResponse!(envelope(replyTo(block('urn:uuid:1')), '1.2')), ['urn:uuid:1'])
  for (const none of [
    block('1'),
    replyTo(''),
    replyTo(block(' ')),
    replyTo(`<x xmlns="urn:x">${block('1')}</x>`),
    replyTo(block('1'), 'http://schemas.xmlsoap.org/ws/2004/08/addressing')
  ]) { t.same(idsInResponse!(envelope(none)), [], none) }
  const kept = '<o:Other xmlns:o="urn:o">x</o:Other>'
  t.equal(textOf(withoutStaleIds!(envelope(block('stale') + kept + block('too')))), textOf(envelope(kept)))
  const other = envelope(kept)
  t.equal(withoutStaleIds!(other), other)
  const plain = request()
  t.same([idsInRequest(plain), idsInResponse!(plain), withoutStaleIds!(plain)], [[], [], plain])
})

t.test('the session kind http follows the cookie of the back-end', async t => {
  const { idsInRequest, idsInResponse, withoutStaleIds } = make(http, {})
  const own = make(http, { cookies: ['sid', 'X-S'] })

  t.test('ids are read from the Cookie header of a request', async t => {
    t.same(idsInRequest(having('JSESSIONID=760764CB72E96A7221506823748CF2AE')), [
      'JSESSIONID=760764CB72E96A7221506823748CF2AE'
    ])
    t.same(idsInRequest(having('a=b; PHPSESSID=2;JSESSIONID="1" ; c')), ['PHPSESSID=2', 'JSESSIONID=1'])
    t.same(
      idsInRequest(having('JSESSIONID=1', 'JSESSIONID=2; JSESSIONID=1')),
      ['JSESSIONID=1', 'JSESSIONID=2'],
      'several lines, each id once'
    )
    for (const none of [
      '',
      ';;=;',
      'JSESSIONID',
      'JSESSIONID=',
      'JSESSIONID=""',
      'jsessionid=1',
      'MYJSESSIONID=1',
      'JSESSIONIDSSO=1',
      'a=JSESSIONID=1',
      '__proto__=1'
    ]) { t.same(idsInRequest(having(none)), [], none) }
    t.same(idsInRequest(having('JSESSIONID=a=b==')), ['JSESSIONID=a=b=='])
    t.same(own.idsInRequest(having('JSESSIONID=1; sid=2; X-S=3')), ['sid=2', 'X-S=3'])
    t.equal(
      idsInRequest(having(Array.from({ length: 500 }, (_, at) => `JSESSIONID=${at}`).join(';'))).length,
      8,
      'no more than a few are looked up'
    )
  })
  t.test('ids are read from Set-Cookie of a response', async t => {
    t.same(idsInResponse!(setting('JSESSIONID=7607; Path=/')), ['JSESSIONID=7607'], 'without its attributes')
    t.same(
      idsInResponse!(setting('theme=dark; Path=/', 'PHPSESSID="2"; HttpOnly', 'JSESSIONID=1')),
      ['PHPSESSID=2', 'JSESSIONID=1'],
      'on any of several lines'
    )
    t.same(idsInResponse!(setting('JSESSIONID=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT')), ['JSESSIONID=1'])
    for (const over of [
      'JSESSIONID=; Path=/',
      'PHPSESSID=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/',
      'JSESSIONID=1; MAX-AGE=-1',
      'a=1; Path=/JSESSIONID=2'
    ]) {
      now = 1e12
      t.same(idsInResponse!(setting(over)), [], over)
    }
    t.same(idsInResponse!(setting('JSESSIONID=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT')), [])
    t.same(idsInResponse!(setting('JSESSIONID=1; Expires=whenever')), ['JSESSIONID=1'])
    now = 0
  })
  t.test('only the session cookie is removed when the session is over', async t => {
    const left = (...lines: string[]): Headers =>
      withoutStaleIds!(request(['A', '1', ...lines.flatMap(line => ['cookie', line]), 'B', '2'])).headers
    t.same(left('a=b; JSESSIONID=1;  c="d;'), ['A', '1', 'cookie', 'a=b; c="d', 'B', '2'])
    t.same(left('JSESSIONID=1; PHPSESSID=2'), ['A', '1', 'B', '2'], 'no empty header')
    t.same(left('JSESSIONID=1', 'a=b', 'PHPSESSID=2; c=d'), ['A', '1', 'cookie', 'a=b; c=d', 'B', '2'])
    const none = having('a=b;;c')
    t.equal(withoutStaleIds!(none), none, 'what has none stays as it is')
  })
})

t.test('the session kind cookie keeps the member in a signed cookie', async t => {
  const KEY = 'k'.repeat(32)
  const seal = (
    config: object = {},
    of: { name?: string; members?: string[] } = {}
  ): ((message: Message) => ClientHeldSession) => {
    const affinity = make(cookie, { keys: [KEY], ...config } as never) as unknown as {
      heldByClient: (group: string, members: readonly string[]) => (message: Message) => ClientHeldSession
    }
    return affinity.heldByClient(of.name ?? 'group', of.members ?? ['A', 'B', 'C'])
  }
  const set = (response: Message): string | undefined => headerOf(response.headers, 'set-cookie')
  const given = (
    placing: (message: Message) => ClientHeldSession,
    member: number,
    sent: Message = request()
  ): string => set(placing(sent).markResponse(setting(), member))!.split(';')[0]!
  now = 1_000_000

  t.test('the cookie names the member, and nothing else', async t => {
    const placing = seal()
    for (const member of [0, 1, 2]) t.equal(placing(having(`a=b; ${given(placing, member)}`)).member, member)
    t.match(
      set(placing(request()).markResponse(setting(), 1)),
      /^member-[\w-]{8}=[\w-]{12}\.[0-9a-z]+\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/
    )
    t.match(set(placing({ ...request(), secure: true }).markResponse(setting(), 1)), /; Secure$/)
    t.match(
      set(seal({ name: 'route', path: '/services' })(request()).markResponse(setting(), 1)),
      /^route=.*; Path=\/services; /
    )
    t.same(
      valuesOf(placing(request()).markResponse(setting('JSESSIONID=1'), 1).headers, 'set-cookie').length,
      2,
      'beside those of the server'
    )
    t.notMatch(Buffer.from(given(placing, 0).split('=')[1]!, 'base64url').toString('latin1'), /group|loadbalance/)
  })
  t.test('the cookie is not forwarded to members', async t => {
    const placing = seal()
    t.equal(headerOf(placing(having(`a=b; ${given(placing, 0)}`)).request.headers, 'cookie'), 'a=b')
    t.equal(headerOf(placing(having(given(placing, 0))).request.headers, 'cookie'), undefined)
    const other = having('a=b')
    t.equal(placing(other).request, other)
  })
  t.test('the cookie survives a restart, and changes of other members', async t => {
    const value = given(seal(), 1)
    t.equal(seal()(having(value)).member, 1)
    t.equal(seal({}, { members: ['X', 'B', 'Y', 'A'] })(having(value)).member, 1)
    t.equal(seal({}, { members: ['B'] })(having(value)).member, 0)
    t.equal(seal({}, { members: ['A', 'C'] })(having(value)).member, -1, 'not its own member going')
  })
  t.test('the cookie is valid for one group only', async t => {
    const name = 'route'
    t.equal(seal({ name }, { name: 'one' })(having(given(seal({ name }, { name: 'one' }), 1))).member, 1)
    t.equal(seal({ name }, { name: 'other' })(having(given(seal({ name }, { name: 'one' }), 1))).member, -1)
    t.not(
      given(seal({}, { name: 'one' }), 1).split('=')[0],
      given(seal({}, { name: 'other' }), 1).split('=')[0],
      "groups on one host do not overwrite each other's"
    )
  })
  t.test('a forged cookie is ignored', async t => {
    const placing = seal()
    const value = given(placing, 1)
    t.equal(placing(having(value)).member, 1)
    for (let at = value.indexOf('=') + 1; at < value.length; at++) {
      for (const other of ['A', 'B', '.', '0']) {
        if (value[at] === other) continue
        const changed = value.slice(0, at) + other + value.slice(at + 1)
        // The last character of the signature has two bits that say nothing.
        if (at === value.length - 1) continue
        t.equal(placing(having(changed)).member, -1)
      }
    }
    for (const none of ['', '..', 'a.b.c', value.split('=')[1]!.slice(0, -1), 'x'.repeat(10_000)]) { t.equal(placing(having(`${value.split('=')[0]}=${none}`)).member, -1) }
    t.equal(seal({ keys: ['x'.repeat(32)] })(having(value)).member, -1)
    const [print, time, signature] = value.split('=')[1]!.split('.')
    const [otherPrint] = given(placing, 2).split('=')[1]!.split('.')
    t.equal(placing(having(`${value.split('=')[0]}=${otherPrint}.${time}.${signature}`)).member, -1)
    t.equal(placing(having(`${value.split('=')[0]}=${print}.${time}0.${signature}`)).member, -1)
  })
  t.test('keys are changed without losing a session', async t => {
    const [old, next] = ['o'.repeat(32), 'n'.repeat(32)]
    const value = given(seal({ keys: [old] }), 1)
    const both = seal({ keys: [next, old] })
    t.equal(both(having(value)).member, 1)
    const renewed = given(both, 1, having(value))
    t.ok(renewed, 'and rewritten with the first one')
    t.equal(seal({ keys: [next] })(having(renewed)).member, 1)
    t.equal(seal({ keys: [next] })(having(value)).member, -1)
    t.equal(seal({ keys: ['$SYSTEM:KEYS'] })(having(value)).member, 1, 'keys may come from the environment')
  })
  t.test('the cookie lasts two minutes from the last use', async t => {
    const placing = seal()
    const value = given(placing, 1)
    now += 29_999
    t.equal(
      set(placing(having(value)).markResponse(setting(), 1)),
      undefined,
      'it is not rewritten with every response'
    )
    now += 1
    const renewed = given(placing, 1, having(value))
    t.not(renewed, value)
    now += 90_000
    t.equal(placing(having(value)).member, 1)
    now += 1
    t.equal(placing(having(value)).member, -1)
    t.equal(placing(having(renewed)).member, 1)
  })
  t.test('the time counts from the last message or from the binding', async t => {
    const placing = seal({ expiry: 'absolute', sessionTimeout: 1000 })
    const value = given(placing, 1)
    now += 1000
    t.equal(placing(having(value)).member, 1)
    t.equal(set(placing(having(value)).markResponse(setting(), 1)), undefined)
    now += 1
    t.equal(placing(having(value)).member, -1)
    t.test('a cookie of an old key is valid while the key is listed', async t => {
      const old = given(seal({ expiry: 'absolute' }), 1)
      now += 60_000
      const rotated = seal({ expiry: 'absolute', keys: ['n'.repeat(32), KEY] })
      const renewed = given(rotated, 1, having(old))
      now += 60_001
      t.equal(rotated(having(renewed)).member, -1)
    })
  })
  t.test('cookie: a session that moves gets a new cookie', async t => {
    const placing = seal()
    t.equal(placing(having(given(placing, 2, having(given(placing, 1))))).member, 2)
  })
  t.test('invalid keys are refused', async t => {
    t.throws(() => seal({ keys: ['short'] }), { message: 'a key of a cookie must have at least 32 characters' })
    t.throws(() => seal({ keys: ['$SYSTEM:NONE'] }), { message: 'the environment variable NONE holds no keys' })
  })
  t.test('a group follows the cookie', async t => {
    const session = { kind: 'cookie', keys: [KEY] }
    const build = (more: object = {}) =>
      simulate(group('loadbalance', ['A', 'B', 'C'], { session: { ...session, ...more } }), {
        clock: { now: 5_000_000 }
      })
    const cookieFrom = (run: ReturnType<ReturnType<typeof build>['play']>): Message =>
      having(set((run.end as { message: Message }).message)!.split(';')[0]!)
    const setup = build()
    setup.play(request(), answered())
    const mine = cookieFrom(setup.play(request(), answered()))
    for (const again of [setup, build()]) t.same(again.play(mine, answered()).calls, ['B'])
    t.equal(setup.registry.groups.get('loadbalance')!.sessions, undefined, 'without a table')
    t.match(
      setup.play(mine, { kind: 'failed', fault: { code: 101503, reason: 'down' }, retry: 'any' }),
      { calls: ['B'], over: true },
      'it waits for its member'
    )
    t.match(setup.send(mine).end, { kind: 'refused', fault: { code: 309001, subject: 'B' } })
    const large = { code: 101501, reason: 'too large', requestSent: true }
    t.match(
      build().play(mine, { kind: 'refused', fault: large }).end,
      { kind: 'refused', fault: large },
      'its member was ready, but for us the response was too large'
    )
    const moving = build({ onLost: 'redispatch' })
    moving.play(mine, { kind: 'failed', fault: { code: 101503, reason: 'down' }, retry: 'any' })
    const moved = moving.play(mine, answered())
    t.not(moved.calls[0], 'B')
    t.same(moving.play(cookieFrom(moved), answered()).calls, moved.calls)
  })
})

t.test('settings of sessions are checked', async t => {
  t.match(make(header, { name: 'X' }), { policy: { timeout: 120_000, expiry: 'sliding' }, onLost: 'strict' })
  t.match(make(header, { name: 'X', sessionTimeout: 5, expiry: 'absolute', maxSessions: 7, onLost: 'redispatch' }), {
    policy: { timeout: 5, expiry: 'absolute', maxSessions: 7 },
    onLost: 'redispatch'
  })
  t.test('each group has sessions of its own', async t => {
    const [one, other] = [1, 2].map(() => simulate(group('loadbalance', ['A', 'B'], { session: BY_HEADER })))
    one!.play(from('7'), answered())
    t.equal(other!.registry.groups.get('loadbalance')!.sessions!.size, 0)
  })
})
