import t from 'tap'
import { leastRequests } from '../../../lib/algorithms/least-requests.js'
import { powerOfTwoChoices } from '../../../lib/algorithms/power-of-two-choices.js'
import { rendezvous } from '../../../lib/algorithms/rendezvous.js'
import { roundRobin } from '../../../lib/algorithms/round-robin.js'
import { weightedRoundRobin } from '../../../lib/algorithms/weighted-round-robin.js'
import { weightedRRLC } from '../../../lib/algorithms/weighted-rrlc.js'
import type { Algorithm, Candidate, MemberOrder } from '../../../lib/contracts/algorithm.js'
import type { BuildContext } from '../../../lib/contracts/build-context.js'

const tools = (random: () => number = () => 0): BuildContext => ({ random }) as BuildContext
const make = (
  algorithm: { build: (config: object, tools: BuildContext) => Algorithm },
  members: readonly Record<string, string>[],
  random?: () => number
): MemberOrder =>
  algorithm.build(
    {},
    tools(random)
  )(members.map((properties, at): Candidate => ({ name: 'ABCDEFGHIJ'[at]!, property: name => properties[name] })))
const weights = (...all: number[]): Record<string, string>[] =>
  all.map(weight => ({ 'loadbalance.weight': String(weight) }))

/** Who is taken by this many messages, one after the other; who is down is passed over. */
function taken (
  order: MemberOrder,
  messages: number,
  { load = [], down = '', keys = [] }: { load?: readonly number[]; down?: string; keys?: readonly string[] } = {}
): string {
  let names = ''
  for (let message = 0; message < messages; message++) {
    let found = '-'
    for (const member of order(load, keys[message])) {
      if (down.includes('ABCDEFGHIJ'[member]!)) continue
      found = 'ABCDEFGHIJ'[member]!
      break
    }
    names += found
  }
  return names
}

t.test('round robin takes ready members in turn', async t => {
  const three = [{}, {}, {}]
  t.equal(taken(make(roundRobin, three), 7), 'ABCABCA')
  t.equal(taken(make(roundRobin, three), 6, { down: 'B' }), 'ACACAC')
  t.test('round robin without a ready member: each message moves the pointer by one more', async t => {
    for (const [times, next] of ['B', 'C', 'A', 'B'].entries()) {
      const order = make(roundRobin, three)
      t.equal(taken(order, times + 1, { down: 'ABC' }), '-'.repeat(times + 1))
      t.equal(taken(order, 1), next)
    }
  })
  t.test('ten messages at once take ten members', async t => {
    const order = make(
      roundRobin,
      Array.from({ length: 10 }, () => ({}))
    )
    const messages = Array.from({ length: 10 }, () => order([], undefined)[Symbol.iterator]())
    t.equal(new Set(messages.map(message => message.next().value)).size, 10)
  })
})

t.test('weighted round robin takes members by their weights', async t => {
  t.equal(taken(make(weightedRoundRobin, weights(1, 2, 3)), 12), 'ABBCCCABBCCC')
  t.equal(taken(make(weightedRoundRobin, weights(2, 5, 3)), 20), 'AABBBBBCCCAABBBBBCCC')
  t.equal(taken(make(weightedRoundRobin, [{}, {}, {}]), 4), 'ABCA', 'weights are 1 by default')
  t.equal(
    taken(make(weightedRoundRobin, weights(2, 5, 3)), 10, { down: 'B' }),
    'AACCCAACCC',
    'those that are not ready are passed over'
  )
  t.equal(taken(make(weightedRoundRobin, weights(1, 2, 3)), 2, { down: 'ABC' }), '--', 'and it ends when no member is ready')
})

t.test('weighted round robin by least connections recalculates each round', async t => {
  const spelled = (...counts: [string, number][]): string =>
    counts.map(([name, count]) => name.repeat(count)).join('')
  const members = weights(6, 5, 3, 2, 1).map(each => ({ ...each, 'loadbalance.weightedRRLC.roundsPerRecal': '2' }))
  t.test('weightedRRLC follows the load once a round, as Apache Synapse', async t => {
    const order = make(weightedRRLC, members)
    const round = spelled(['A', 6], ['B', 5], ['C', 3], ['D', 2], ['E', 1])
    t.equal(taken(order, 34), round + round)
    t.equal(
      taken(order, 34, { load: [18, 5, 4, 2, 1] }),
      spelled(['A', 4], ['B', 7], ['C', 4], ['D', 4], ['E', 2], ['A', 4], ['B', 7], ['C', 2])
    )
  })
  t.test('weightedRRLC compares each time with the present load', async t => {
    const order = make(weightedRRLC, weights(2, 2))
    t.equal(taken(order, 4), 'AABB')
    t.equal(taken(order, 4, { load: [9, 1] }), 'BBBB', 'the loaded one has no share for a round')
    t.equal(taken(order, 4, { load: [5, 5] }), 'AABB', 'an even load gives even shares again')
  })
  t.test('weights stay between the smallest and the largest', async t => {
    const bounded = weights(2, 2).map(each => ({
      ...each,
      'loadbalance.weight.min': '1',
      'loadbalance.weight.max': '3'
    }))
    const order = make(weightedRRLC, bounded)
    taken(order, 4)
    t.equal(taken(order, 4, { load: [90, 10] }), 'ABBB')
  })
  t.equal(taken(make(weightedRRLC, weights(1, 3)), 4), 'BBBA', 'the heavier one first')
  t.throws(
    () => make(weightedRRLC, [{ 'loadbalance.weight.max': '0' }]),
    /loadbalance.weight.max of A must be a whole number of at least 1, not "0"/
  )
  t.throws(
    () => make(weightedRRLC, [{ 'loadbalance.weightedRRLC.roundsPerRecal': 'x' }]),
    /roundsPerRecal of A must be/
  )
})

t.test('leastRequests takes the member with the fewest requests in flight', async t => {
  t.equal(taken(make(leastRequests, [{}, {}, {}]), 6), 'ABCABC', 'equals take turns')
  t.equal(taken(make(leastRequests, [{}, {}, {}]), 4, { load: [2, 1, 1] }), 'BCBC')
  t.equal(taken(make(leastRequests, weights(4, 1)), 3, { load: [3, 1] }), 'AAA', 'in proportion to weight')
  t.same([...make(leastRequests, [{}, {}, {}])([3, 1, 2], undefined)], [1, 2, 0])
})

t.test('powerOfTwoChoices takes the better of two random members', async t => {
  const points =
    (...all: number[]) =>
      () =>
        all.shift() ?? 0
  t.same(
    [...make(powerOfTwoChoices, [{}, {}, {}], points(0, 0.9))([5, 1, 2], undefined)].slice(0, 1),
    [2],
    'A and C are drawn: C has less'
  )
  t.same(
    [...make(powerOfTwoChoices, [{}, {}, {}], points(0, 0))([1, 1, 0], undefined)].slice(0, 1),
    [0],
    'A and B are drawn, and equal: the first'
  )
  t.equal(
    taken(make(powerOfTwoChoices, weights(9, 1), points(0.5, 0, 0.95, 0)), 2),
    'AB',
    'drawn in proportion to weight'
  )
  t.equal(
    taken(
      make(powerOfTwoChoices, [{}], () => 0.999999),
      3
    ),
    'AAA'
  )
})

t.test('rendezvous takes the same member for the same session id', async t => {
  const keys = Array.from({ length: 3_000 }, (_, at) => `client ${at}`)
  const all = make(rendezvous, [{}, {}, {}, {}])
  const homes = taken(all, keys.length, { keys })
  t.equal(taken(make(rendezvous, [{}, {}, {}, {}]), keys.length, { keys }), homes, 'every gateway comes to the same')
  t.equal(taken(all, keys.length, { keys }), homes, 'each time')
  t.test('rendezvous: when a member is down only its own sessions move', async t => {
    const without = taken(all, keys.length, { keys, down: 'C' })
    t.ok([...homes].every((home, at) => (home === 'C' ? without[at] !== 'C' : without[at] === home)))
    t.same(
      [...'ABD'].map(name => [...homes].filter((home, at) => home === 'C' && without[at] === name).length > 200),
      [true, true, true],
      'to all of the others'
    )
  })
  t.test('a new member takes its share, and no other session moves', async t => {
    const more = taken(make(rendezvous, [{}, {}, {}, {}, {}]), keys.length, { keys })
    t.ok([...more].every((home, at) => home === 'E' || home === homes[at]))
    t.ok(Math.abs([...more].filter(home => home === 'E').length - 600) < 80)
  })
  t.equal(taken(all, 5), 'ABCDA', 'without an id: in rotation')
})
