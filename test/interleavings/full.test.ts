import t from 'tap'
import { answered, BY_HEADER, codeOf, failed, faultOf, from, group, leaf, request, stage } from './stage.js'

const LIMIT = { maxRequests: 1, maxQueued: 10, queueTimeout: 1000 }

t.test('a full member is passed over, and a message waits only where all members are full', async t => {
  const scene = stage(group('loadbalance', [leaf('A', LIMIT), leaf('B')]))
  const [first, second, third] = [scene.send(request()), scene.send(request()), scene.send(request())]
  t.same([first.asks, second.asks, third.asks], ['A', 'B', 'B'])

  const both = stage(group('loadbalance', [leaf('A', LIMIT), leaf('B', LIMIT)]))
  const inFlight = [both.send(request()), both.send(request())]
  const waits = both.send(request())
  t.same([waits.calls, waits.waitsForPlaceAt], [[], ['A', 'B']])
  inFlight[1]!.next(answered())
  t.equal(waits.resume(true).asks, 'B', 'it goes where the place is')
})

t.test(
  'a message that finds no place in the queue, or waits too long, gets 503 and counts against no endpoint',
  async t => {
    const scene = stage(leaf('A', LIMIT))
    scene.send(request())
    const refused = scene.send(request()).resume(false)
    t.equal(codeOf(refused.end), 'NOT_READY')
    t.match(faultOf(refused.end)?.reason, /A has 1 requests in flight, which is its limit/)
    t.match(scene.registry.endpoints.get('A'), { failures: 0, inFlight: 1, health: { state: 'active' } })
  }
)

t.test('a message that finds its place taken waits again until its own time is over', async t => {
  const scene = stage(leaf('A', LIMIT))
  const first = scene.send(request())
  const waits = scene.send(request())
  t.equal(waits.waitsUntil, 1000)
  scene.clock.now = 600
  t.equal(waits.resume(true).waitsUntil, 1000)
  first.next(answered())
  t.equal(waits.resume(true).asks, 'A')
})

t.test('messages that wait come before those that arrive', async t => {
  const scene = stage(leaf('A', LIMIT))
  const first = scene.send(request())
  const waits = scene.send(request())
  const endpoint = scene.registry.endpoints.get('A')!
  endpoint.queued = 1
  first.next(answered())
  const late = scene.send(request())
  t.same(late.waitsForPlaceAt, ['A'], 'there is a place, but not for this one')
  t.equal(waits.resume(true).asks, 'A')
})

t.test('a session does not leave its member because that is full', async t => {
  for (const onLost of ['strict', 'redispatch']) {
    const scene = stage(
      group('loadbalance', [leaf('A', LIMIT), leaf('B', LIMIT)], { session: { ...BY_HEADER, onLost } })
    )
    scene.play(from('1'), answered())
    const inFlight = scene.send(from('1'))
    const waits = scene.send(from('1'))
    t.same([inFlight.asks, waits.waitsForPlaceAt], ['A', ['A']], onLost)
    inFlight.next(answered())
    t.equal(waits.resume(true).next(answered()).calls.join(), 'A', onLost)
  }
})

t.test('a refused request gives its place back', async t => {
  const scene = stage(group('failover', [leaf('A', LIMIT), leaf('B')]))
  const free: string[] = []
  scene.registry.on('placeFree', ({ name }) => free.push(name))
  t.same(scene.play(request(), failed(), answered()).calls, ['A', 'B'])
  t.same([free, scene.registry.endpoints.get('A')!.inFlight], [['A'], 0])
})
