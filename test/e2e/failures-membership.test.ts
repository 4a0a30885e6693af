import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { explain } from '../../lib/cli/configuration/explain.js'
import { resolveMembersOnce } from '../../lib/cli/configuration/resolve-members.js'
import type { Member, MemberSource } from '../../lib/contracts/discovery.js'
import { createMemberDiscovery } from '../../plugins/discovery/discovery.js'
import type { Definitions } from '../../lib/definitions/model/model.js'
import { parseMembers } from '../../plugins/discovery/file.js'
import { backend } from '../support/backend.js'
import { nameServer } from '../support/http/dns-server.js'
import { gateway } from '../support/gateway.js'
import { until } from '../support/until.js'
import type { Test } from 'tap'

/** Follows one source; each change is awaited, in order. */
function following (
  t: Test,
  source: MemberSource,
  { servers, folder = '.' }: { servers?: readonly string[]; folder?: string } = {}
) {
  const seen: (readonly Member[])[] = []
  const waiting: ((members: readonly Member[]) => void)[] = []
  const lines: string[] = []
  const keeping = (level: string) => (_fields: object, text: string): void => {
    lines.push(`${level}: ${text}`)
  }
  const log = { info: keeping('info'), warn: keeping('warn') }
  const memberships = createMemberDiscovery({ log, baseDir: folder, ...(servers && { servers }) })
  // What looks again keeps no process alive.
  const alive = setInterval(() => {}, 2 ** 30)
  t.teardown(() => {
    clearInterval(alive)
    memberships.close()
  })
  memberships.watch(source, members => {
    const next = waiting.shift()
    if (next === undefined) seen.push(members)
    else next(members)
  })
  void memberships.ready()
  return {
    lines,
    ready: memberships.ready,
    next: async (): Promise<readonly Member[]> =>
      seen.shift() ??
      (await new Promise(resolve => {
        waiting.push(resolve)
      }))
  }
}

t.test(
  'DNS members: all addresses of a name, resolved again after their TTL; they stay while the name server fails',
  async t => {
    const names = await nameServer(t, {
      'backends.test': ['10.0.0.2', '10.0.0.1'],
      'both.test': ['10.0.0.1', 'fd00::1']
    })
    const { next, ready, lines } = following(
      t,
      { dns: 'backends.test', httpPort: 9001 },
      { servers: [names.address] }
    )
    await ready()
    t.strictSame(
      await next(),
      ['10.0.0.1', '10.0.0.2'].map(hostName => ({ hostName, httpPort: 9001, httpsPort: undefined }))
    )
    t.match(await following(t, { dns: 'both.test', httpsPort: 1 }, { servers: [names.address] }).next(), [
      { hostName: '10.0.0.1' },
      { hostName: 'fd00::1', httpsPort: 1 }
    ])
    names.working = false
    await names.queried('A backends.test')
    names.records = { 'backends.test': ['10.0.0.3'] }
    names.working = true
    t.match(await next(), [{ hostName: '10.0.0.3' }], 'no empty list in between')
    names.records = {}
    t.strictSame(await next(), [], 'a name that does not exist has no members')
    t.strictSame(
      lines.filter(line => line.includes(' has ')),
      ['info: backends.test has 2 members', 'info: backends.test has 1 members', 'warn: backends.test has 0 members']
    )
  }
)

t.test('a server that fails is reported once', async t => {
  const names = await nameServer(t, {})
  names.working = false
  const { ready, lines } = following(t, { dns: 'backends.test', httpPort: 1 }, { servers: [names.address] })
  await ready()
  await names.queried('A backends.test')
  t.match(lines, [/^warn: the members of backends\.test cannot be looked up and stay as they are: ESERVFAIL/])
  t.equal(lines.length, 1)
})

t.test('SRV members: the hosts and ports of a service, with priorities and weights', async t => {
  const records = [
    { priority: 5, weight: 7, port: 1, target: 'late.test' },
    { priority: 1, weight: 20, port: 9002, target: 'b.test' },
    { priority: 1, weight: 60, port: 9001, target: 'a.test' }
  ]
  const names = await nameServer(t, { '_http._tcp.backends.test': records })
  const plain = following(t, { srv: '_http._tcp.backends.test' }, { servers: [names.address] })
  t.strictSame(
    await plain.next(),
    [
      { hostName: 'a.test', httpPort: 9001, priority: 1, weight: 3 },
      { hostName: 'b.test', httpPort: 9002, priority: 1, weight: 1 },
      { hostName: 'late.test', httpPort: 1, priority: 5, weight: 1 }
    ],
    'weights are as small as they can be, among equals'
  )
  const secure = following(t, { srv: '_http._tcp.backends.test', scheme: 'https' }, { servers: [names.address] })
  t.match(await secure.next(), [{ hostName: 'a.test', httpsPort: 9001 }, {}, {}])
  const now = async (records: (typeof names.records)[string]): Promise<readonly Member[]> => {
    names.records = { '_http._tcp.other.test': records }
    return await following(t, { srv: '_http._tcp.other.test' }, { servers: [names.address] }).next()
  }
  t.match(
    await now([
      { priority: 0, weight: 9, port: 1, target: 'a.test' },
      { priority: 0, weight: 0, port: 1, target: 'b.test' }
    ]),
    [{ weight: 100 }, { weight: 1 }],
    'a weight of 0 is a very small one'
  )
  t.match(
    await now([
      { priority: 0, weight: 0, port: 1, target: 'a.test' },
      { priority: 0, weight: 0, port: 1, target: 'b.test' }
    ]),
    [{ weight: 1 }, { weight: 1 }]
  )
  t.strictSame(
    await now([
      { priority: 3, weight: 1, port: 1, target: 'a.test' },
      { priority: 2, weight: 1, port: 1, target: 'a.test' }
    ]),
    [{ hostName: 'a.test', httpPort: 1, priority: 2, weight: 1 }],
    'one place is one member'
  )
  t.strictSame(
    await now([{ priority: 0, weight: 0, port: 0, target: '.' }]),
    [],
    'the service is decidedly not there'
  )
})

t.test(
  'SRV members: the lowest priority number serves, by weight; the next one while none of it is ready',
  async t => {
    const [heavy, light, spare] = [await backend(t, 'heavy'), await backend(t, 'light'), await backend(t, 'spare')]
    const record = ({ port }: { port: number }, priority: number, weight: number) => ({
      priority,
      weight,
      port,
      target: 'localhost'
    })
    const names = await nameServer(t, {
      '_http._tcp.backends.test': [record(spare, 2, 1), record(light, 1, 10), record(heavy, 1, 30)]
    })
    const definitions = {
      proxies: {
        P: {
          endpoint: {
            kind: 'dynamicLoadbalance',
            name: 'g',
            algorithm: { kind: 'weightedRoundRobin' },
            membership: { srv: '_http._tcp.backends.test' }
          }
        }
      }
    }
    const { url, app } = await gateway(t, { definitions: definitions as object, dnsServers: [names.address] })
    const send = async (): Promise<string> =>
      /<from>(.*)<\/from>/.exec(
        await (
          await fetch(`${url}/services/P`, {
            method: 'POST',
            body: '<a/>',
            headers: { 'content-type': 'application/xml' }
          })
        ).text()
      )![1]!
    const seen: string[] = []
    for (let message = 0; message < 8; message++) seen.push(await send())
    t.strictSame(seen.sort(), ['heavy', 'heavy', 'heavy', 'heavy', 'heavy', 'heavy', 'light', 'light'])
    await heavy.stop()
    t.strictSame([await send(), await send(), await send(), await send()], ['light', 'light', 'light', 'light'])
    await light.stop()
    t.strictSame([await send(), await send()], ['spare', 'spare'], 'also the message that found it out')
    const back = once(app.endpointRegistry, 'stateChange')
    await light.start()
    await back
    t.strictSame([await send(), await send()], ['light', 'light'], 'and no longer than that')
  }
)

t.test('a file of members is read again when it has changed; an invalid list changes nothing', async t => {
  const folder = t.testdir({ 'members.json': '[{"hostName":"a","httpPort":1}]' })
  const { next, lines } = following(t, { file: 'members.json' }, { folder })
  t.strictSame(await next(), [{ hostName: 'a', httpPort: 1 }])
  await writeFile(join(folder, 'members.json'), '[{"hostName":"a","httpPort":1},')
  const changed = next()
  await new Promise<void>(resolve => {
    const push = lines.push.bind(lines)
    lines.push = (...added) => {
      resolve()
      return push(...added)
    }
  })
  t.match(lines.at(-1), /^warn: the members of members\.json cannot be looked up/)
  await writeFile(join(folder, 'members.json'), '[{"hostName":"b","httpPort":1,"httpsPort":2}]')
  t.strictSame(await changed, [{ hostName: 'b', httpPort: 1, httpsPort: 2 }])
})

t.test('members that a group cannot be built with are reported once, as a failed look-up', async t => {
  const folder = t.testdir({ 'members.json': '[{"hostName":"bad","httpPort":1}]' })
  const lines: string[] = []
  const log = {
    info: (_: object, text: string) => { lines.push(`info: ${text}`) },
    warn: (_: object, text: string) => { lines.push(`warn: ${text}`) }
  }
  const discovery = createMemberDiscovery({ log, baseDir: folder })
  t.teardown(() => discovery.close())
  const built: string[] = []
  discovery.watch({ file: 'members.json' }, members => {
    const names = members.map(({ hostName }) => hostName).join(' ')
    if (names.includes('bad')) throw new Error('a bad member')
    built.push(names)
  })
  await discovery.ready()
  const refused = 'warn: the members of members.json cannot be looked up and stay as they are: a bad member'
  t.strictSame(lines, [refused], 'the group is ready without them')
  await writeFile(join(folder, 'members.json'), '[{"hostName":"good","httpPort":1}]')
  await until(() => built.length > 0)
  t.strictSame([built, lines], [['good'], [refused, 'info: members.json has 1 members']])
})

t.test('a gateway does not start with a dynamic group that cannot be built with any member', async t => {
  const group = { kind: 'dynamicLoadbalance', name: 'g', membership: { file: 'members.json' } }
  const properties = [{ name: 'loadbalance.weight', value: 'heavy' }]
  const algorithm = { kind: 'weightedRoundRobin' }
  const folder = t.testdir({ 'members.json': '[{"hostName":"a","httpPort":1}]' })
  const definitions: object = { proxies: { P: { endpoint: { ...group, algorithm, properties } } } }
  await t.rejects(gateway(t, { definitions, baseDir: folder }), /loadbalance\.weight of .* must be a whole number/)
})

t.test('members are looked up once: their addresses, or why these are unknown', async t => {
  const names = await nameServer(t, {
    '_http._tcp.backends.test': [
      { priority: 2, weight: 20, port: 9002, target: 'b.test' },
      { priority: 1, weight: 60, port: 9001, target: 'a.test' }
    ],
    'both.test': ['10.0.0.1', 'fd00::1']
  })
  const folder = t.testdir({ 'members.json': '[{"hostName":"a","httpPort":1,"httpsPort":2}]' })
  const check = async (sources: readonly MemberSource[]): Promise<[string[], (readonly Member[])[]]> => {
    const { watch, found } = resolveMembersOnce(folder, [names.address], 120_000)
    const announced: (readonly Member[])[] = []
    for (const source of sources) watch(source, members => announced.push(members))
    return [await found(), announced]
  }
  const [lines, announced] = await check([
    { srv: '_http._tcp.backends.test' },
    { dns: 'both.test', httpPort: 8 },
    { dns: 'none.test', httpPort: 8 },
    { file: 'members.json' },
    { file: 'nothing.json' }
  ])
  t.strictSame(lines.slice(0, 4), [
    'the service _http._tcp.backends.test: at this moment ' +
      'a.test:9001 (priority 1, weight 1), b.test:9002 (priority 2, weight 1)',
    'the addresses of both.test: at this moment 10.0.0.1:8, [fd00::1]:8',
    'the addresses of none.test: no members at this moment',
    'the file members.json: at this moment a:1,2'
  ])
  t.match(lines[4], /^the file nothing\.json: the members are unknown \(ENOENT[^]*\), and none are assumed$/)
  t.equal(announced.length, 4)
  names.working = false
  t.match((await check([{ srv: '_http._tcp.backends.test' }]))[0], [
    /^the service _http\._tcp\.backends\.test: the members are unknown \(ESERVFAIL\), and none are assumed$/
  ])
})

t.test('a look-up waits only for a short time for a name server that never responds', async t => {
  const silent = createSocket('udp4')
  t.teardown(() => silent.close())
  await once(silent.bind(0, '127.0.0.1'), 'listening')
  const { watch, found } = resolveMembersOnce('.', [`127.0.0.1:${silent.address().port}`], 100)
  watch({ srv: '_http._tcp.backends.test' }, () => t.fail('there are no members'))
  t.strictSame(await found(), [
    'the service _http._tcp.backends.test: the members are unknown (no result within 0.1 s), and none are assumed'
  ])
})

t.test('explain uses the present members of a dynamic group', async t => {
  const group = (file: string): string =>
    `<definitions xmlns="http://ws.apache.org/ns/synapse"><proxy name="P"><target><inSequence><send><endpoint name="g"><dynamicLoadbalance><membership file="${file}"/></dynamicLoadbalance></endpoint></send></inSequence></target></proxy></definitions>`
  const folder = t.testdir({
    'one.xml': group('members.json'),
    'none.xml': group('nothing.json'),
    'members.json': '[{"hostName":"b","httpPort":9002,"priority":2},{"hostName":"a","httpPort":9001,"priority":1}]'
  })
  const linesOf = async (file: string): Promise<string[]> => {
    const lines = t.capture(console, 'log')
    t.equal(await explain(join(folder, file)), 0)
    return lines().map(({ args }) => String(args[0]))
  }
  t.match(await linesOf('one.xml'), [
    'the file members.json: at this moment a:9001 (priority 1), b:9002 (priority 2)',
    /^P {2}POST/,
    /reads/,
    /^ {2}sends POST http:\/\/a:9001\/services\/P/,
    /^ {2}if that fails, sends POST http:\/\/b:9002\/services\/P/
  ])
  t.match(
    (await linesOf('none.xml')).join('\n'),
    /^the file nothing\.json: the members are unknown \(ENOENT.*\), and none are assumed\n[^]*responds 500/
  )
})

t.test('a file of members is an array of hosts with valid ports, weights and priorities', async t => {
  for (const text of [
    '{}',
    '[1]',
    '[null]',
    '[{"hostName":""}]',
    '[{"hostName":"a"}]',
    '[{"hostName":"a","httpPort":0}]',
    '[{"hostName":"a","httpPort":"1"}]',
    '[{"hostName":"a","httpPort":1,"httpsPort":70000}]',
    '[{"hostName":"a","httpPort":1,"weight":0}]',
    '[{"hostName":"a","httpPort":1,"weight":1.5}]',
    '[{"hostName":"a","httpPort":1,"priority":-1}]'
  ]) {
    t.throws(() => parseMembers(text), /expect/, text)
  }
  t.strictSame(parseMembers('[{"hostName":"a","httpPort":1,"priority":0,"weight":3,"more":1}]'), [
    { hostName: 'a', httpPort: 1, priority: 0, weight: 3 }
  ])
  t.throws(() => parseMembers(JSON.stringify(Array(10_001).fill({ hostName: 'a', httpPort: 1 }))), /at most 10000/)
})

t.test('a dynamic group is ready before the first message, and follows its members', async t => {
  const [one, two] = [await backend(t, 'one'), await backend(t, 'two')]
  const member = ({ port }: { port: number }): object => ({ hostName: '127.0.0.1', httpPort: port })
  const folder = t.testdir({ 'members.json': JSON.stringify([member(one)]) })
  const definitions: Definitions = {
    proxies: { P: { endpoint: { kind: 'dynamicLoadbalance', name: 'g', membership: { file: 'members.json' } } } }
  }
  const { url, app } = await gateway(t, { definitions, baseDir: folder })
  const send = async (): Promise<string> =>
    await (
      await fetch(`${url}/services/P/x?y=1`, {
        method: 'POST',
        body: '<a/>',
        headers: { 'content-type': 'application/xml' }
      })
    ).text()
  t.match(await send(), /one/)
  t.equal(one.requests[0]!.url, '/services/P/x?y=1')
  const { endpoints } = app.endpointRegistry
  const arrived = new Promise<void>(resolve => {
    const set = endpoints.set.bind(endpoints)
    endpoints.set = (name, endpoint) => {
      resolve()
      return set(name, endpoint)
    }
  })
  await writeFile(join(folder, 'members.json'), JSON.stringify([member(two)]))
  await arrived
  t.match(await send(), /two/)
  await app.close()
  t.equal(endpoints.size, 0, 'nothing stays behind')
})
