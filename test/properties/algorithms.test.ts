/**
 * What every algorithm promises, whatever its sense of order. A new one is added to the list of ours, and has to keep
 * these.
 */
import assert from 'node:assert/strict'
import t from 'tap'
import { algorithms } from '../../lib/algorithms/index.js'
import { eachMemberOnce } from '../../lib/balancing/unique-iterator.js'
import type { Candidate, MemberOrder } from '../../lib/contracts/algorithm.js'
import type { BuildContext } from '../../lib/contracts/build-context.js'
import { Random } from '../support/random.js'

const candidates = (weights: readonly (number | string)[]): Candidate[] =>
  weights.map((weight, at) => ({
    name: `member ${at}`,
    property: name => (name === 'loadbalance.weight' ? String(weight) : undefined)
  }))

const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b)

for (const kind of algorithms) {
  const make = (weights: readonly number[], start = 1): MemberOrder =>
    eachMemberOnce(kind.build({}, { random: new Random(start).next, now: () => 0 } as BuildContext))(
      candidates(weights)
    )
  const idle = (size: number): number[] => new Array<number>(size).fill(0)
  const pull = (from: Iterable<number>, count: number): number[] => {
    const taken: number[] = []
    if (count === 0) return taken
    for (const member of from) if (taken.push(member) === count) break
    return taken
  }

  t.test(`algorithm ${kind.name}: the rules of every algorithm hold`, async t => {
    t.test(`algorithm ${kind.name} offers every member once, and ends`, async t => {
      for (const size of [1, 2, 3, 7, 50]) {
        const order = make(idle(size).map((_, at) => (at % 3) + 1))
        for (let message = 0; message < 200; message++) {
          const key = message % 2 === 0 ? undefined : `key ${message}`
          const load = idle(size).map((_, at) => (message * (at + 1)) % 5)
          assert.deepEqual(sorted([...order(load, key)]), [...idle(size).keys()])
        }
      }
      t.pass()
    })

    t.test(`algorithm ${kind.name} is fair to many messages at once, whose orders are consumed in any order`, async t => {
      const random = new Random(7).next
      for (let round = 0; round < 100; round++) {
        const size = 1 + Math.floor(random() * 6)
        const order = make(
          idle(size).map(() => 1 + Math.floor(random() * 3)),
          round
        )
        const load = idle(size)
        const messages = Array.from({ length: 5 }, (_, at) => ({
          from: order(load, at % 2 === 0 ? undefined : `key ${at}`)[Symbol.iterator](),
          seen: [] as number[],
          over: false
        }))
        while (messages.some(({ over }) => !over)) {
          const message = messages[Math.floor(random() * messages.length)]!
          if (message.over) continue
          const { done, value } = message.from.next()
          message.over = done === true
          if (!done) {
            message.seen.push(value)
            load[value] = Math.floor(random() * 4)
          }
        }
        for (const { seen } of messages) assert.deepEqual(sorted(seen), [...load.keys()])
      }
      t.pass()
    })

    t.test(`algorithm ${kind.name} moves only as far as it is pulled`, async t => {
      for (const taken of [0, 1, 2]) {
        const [one, other] = [make([2, 1, 3], 5), make([2, 1, 3], 5)]
        pull(one(idle(3), undefined), taken)
        if (taken > 0) pull(other(idle(3), undefined), taken)
        assert.deepEqual(
          [...one(idle(3), undefined)],
          [...other(idle(3), undefined)],
          'an order that was never consumed changes nothing'
        )
      }
      t.pass()
    })

    t.test(`algorithm ${kind.name}: first offers are in proportion to the weights (round robin: equal)`, async t => {
      for (const weights of [
        [1, 1, 1],
        [1, 2, 3],
        [5, 1]
      ]) {
        const total = weights.reduce((sum, weight) => sum + weight)
        const order = make(weights)
        const first = idle(weights.length)
        const load = idle(weights.length)
        const messages = 6_000
        // Messages stay in flight for a while: each leaves when as many as the weights have come after it.
        const flying: number[] = []
        for (let message = 0; message < messages; message++) {
          const [member] = pull(order(load, `key ${message}`), 1)
          first[member!]!++
          load[member!]!++
          flying.push(member!)
          if (flying.length > 10 * total) load[flying.shift()!]!--
        }
        for (const [member, count] of first.entries()) {
          const share = kind.name === 'roundRobin' ? 1 / weights.length : weights[member]! / total
          assert.ok(
            Math.abs(count / messages - share) < 0.03,
            `${kind.name} ${weights.join()}: member ${member} had ${count} of ${messages}, its share is ${share}`
          )
        }
      }
      t.pass()
    })

    t.test(`algorithm ${kind.name} is fair among those that are left, when one is down`, async t => {
      const order = make([1, 1, 1])
      const load = idle(3)
      const taken = idle(3)
      for (let message = 0; message < 3_000; message++) {
        for (const member of order(load, `key ${message}`)) {
          if (member === 1) continue
          taken[member]!++
          break
        }
      }
      t.equal(taken[1], 0)
      // Strict rotation hands what a missing member is due to the one after it.
      const fair =
        kind.name === 'roundRobin' ||
        kind.name === 'weightedRoundRobin' ||
        kind.name === 'weightedRRLC' ||
        kind.name === 'leastRequests'
          ? 1
          : 200
      t.ok(Math.abs(taken[0]! - 1_500) <= fair, `${taken[0]} and ${taken[2]}`)
    })

    t.test(`algorithm ${kind.name}: invalid weights are refused`, async t => {
      for (const weight of ['0', '-1', 'two', '1.5', '', '1e3', '99999999999']) {
        const build = (): unknown => kind.build({}, { random: () => 0 } as BuildContext)(candidates([1, weight]))
        if (kind.name === 'roundRobin') t.doesNotThrow(build, 'who does not look at weights does not mind')
        else {
          t.throws(build, {
            message: `loadbalance.weight of member 1 must be a whole number of at least 1, not "${weight}"`
          })
        }
      }
    })

    t.test(`algorithm ${kind.name} is read under its name, and under that of its Java class`, async t => {
      t.equal(kind.name, kind.name.trim())
      const java: Record<string, string> = {
        roundRobin: 'RoundRobin',
        weightedRoundRobin: 'WeightedRoundRobin',
        weightedRRLC: 'WeightedRRLCAlgorithm'
      }
      const name = java[kind.name]
      if (name !== undefined) t.same(kind.aliases, [name, `org.apache.synapse.endpoints.algorithms.${name}`])
    })
  })
}
