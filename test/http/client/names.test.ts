import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { ConnectionPool } from '../../../plugins/http/client/connection-pool.js'
import { DnsNameResolver, type NameResolver } from '../../../plugins/http/client/names/name-resolver.js'
import { SystemFile } from '../../../plugins/http/client/names/system-file.js'
import {
  type ResolvedAddress, candidates, localAddresses, parseHosts, parseSearchRules
} from '../../../plugins/http/client/names/system-names.js'
import { nameServer } from '../../support/http/dns-server.js'
import { fullListener } from './full-listener.js'
import { until } from '../../support/until.js'
import { respond, scriptedServer } from './scripted-server.js'
import { send, Sending } from './sending.js'

/** Lets milliseconds pass for the code under test at once. */
const pass = (milliseconds: number): void => {
  const before = performance.now.bind(performance)
  performance.now = () => before() + milliseconds
}

type Found = readonly [kind: string | undefined, addresses: readonly string[]]

const resolve = (resolver: NameResolver, name: string): Promise<Found> => new Promise(resolve => {
  resolver.resolve(name, (failed, addresses) => resolve([failed?.kind, addresses.map(({ address }) => address)]))
})

const fixed = (...addresses: string[]): NameResolver => ({
  resolve (_, callback) {
    callback(undefined, addresses.map((address): ResolvedAddress => ({ address, family: address.includes(':') ? 6 : 4 })))
    return () => {}
  }
})

t.test('addresses of both families alternate', async t => {
  const server = await nameServer(t, {
    'both.test': ['10.0.0.1', '10.0.0.2', '::1',
      'fd00::2'],
    'four.test': ['10.0.0.1'],
    'six.test': ['fd00::1']
  })
  const resolver = new DnsNameResolver({ servers: [server.address] })
  t.same(await resolve(resolver, 'both.test'), [undefined, ['::1', '10.0.0.1', 'fd00::2', '10.0.0.2']])
  t.same(await resolve(resolver, 'four.test'), [undefined, ['10.0.0.1']])
  t.same(await resolve(resolver, 'SIX.test'), [undefined, ['fd00::1']])
  t.same(await resolve(resolver, 'none.test'), ['unknownHost', []])
})

t.test('a response of a name server is kept for its TTL', async t => {
  const server = await nameServer(t, { 'a.test': ['10.0.0.1'] })
  const resolver = new DnsNameResolver({ servers: [server.address] })
  server.ttl = 60
  t.same(await resolve(resolver, 'a.test'), [undefined, ['10.0.0.1']])
  server.records = { 'a.test': ['10.0.0.2'] }
  t.same(await resolve(resolver, 'a.test'), [undefined, ['10.0.0.1']], 'from the cache')
  pass(60_010)
  t.same(await resolve(resolver, 'a.test'), [undefined, ['10.0.0.2']], 'the change shows')
  server.working = false
  pass(60_010)
  t.same(await resolve(resolver, 'a.test'), [undefined, ['10.0.0.2']],
    'the last response holds while the name server fails')
})

t.test('requests for one name share one look-up; a name without a response delays no other', async t => {
  const silent = createSocket('udp4')
  let queries = 0
  silent.on('message', (query, { port, address }) => {
    const name = query.subarray(13, 13 + query[12]!).toString()
    queries++
    if (name === 'dead') return
    const header = Buffer.from(query)
    header.writeUInt16BE(0x8183, 2)
    silent.send(header, port, address)
  })
  silent.bind(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => silent.close())
  const resolver = new DnsNameResolver({ servers: [`127.0.0.1:${silent.address().port}`], timeout: 3_000 })
  let given = 0
  const dead = Array.from({ length: 50 }, async () => {
    const outcome = await resolve(resolver, 'dead.test')
    given++
    return outcome
  })
  t.same(await resolve(resolver, 'other.test'), ['unknownHost', []])
  t.equal(given, 0, 'the other name does not wait for the end of these')
  t.ok(queries <= 6, `${queries} queries`)
  for (const [kind] of await Promise.all(dead)) t.equal(kind, 'nameServerFailed')
})

t.test('after a failure of the name servers no request waits for the next look-up, which finds the name', async t => {
  const server = await nameServer(t, { 'a.test': ['10.0.0.1'] })
  server.working = false
  const resolver = new DnsNameResolver({ servers: [server.address], timeout: 5_000 })
  t.same(await resolve(resolver, 'a.test'), ['nameServerFailed', []])
  pass(1010)
  server.working = true
  let result: unknown
  resolver.resolve('a.test', failed => { result = failed?.kind })
  t.equal(result, 'nameServerFailed', 'the request of the look-up fails at once')
  await until(() => {
    resolver.resolve('a.test', (failed, addresses) => { result = failed?.kind ?? addresses[0]?.address })
    return result === '10.0.0.1'
  })
  t.equal(result, '10.0.0.1', 'and those after it succeed')
})

t.test('a look-up that is cancelled calls back no more', async t => {
  const server = await nameServer(t, { 'a.test': ['10.0.0.1'] })
  const resolver = new DnsNameResolver({ servers: [server.address] })
  const cancel = resolver.resolve('a.test', () => t.fail('it was cancelled'))
  cancel()
  t.same(await resolve(resolver, 'a.test'), [undefined, ['10.0.0.1']])
})

t.test('the hosts file is read before DNS', async t => {
  const lines = ['# 10.0.0.9 no', '10.0.0.1\tA.test  b # c\r', '::1 b', 'nonsense x', '10.0.0.2 a.test']
  const hosts = parseHosts([...lines, '10.0.0.1 a.test'].join('\n'))
  t.same([...hosts].map(([name, addresses]) => [name, addresses.map(({ address }) => address)]), [
    ['a.test', ['10.0.0.1', '10.0.0.2']], ['b', ['10.0.0.1', '::1']]
  ])
  t.ok(localAddresses('localhost')!.some(({ address }) => address === '127.0.0.1' || address === '::1'))
  t.ok(localAddresses('a.localhost'))
  t.equal(localAddresses('localhost.test'), undefined)
})

t.test('no name server gets a query for names below "invalid", which have no addresses', async t => {
  const server = await nameServer(t, {})
  server.working = false
  const resolver = new DnsNameResolver({ servers: [server.address] })
  for (const name of ['no-such-host.invalid', 'INVALID', 'a.invalid.']) {
    t.same(await resolve(resolver, name), ['unknownHost', []], name)
  }
  t.same(await resolve(resolver, 'not-invalid'), ['nameServerFailed', []])
})

t.test('names are searched in the domains that the system configures', async t => {
  const rules = parseSearchRules('nameserver 10.0.0.1\nsearch a.svc. svc\noptions ndots:2 timeout:1\n')
  t.match(rules, { domains: ['a.svc', 'svc'], dots: 2 })
  t.same(candidates('orders', rules), ['orders.a.svc', 'orders.svc', 'orders'])
  t.same(candidates('a.b.c', rules), ['a.b.c', 'a.b.c.a.svc', 'a.b.c.svc'])
  t.same(candidates('orders.', rules), ['orders'])
  t.same(candidates('a.b', parseSearchRules('')), ['a.b'])
})

t.test('a file of the system is read again when it changes', async t => {
  const path = `${t.testdir()}/hosts`
  const file = new SystemFile(path, text => text.length)
  t.equal(file.read(), 0, 'there is none')
  writeFileSync(path, 'hello')
  t.equal(file.read(), 0, 'looked at once a second')
  pass(1010)
  t.equal(file.read(), 5)
})

t.test('addresses are tried in turn, and the one that accepts is reported', async t => {
  const server = await scriptedServer(t, respond('x'), { host: '127.0.0.2' })
  const pool = new ConnectionPool(`http://name.test:${server.port}`,
    { resolver: fixed('127.0.0.3', '127.0.0.2', '127.0.0.4') })
  t.teardown(() => pool.destroy())
  const sending = new Sending(pool)
  t.equal((await sending.result).body, 'x')
  t.equal(sending.exchange.address, '127.0.0.2')
  t.match(server.requests[0]!.text, `\r\nHost: name.test:${server.port}\r\n`)
})

for (const secure of [false, true]) {
  t.test(`an address that does not respond delays the next one by the attempt delay only${secure ? ', over TLS' : ''}`, async t => {
    const server = await scriptedServer(t, respond('x'), { host: '127.0.0.2', secure })
    await fullListener(t, server.port)
    const pool = new ConnectionPool(`${secure ? 'https' : 'http'}://name.test:${server.port}`, {
      resolver: fixed('127.0.0.1', '127.0.0.2'), attemptDelay: 30, tls: { verify: false }
    })
    t.teardown(() => pool.destroy())
    const sending = new Sending(pool)
    t.match(await sending.result, { body: 'x', error: undefined })
    t.equal(sending.exchange.address, '127.0.0.2')
    t.ok(sending.exchange.connectTime >= 30 && sending.exchange.connectTime < 4000)
    t.equal(pool.counters.open, 1)
  })
}

t.test('the time for a name does not count as that of the connection', async t => {
  const server = await scriptedServer(t, respond('x'))
  const slow: NameResolver = {
    resolve (name, callback) {
      const timer = setTimeout(() => fixed('127.0.0.1').resolve(name, callback), 1_300)
      return () => clearTimeout(timer)
    }
  }
  const pool = new ConnectionPool(`http://slow.test:${server.port}`, { resolver: slow, connectTimeout: 1_000 })
  t.teardown(() => pool.destroy())
  t.match(await send(pool), { head: { status: 200 }, body: 'x', error: undefined })
})

t.test('the time for a connection begins once the name has an address', async t => {
  const port = await fullListener(t)
  const pool = new ConnectionPool(`http://full.test:${port}`, { resolver: fixed('127.0.0.1'), connectTimeout: 50 })
  t.teardown(() => pool.destroy())
  t.match((await send(pool)).error, { kind: 'connectTimeout', phase: 'connecting', address: '127.0.0.1' })
})

t.test('no address accepts: the failure of the first is reported', async t => {
  const server = await scriptedServer(t, respond('x'), { host: '127.0.0.2' })
  const pool = new ConnectionPool(`http://name.test:${server.port}`, { resolver: fixed('127.0.0.3', '127.0.0.4') })
  t.match((await send(pool)).error, { kind: 'refused', code: 'ECONNREFUSED', phase: 'connecting' })
  t.equal(pool.counters.open, 0)
})

t.test('a name that moves is followed under traffic; requests in flight end where they began', async t => {
  const blue = await scriptedServer(t, respond('blue'), { host: '127.0.0.2' })
  const green = await scriptedServer(t, respond('green'), { host: '127.0.0.3', port: blue.port })
  let address = '127.0.0.2'
  const resolver: NameResolver = {
    resolve (name, callback) { return fixed(address).resolve(name, callback) }
  }
  const pool = new ConnectionPool(`http://moving.test:${blue.port}`, { resolver, lookupInterval: 1 })
  t.teardown(() => pool.destroy())
  t.equal((await send(pool)).body, 'blue')
  t.equal((await send(pool)).body, 'blue')
  t.match(pool.counters, { connects: 1, reuses: 1 })
  address = '127.0.0.3'
  const begin = performance.now()
  await until(() => performance.now() - begin > 2)
  t.equal((await send(pool)).body, 'green')
  t.equal((await send(pool)).body, 'green')
  t.equal(green.connections.length, 1)
  t.equal(pool.counters.open, 1, 'the connection to the old address is closed')
})

t.test('while no name server responds, connections that work are kept', async t => {
  const server = await scriptedServer(t, respond('x'), { host: '127.0.0.2' })
  let fails = false
  const resolver: NameResolver = {
    resolve (name, callback) {
      if (!fails) return fixed('127.0.0.2').resolve(name, callback)
      callback({ kind: 'nameServerFailed', code: 'ETIMEOUT', message: 'x' }, [])
      return () => {}
    }
  }
  const pool = new ConnectionPool(`http://moving.test:${server.port}`, { resolver, lookupInterval: 1 })
  t.teardown(() => pool.destroy())
  await send(pool)
  fails = true
  const begin = performance.now()
  await until(() => performance.now() - begin > 2)
  t.equal((await send(pool)).body, 'x')
  t.equal(pool.counters.connects, 1)
})
