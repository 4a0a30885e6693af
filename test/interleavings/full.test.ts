import t from 'tap'
import {
  answered,
  BY_HEADER,
  codeOf,
  failed,
  faultOf,
  from,
  group,
  address,
  request,
  simulate
} from '../support/flows/flow-run.js'

const LIMIT = { maxRequests: 1, maxQueued: 10, queueTimeout: 1000 }

t.test('a full member is passed over, and a message waits only where all members are full', async t => {
  const gateway = simulate(group('loadbalance', [address('A', LIMIT), address('B')]))
  const [first, second, third] = [gateway.send(request()), gateway.send(request()), gateway.send(request())]
  t.same([first.waitsAt, second.waitsAt, third.waitsAt], ['A', 'B', 'B'])

  const both = simulate(group('loadbalance', [address('A', LIMIT), address('B', LIMIT)]))
  const inFlight = [both.send(request()), both.send(request())]
  const waits = both.send(request())
  t.same([waits.calls, waits.waitsForPlaceAt], [[], ['A', 'B']])
  inFlight[1]!.next(answered())
  t.equal(waits.resume(true).waitsAt, 'B', 'it goes where the place is')
})

t.test(
  'a message that finds no place in the queue, or waits too long, gets 503 and counts against no endpoint',
  async t => {
    const gateway = simulate(address('A', LIMIT))
    gateway.send(request())
    const refused = gateway.send(request()).resume(false)
    t.equal(codeOf(refused.end), 'NOT_READY')
    t.match(faultOf(refused.end)?.reason, /A has 1 requests in flight, which is its limit/)
    t.match(gateway.registry.endpoints.get('A'), { failures: 0, inFlight: 1, health: { state: 'active' } })
  }
)

t.test('a message that finds its place taken waits again until its own time is over', async t => {
  const gateway = simulate(address('A', LIMIT))
  const first = gateway.send(request())
  const waits = gateway.send(request())
  t.equal(waits.waitsUntil, 1000)
  gateway.clock.now = 600
  t.equal(waits.resume(true).waitsUntil, 1000)
  first.next(answered())
  t.equal(waits.resume(true).waitsAt, 'A')
})

t.test('messages that wait come before those that arrive', async t => {
  const gateway = simulate(address('A', LIMIT))
  const first = gateway.send(request())
  const waits = gateway.send(request())
  const endpoint = gateway.registry.endpoints.get('A')!
  endpoint.queued = 1
  first.next(answered())
  const late = gateway.send(request())
  t.same(late.waitsForPlaceAt, ['A'], 'there is a place, but not for this one')
  t.equal(waits.resume(true).waitsAt, 'A')
})

t.test('a session stays at its member when that is full', async t => {
  for (const onLost of ['strict', 'redispatch']) {
    const gateway = simulate(
      group('loadbalance', [address('A', LIMIT), address('B', LIMIT)], { session: { ...BY_HEADER, onLost } })
    )
    gateway.play(from('1'), answered())
    const inFlight = gateway.send(from('1'))
    const waits = gateway.send(from('1'))
    t.same([inFlight.waitsAt, waits.waitsForPlaceAt], ['A', ['A']], onLost)
    inFlight.next(answered())
    t.equal(waits.resume(true).next(answered()).calls.join(), 'A', onLost)
  }
})

t.test('a refused request gives its place back', async t => {
  const gateway = simulate(group('failover', [address('A', LIMIT), address('B')]))
  const free: string[] = []
  gateway.registry.on('placeFree', ({ name }) => free.push(name))
  t.same(gateway.play(request(), failed(), answered()).calls, ['A', 'B'])
  t.same([free, gateway.registry.endpoints.get('A')!.inFlight], [['A'], 0])
})
