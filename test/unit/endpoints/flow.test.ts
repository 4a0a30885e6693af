import t, { type Test } from 'tap'
import { CODES, fault } from '../../../lib/message/fault.js'
import { DEFAULT_POLICY, transition, ACTIVE, matchesCode } from '../../../lib/state/suspension.js'
import { suspensionPolicyOf } from '../../../lib/endpoints/settings/endpoint-policies.js'
import { headerOf } from '../../../lib/message/headers.js'
import type { Member, WatchMembers } from '../../../lib/contracts/discovery.js'
import type { ConfigurationError, Problem } from '../../../lib/definitions/model/problem.js'
import {
  answered,
  around,
  requestsOf,
  failed,
  play,
  program,
  request,
  textOf
} from '../../support/flows/endpoint-harness.js'

const A = '<endpoint name="a"><address uri="http://a:1/x"/></endpoint>'
const B = '<endpoint name="b"><address uri="http://b:1/x"/></endpoint>'
const code = (message: Parameters<typeof textOf>[0]): string =>
  /(\d+)<\/code>/.exec(textOf(message))?.[1] ?? textOf(message)

t.test('error codes decide what is counted, what suspends, and what is retried at another member', async t => {
  const stateAfter = (error: number, definition: object): string =>
    transition(
      ACTIVE,
      { kind: 'fault', fault: { code: error, reason: 'x' } },
      { ...suspensionPolicyOf(definition), retriesBeforeSuspension: 1 },
      0
    ).state
  t.equal(stateAfter(101504, {}), 'timeout', 'a response timeout is counted')
  t.equal(stateAfter(101505, {}), 'timeout', 'a connection timeout is counted')
  const marked = { markForSuspension: { errorCodes: [101504, 911911] } }
  t.strictSame(
    [101504, 911911, 101505].map(error => stateAfter(error, marked)),
    ['timeout', 'timeout', 'suspended'],
    'the list replaces the defaults'
  )
  t.equal(stateAfter(911911, {}), 'suspended', 'any other code suspends')
  const listed = { suspendOnFailure: { errorCodes: [911911] }, markForSuspension: { errorCodes: [1] } }
  t.strictSame(
    [101504, 911911].map(error => stateAfter(error, listed)),
    ['active', 'suspended'],
    'only the listed codes suspend'
  )
  t.ok(
    matchesCode([101508], fault('CONNECTION_CLOSED', 'x', { passThroughCode: 101508 })),
    'a list may name what the real transport shows'
  )
  const group = (retry: string): string =>
    around(
      `<endpoint><failover><endpoint name="a"><address uri="http://a:1/x">${retry}</address></endpoint>${B}</failover></endpoint>`
    )
  const tries = (retry: string): number =>
    play(program(group(retry)), request(), (call, number) => (number === 0 ? failed() : answered(call))).calls.length
  t.equal(tries(''), 2, 'every code is retried by default')
  t.equal(tries('<retryConfig><disabledErrorCodes>101503</disabledErrorCodes></retryConfig>'), 1, 'a disabled code is not retried')
  t.equal(tries('<retryConfig><enabledErrorCodes>101504</enabledErrorCodes></retryConfig>'), 1, 'a code that is not enabled is not retried')
  t.equal(tries('<retryConfig><enabledErrorCodes>101503</enabledErrorCodes></retryConfig>'), 2, 'an enabled code is retried')
})

t.test('defaults apply to unset fields of an endpoint; the option takes precedence over the configuration', async t => {
  const text = (more = ''): string =>
    around(`<endpoint name="a"><address uri="http://a:1/">${more}</address></endpoint>`)
  const settings = (given: Parameters<typeof program>[0], defaults = {}): object => {
    const one = program(given, { endpointDefaults: defaults })
    const { timeout } = play(one, request()).calls[0]!.options
    const { initialDuration, progressionFactor } = one.lease.registry.endpoints.get('a')!.policy
    return { timeout, initialDuration, progressionFactor }
  }
  t.strictSame(settings(text()), {
    timeout: 0,
    initialDuration: DEFAULT_POLICY.initialDuration,
    progressionFactor: 1
  })
  t.strictSame(settings(text(), { timeout: 60_000, suspendDuration: 20_000, progressionFactor: 2 }), {
    timeout: 60_000,
    initialDuration: 20_000,
    progressionFactor: 2
  })
  t.strictSame(
    settings(
      text(
        '<timeout><duration>0</duration></timeout><suspendOnFailure><initialDuration>1</initialDuration></suspendOnFailure>'
      ),
      { timeout: 60_000, suspendDuration: 20_000 }
    ),
    { timeout: 0, initialDuration: 1, progressionFactor: 1 }
  )
  t.match(settings(text('<timeout><responseAction>fault</responseAction></timeout>')), { timeout: 30_000 })
  const json = {
    defaults: { timeout: 5, suspendDuration: 7 },
    proxies: { P: { endpoint: { kind: 'address', name: 'a', uri: 'http://a:1/' } } }
  }
  t.match(settings(json), { timeout: 5, initialDuration: 7 })
  t.match(settings(json, { timeout: 6 }), { timeout: 6, initialDuration: 7 })
})

t.test('a late response that is discarded: 202, no other member is tried, and it counts', async t => {
  const text = (action: string): string =>
    around(
      `<endpoint onError="never"><failover><endpoint name="a"><address uri="http://a:1/"><timeout><duration>5</duration><responseAction>${action}</responseAction></timeout></address></endpoint>${B}</failover></endpoint>`,
      '<sequence name="never"><makefault version="soap11"><code value="t:x" xmlns:t="urn:t"/><reason value="no"/></makefault></sequence>'
    )
  const late = (action: string, error: 'CONNECTION_TIMEOUT' | 'CONNECTION_FAILED' = 'CONNECTION_TIMEOUT') => {
    const one = program(text(action))
    return {
      ...play(one, request(), (call, number) => (number === 0 ? failed(error) : answered(call))),
      state: one.lease.registry.endpoints.get('a')!.health.state
    }
  }
  t.match(late('discard'), {
    calls: [{ origin: 'http://a:1' }],
    response: { status: 202, body: { kind: 'none' } },
    state: 'suspended'
  })
  t.equal(late('discard').calls.length, 1)
  t.match(late('fault'), { calls: [{ origin: 'http://a:1' }, { origin: 'http://b:1' }], response: { status: 200 } })
  t.match(
    late('discard', 'CONNECTION_FAILED'),
    { calls: [{}, { origin: 'http://b:1' }], response: { status: 200 } },
    'only what is late'
  )
})

t.test(
  "properties are set on what is sent, in every scope; those of a group reach its members; a member's stay its own",
  async t => {
    const text = around(`<endpoint><failover>
    <endpoint name="a"><address uri="http://a:1/"/><property name="X-Mine" value="a" scope="transport"/></endpoint>
    <endpoint name="b"><address uri="http://b:1/\${where}"/><property name="X-Path" expression="concat(get-property('where'), '!')" scope="transport"/><property name="in" value="axis" scope="axis2"/></endpoint>
    </failover><property name="where" value="group"/></endpoint>`)
    const one = program(text)
    const { calls, response } = play(one, request(), (call, number) => (number === 0 ? failed() : answered(call)))
    t.strictSame(requestsOf({ calls }), ['POST http://a:1/', 'POST http://b:1/group'])
    t.equal(headerOf(calls[0]!.message.headers, 'x-mine'), 'a')
    t.equal(headerOf(calls[1]!.message.headers, 'x-mine'), undefined)
    t.equal(headerOf(calls[1]!.message.headers, 'x-path'), 'group!')
    t.match(calls[1]!.message.axis2, { in: 'axis' })
    t.match(response.properties, { where: 'group' }, 'and survive into the response')
    t.equal(
      program(around('<endpoint><default/><property name="a" expression="//x"/></endpoint>')).services.get('P')!.reads
        .request,
      'body'
    )
  }
)

t.test('placeholders in an address are replaced; one without a value stays', async t => {
  const text = around('<endpoint><address uri="http://a:1/${one}/${two}/${toString}"/></endpoint>')
  t.strictSame(requestsOf(play(program(text), request({ properties: { one: '1', two: { xml: '<x/>' } } }))), [
    'POST http://a:1/1/$%7Btwo%7D/$%7BtoString%7D'
  ])
  const host = program(around('<endpoint name="h"><address uri="http://${host}/"/></endpoint>'))
  for (const name of ['x', 'y', 'x']) play(host, request({ properties: { host: name } }), () => failed())
  t.strictSame(
    [...host.lease.registry.endpoints].map(([name, { health, failures: failed }]) => [name, health.state, failed]),
    [
      ['h http://x', 'suspended', 1],
      ['h http://y', 'suspended', 1]
    ],
    'each host has a state of its own'
  )
})

t.test('hosts named by messages: the state of the least recently used one is given up for a new one', async t => {
  const one = program(around('<endpoint name="h"><default/></endpoint>'))
  const to = (host: string) => request({ addressing: { to: `http://${host}/` } })
  const states = one.lease.registry.endpoints
  play(one, to('busy'), () => failed())
  play(one, to('rare'), () => failed())
  for (let host = 0; host < 1100; host++) {
    if (play(one, to(`h${host}`)).calls.length !== 1) t.fail('a new host receives its message')
    if (play(one, to('busy')).calls.length === 0) continue
    t.fail(`a host in use loses its suspension after ${host} others`)
    break
  }
  t.equal(states.size, 1000)
  t.equal(states.get('h http://busy')!.health.state, 'suspended')
  t.equal(states.get('h http://rare'), undefined)
})

t.test('no endpoint to send to: a fault, and no endpoint is suspended', async t => {
  t.match(play(program(around('<endpoint><default/></endpoint>')), request()), { calls: [], response: { status: 500 } })
  t.equal(
    code(
      play(
        program(around('<endpoint><address uri="nonsense"/></endpoint>')),
        request({
          headers: ['Content-Type', 'text/xml'],
          body: {
            kind: 'bytes',
            bytes: Buffer.from(
              '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>'
            )
          }
        })
      ).response
    ),
    '0'
  )
  const soap = request({
    headers: ['Content-Type', 'text/xml'],
    body: {
      kind: 'bytes',
      bytes: Buffer.from('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>')
    }
  })
  t.equal(code(play(program(around('<endpoint key="noone"/>')), soap).response), String(CODES.UNKNOWN_ENDPOINT))
})

t.test(
  'another encoding: the type and the declaration name it, characters that it lacks become references',
  async t => {
    const encoded = (encoding: string, text: string, type = 'application/xml'): [string | undefined, Buffer] => {
      const { message } = play(
        program(around(`<endpoint><address uri="http://a:1/" encoding="${encoding}"/></endpoint>`)),
        request({ headers: ['Content-Type', type], body: { kind: 'bytes', bytes: Buffer.from(text) } })
      ).calls[0]!
      return [
        headerOf(message.headers, 'content-type'),
        message.body.kind === 'bytes' ? message.body.bytes : Buffer.alloc(0)
      ]
    }
    t.strictSame(encoded('ISO-8859-1', '<?xml version="1.0" encoding="utf-8"?><a>é€𝄞</a>'), [
      'application/xml; charset=ISO-8859-1',
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9&#8364;&#119070;</a>', 'latin1')
    ])
    t.strictSame(encoded('us-ascii', '<a>é</a>', 'text/xml; charset="utf-8"'), [
      'text/xml; charset=us-ascii',
      Buffer.from('<a>&#233;</a>')
    ])
    t.strictSame(encoded('UTF-8', '<a>é</a>'), ['application/xml; charset=UTF-8', Buffer.from('<a>é</a>')])
    t.strictSame(
      encoded('ISO-8859-1', '{"é":1}', 'application/json'),
      ['application/json', Buffer.from('{"é":1}')],
      'only XML'
    )
  }
)

t.test('a key expression picks among named endpoints, whose needs are its own', async t => {
  const text = around(
    '<endpoint key-expression="get-property(\'k\')"/>',
    `${A}<endpoint name="b"><address uri="http://b:1/x"><enableAddressing/></address></endpoint>`
  )
  const one = program(text)
  t.strictSame(requestsOf(play(one, request({ properties: { k: 'a' } }))), ['POST http://a:1/x'])
  t.strictSame(requestsOf(play(one, request({ properties: { k: ' b ' } }))), ['POST http://b:1/x'])
  for (const k of ['c', '', '__proto__', 'constructor']) {
    t.match(play(one, request({ properties: { k } })), { calls: [], response: { status: 500 } }, k)
  }
  t.strictSame(one.services.get('P')!.reads, { request: 'header', response: 'header' })
})

t.test('member-target: members get the scheme, path and query of the client, and are out until they listen', async t => {
  const one = program(
    around(
      '<endpoint name="g"><loadbalance><member hostName="a" httpPort="1" httpsPort="2"/><member hostName="::1" httpPort="3"/></loadbalance></endpoint>'
    )
  )
  const to = (message: object) =>
    requestsOf(play(one, request({ addressing: { to: '/services/P/x?y=1' }, path: '/x', query: '?y=1', ...message })))
  t.strictSame(to({}), ['POST http://a:1/services/P/x?y=1'])
  t.strictSame(to({}), ['POST http://[::1]:3/services/P/x?y=1'])
  t.strictSame(to({ secure: true }), ['POST https://a:2/services/P/x?y=1'])
  t.strictSame(to({ secure: true }), ['POST http://[::1]:3/services/P/x?y=1'], 'the only port that it has')
  t.strictSame(
    to({ addressing: { to: 'http://elsewhere/services/Other?z' } }),
    ['POST http://a:1/services/Other?z'],
    'To may be set'
  )
  const { endpoints } = one.lease.registry
  t.strictSame(
    [...endpoints.values()].map(({ name, checks: { connect } }) => [name, connect]),
    [
      ['P a:1,2', { host: 'a', ports: [1, 2] }],
      ['P [::1]:3', { host: '::1', ports: [3] }]
    ]
  )
  play(one, request(), (call, number) => (number === 0 ? failed() : answered(call)))
  const out = [...endpoints.values()].find(({ health }) => health.state === 'suspended')!
  t.ok((out.health as { retryAt: number }).retryAt > 1e15, 'longer than any client waits')
})

t.test(
  'each recipient gets the message; the client gets the first response, and a fault only if none responds',
  async t => {
    const list = (more = ''): string =>
      around(
        `<endpoint><recipientlist>${A}${B}<endpoint><loadbalance><endpoint><address uri="http://c:1/x"/></endpoint></loadbalance></endpoint></recipientlist>${more}</endpoint>`
      )
    const one = program(list())
    t.equal(one.services.get('P')!.reads.request, 'body', 'all of it')
    const all = play(one, request(), call => answered(call, `<from>${call.origin}</from>`))
    t.strictSame(requestsOf(all), ['POST http://a:1/x', 'POST http://b:1/x', 'POST http://c:1/x'])
    t.strictSame(
      all.calls.map(({ message }) => textOf(message)),
      ['<a/>', '<a/>', '<a/>']
    )
    t.equal(textOf(all.response), '<from>http://a:1</from>')
    t.equal(
      textOf(play(one, request(), call => (call.origin === 'http://b:1' ? answered(call, '<b/>') : failed())).response),
      '<b/>'
    )
    t.match(
      play(one, request(), () => failed()),
      { calls: [{ origin: 'http://b:1' }], response: { status: 503 } },
      'who is suspended is left out'
    )
    t.match(play(one, request()), { calls: [], response: { status: 503 } })
  }
)

t.test('a recipient list may come from the message', async t => {
  const given = program(
    around(
      '<endpoint><recipientlist><endpoints value="http://a:1/x, http://b:1/y ,,nonsense"/></recipientlist></endpoint>'
    )
  )
  t.strictSame(requestsOf(play(given, request())), ['POST http://a:1/x', 'POST http://b:1/y'])
  const computed = program(
    around('<endpoint><recipientlist><endpoints value="{//to}" max-cache="1"/></recipientlist></endpoint>')
  )
  const naming = (to: string) => request({ body: { kind: 'bytes', bytes: Buffer.from(`<a><to>${to}</to></a>`) } })
  t.strictSame(requestsOf(play(computed, naming('http://a:1/x,http://b:1/'))), ['POST http://a:1/x', 'POST http://b:1/'])
  t.equal(
    play(computed, naming(Array.from({ length: 1000 }, (_, n) => `http://h${n}/`).join(','))).calls.length,
    100,
    'bounded'
  )
})

/** A group whose members the test changes. */
function dynamic (t: Test, session = '', clock = { now: 0 }) {
  let announce: (members: readonly Member[]) => void = () => {}
  const membership: WatchMembers = (source, changed) => {
    t.strictSame(source, { dns: 'backends', httpPort: 1 })
    announce = changed
    return () => {}
  }
  const one = program(
    around(
      `<endpoint name="g">${session}<dynamicLoadbalance><membership dns="backends" httpPort="1"><timeout><duration>7</duration></timeout></membership></dynamicLoadbalance></endpoint>`
    ),
    { watchMembers: membership, now: () => clock.now }
  )
  const { registry } = one.lease
  return {
    one,
    clock,
    registry,
    members: (...names: string[]) => announce(names.map(hostName => ({ hostName, httpPort: 1 }))),
    send: (client?: string, response = answered) =>
      play(one, client === undefined ? request() : soap(client), call => response(call)),
    states: () => Object.fromEntries([...registry.endpoints.values()].map(({ name, health }) => [name, health.state]))
  }
}
const soap = (client: string) =>
  request({
    headers: ['Content-Type', 'text/xml'],
    body: {
      kind: 'bytes',
      bytes: Buffer.from(
        `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><c:ClientID xmlns:c="http://ws.apache.org/ns/synapse">${client}</c:ClientID></s:Header><s:Body/></s:Envelope>`
      )
    }
  })

t.test('members come and go; what stays keeps its state', async t => {
  const { members, send, states, registry } = dynamic(t)
  t.match(send(), { calls: [], response: { status: 503 } }, 'no member yet')
  members('a', 'b')
  t.strictSame([requestsOf(send()), requestsOf(send()), requestsOf(send())].flat(), [
    'POST http://a:1/services/P',
    'POST http://b:1/services/P',
    'POST http://a:1/services/P'
  ])
  t.equal(send().calls[0]!.options.timeout, 7)
  send(undefined, () => failed())
  t.strictSame(states(), { 'g a:1': 'suspended', 'g b:1': 'suspended' })
  members('b', 'c')
  t.strictSame(states(), { 'g b:1': 'suspended', 'g c:1': 'active' }, 'without sessions, a member that has left is removed')
  t.strictSame(requestsOf(send()), ['POST http://c:1/services/P'])
  members()
  t.match(send(), { calls: [], response: { status: 503 } })
  t.strictSame([...registry.endpoints], [])
})

t.test('members have priorities and weights, and both may change', async t => {
  let announce: (members: readonly Member[]) => void = () => {}
  const group =
    '<endpoint name="g"><session type="simpleClientSession"/><dynamicLoadbalance algorithm="weightedRoundRobin"><membership srv="_http._tcp.x"/></dynamicLoadbalance></endpoint>'
  const one = program(around(group), {
    watchMembers: (_, changed) => {
      announce = changed
      return () => {}
    }
  })
  const send = (messages: number, client?: string, response = answered): string =>
    Array.from({ length: messages }, () =>
      play(one, client === undefined ? request() : soap(client), call => response(call))
        .calls.map(({ origin }) => origin.at(-3))
        .join('')
    ).join(' ')
  const members = (a: object, b: object, c: object): void =>
    announce([a, b, c].map((more, at) => ({ hostName: 'abc'[at]!, httpPort: 1, ...more })))
  members({ priority: 1, weight: 2 }, { priority: 1 }, { priority: 2, weight: 9 })
  t.equal(send(6), 'a a b a a b')
  const down = (name: string) => (call: Parameters<typeof answered>[0]) =>
    call.origin.includes(name) ? failed() : answered(call)
  t.equal(send(1, undefined, down('a')), 'ab')
  t.equal(send(2), 'b b')
  t.equal(send(1, undefined, down('b')), 'bc')
  t.equal(send(2, '7'), 'c c')
  one.lease.registry.switchOn('g')
  t.equal(send(3), 'a a b')
  t.equal(send(2, '7'), 'c c', 'a session stays where it began')
  members({ priority: 1, weight: 1 }, { priority: 1 }, { priority: 0 })
  t.equal(send(3), 'c c c')
  t.equal(send(2, '7'), 'c c')
})

t.test('a member that was removed serves its sessions, and no others, for as long as a session lasts', async t => {
  const { members, send, states, clock, one, registry } = dynamic(
    t,
    '<session type="simpleClientSession"><sessionTimeout>1000</sessionTimeout></session>'
  )
  const to = (client: string): string => requestsOf(send(client)).join()
  members('a', 'b')
  t.equal(to('1'), 'POST http://a:1/services/P')
  t.match(to('2'), /b:1/)
  members('b')
  t.strictSame(states(), { 'g b:1': 'active', 'g a:1': 'draining' })
  t.match(to('1'), /a:1/, 'its own session')
  t.match(to('3'), /b:1/)
  t.match(to('4'), /b:1/)
  members('a', 'b')
  t.strictSame(states(), { 'g a:1': 'active', 'g b:1': 'active' }, 'it is back')
  members('b')
  clock.now = 999
  t.match(to('1'), /a:1/)
  clock.now = 1000
  t.match(to('1'), /b:1/, 'then its sessions start over')
  t.strictSame(states(), { 'g b:1': 'active' })
  registry.release(one.lease)
  t.strictSame([registry.endpoints.size, registry.groups.size], [0, 0], 'nothing stays when the program is over')
})

t.test('a member that was switched off by hand is off when it comes back', async t => {
  const { members, states, registry } = dynamic(t, '<session type="simpleClientSession"/>')
  members('a', 'b')
  registry.switchOff('g a:1')
  members('b')
  members('a', 'b')
  t.strictSame(states(), { 'g a:1': 'off', 'g b:1': 'active' })
})

t.test('what no member of a dynamic group can be built with is a problem of the configuration', async t => {
  const problemOf = (group: string, runtime?: Parameters<typeof program>[1]): Problem | undefined => {
    try {
      program(around(`\n<endpoint name="g">${group}</endpoint>`), runtime)
      return undefined
    } catch (error) {
      t.equal((error as ConfigurationError).problems.length, 1)
      return (error as ConfigurationError).problems[0]
    }
  }
  const weight = (value: string): string =>
    '<dynamicLoadbalance algorithm="weightedRoundRobin"><membership srv="_http._tcp.x"/></dynamicLoadbalance>' +
    `<property name="loadbalance.weight" value="${value}"/>`
  t.match(problemOf(weight('heavy')), {
    line: 2,
    message: 'loadbalance.weight of g member:80 must be a whole number of at least 1, not "heavy"'
  })
  t.equal(problemOf(weight('3')), undefined)
  const readFile = (): never => { throw new Error('ENOENT: no such file, open') }
  const secure =
    '<dynamicLoadbalance><membership dns="x" httpsPort="443"><tls ca="missing.pem"/></membership></dynamicLoadbalance>'
  t.match(problemOf(secure, { readFile }), {
    line: 2,
    message: 'tls.ca: the file "missing.pem" cannot be read: ENOENT: no such file'
  })
})

t.test('members that a dynamic group cannot be built with change nothing', async t => {
  const { members, send, states, registry, clock } = dynamic(
    t,
    '<session type="simpleClientSession"><sessionTimeout>1000</sessionTimeout></session>'
  )
  members('a', 'b')
  const to = (client: string): string => requestsOf(send(client)).join()
  t.match(to('1'), /a:1/)
  const before = registry.groups.get('g')
  for (let count = 0; count < 3; count++) t.throws(() => members('b', '$SYSTEM:UNSET'), /UNSET/)
  t.equal(registry.groups.get('g'), before)
  t.strictSame(states(), { 'g a:1': 'active', 'g b:1': 'active' }, 'no member drains')
  t.match(to('1'), /a:1/)
  t.match(to('2'), /b:1/)
  members('b')
  t.strictSame(states(), { 'g b:1': 'active', 'g a:1': 'draining' })
  clock.now = 1000
  t.match(to('1'), /b:1/)
  t.strictSame(states(), { 'g b:1': 'active' }, 'and no lease of an attempt keeps a member')
})

t.test('the files of a dynamic group are read once, however often its members change', async t => {
  let announce: (members: readonly Member[]) => void = () => {}
  let reads = 0
  const group =
    '<dynamicLoadbalance><membership dns="x" httpsPort="443"><tls ca="ca.pem"/></membership></dynamicLoadbalance>'
  const one = program(around(`<endpoint name="g">${group}</endpoint>`), {
    readFile: () => `-----BEGIN CERTIFICATE-----${++reads}`,
    watchMembers: (_, changed) => {
      announce = changed
      return () => {}
    }
  })
  for (const names of ['a', 'ab', 'bc']) announce([...names].map(hostName => ({ hostName, httpsPort: 443 })))
  t.equal(reads, 1)
  t.equal(play(one, request()).calls[0]!.options.tls?.ca, '-----BEGIN CERTIFICATE-----1')
})

t.test('a configuration that has ended adds no state when its last messages find members whose time is over', async t => {
  const { members, send, one, registry, clock } = dynamic(
    t,
    '<session type="simpleClientSession"><sessionTimeout>1000</sessionTimeout></session>'
  )
  members('a', 'b')
  members('b')
  registry.release(one.lease)
  clock.now = 1000
  t.match(requestsOf(send('1')), [/b:1/])
  t.strictSame([registry.endpoints.size, registry.groups.size], [0, 0])
})
