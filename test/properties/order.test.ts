/** What holds of tiers and of a slow start, whatever the algorithm. */
import assert from 'node:assert/strict'
import t from 'tap'
import { algorithms } from '../../lib/algorithms/index.js'
import type { Algorithm, Candidate } from '../../lib/contracts/algorithm.js'
import type { BuildContext } from '../../lib/contracts/build-context.js'
import { eachMemberOnce } from '../../lib/balancing/unique-iterator.js'
import { byPriority } from '../../lib/balancing/priorities.js'
import { withSlowStart } from '../../lib/balancing/slow-start.js'
import { Random } from '../support/random.js'

const candidates = (size: number): Candidate[] =>
  Array.from({ length: size }, (_, at) => ({ name: `member ${at}`, property: () => undefined }))
const made = (kind: (typeof algorithms)[number], start = 1): Algorithm =>
  eachMemberOnce(kind.build({}, { random: new Random(start).next, now: () => 0 } as BuildContext))
const idle = (size: number): number[] => new Array<number>(size).fill(0)
const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b)
const first = (from: Iterable<number>): number => from[Symbol.iterator]().next().value!
const keyOf = (message: number): string | undefined => (message % 2 === 0 ? undefined : `key ${message}`)

for (const kind of algorithms) {
  t.test(`algorithm ${kind.name}: the rules of priorities and of a slow start hold`, async t => {
    t.test(`algorithm ${kind.name}: byPriority: each member once, and none before those of a lower number`, async t => {
      for (const priorities of [[0], [1, 0], [0, 0, 0], [7, 3, 7, 3, 5], [2, 2, 1]]) {
        const order = byPriority(made(kind), priorities)(candidates(priorities.length))
        for (let message = 0; message < 100; message++) {
          const offered = [
            ...order(
              priorities.map((_, at) => (message * (at + 1)) % 5),
              keyOf(message)
            )
          ]
          assert.deepEqual(sorted(offered), [...priorities.keys()])
          const numbers = offered.map(member => priorities[member]!)
          assert.deepEqual(numbers, sorted(numbers))
        }
      }
      t.pass()
    })

    t.test(`algorithm ${kind.name}: priorities: each tier is fair on its own, by its own load`, async t => {
      const priorities = [0, 1, 0, 1]
      const order = byPriority(made(kind), priorities)(candidates(4))
      const alone = made(kind)(candidates(2))
      for (let message = 0; message < 50; message++) {
        const load = [message % 3, 9, message % 2, 9]
        const key = keyOf(message)
        // Names decide where an id belongs, and these differ; chance is another one, since the second tier asks for
        // it too.
        if (kind.name === 'rendezvous' || kind.name === 'powerOfTwoChoices') continue
        assert.deepEqual(
          [...order(load, key)].slice(0, 2),
          [...alone([load[0]!, load[2]!], key)].map(at => at * 2)
        )
      }
      t.pass()
    })

    t.test(`algorithm ${kind.name}: the order of a single priority is that of the algorithm`, async t => {
      const algorithm = made(kind)
      t.equal(byPriority(algorithm, [5, 5, 5]), algorithm)
      t.equal(byPriority(algorithm, []), algorithm)
    })

    t.test(`algorithm ${kind.name}: withSlowStart: each member once, whichever are new`, async t => {
      const random = new Random(3).next
      for (let round = 0; round < 200; round++) {
        const size = 1 + Math.floor(random() * 6)
        const arrived = idle(size).map(() => (random() < 0.5 ? -Infinity : random() * 100))
        const order = withSlowStart(made(kind)(candidates(size)), member => arrived[member]!, 100, {
          now: () => 100,
          random
        })
        assert.deepEqual(sorted([...order(idle(size), keyOf(round))]), [...idle(size).keys()])
      }
      t.pass()
    })

    t.test(`algorithm ${kind.name}: withSlowStart: without new members nothing changes, and no random number is drawn`, async t => {
      const [plain, slow] = [made(kind)(candidates(3)), made(kind)(candidates(3))]
      const same = withSlowStart(slow, member => (member === 0 ? -Infinity : 0), 100, {
        now: () => 100,
        random: () => { throw new Error('no random number is needed') }
      })
      for (let message = 0; message < 100; message++) {
        assert.deepEqual([...same(idle(3), keyOf(message))], [...plain(idle(3), keyOf(message))])
      }
      t.pass()
    })

    t.test(`algorithm ${kind.name}: slow start: a new member gets no message at first, and more and more up to its share`, async t => {
      const messages = 6_000
      const shares = [0, 25, 50, 75, 100].map(age => {
        const order = withSlowStart(made(kind)(candidates(3)), member => (member === 1 ? 0 : -Infinity), 100, {
          now: () => age,
          random: new Random(7).next
        })
        const taken = idle(3)
        const load = idle(3)
        const flying: number[] = []
        for (let message = 0; message < messages; message++) {
          const member = first(order(load, `key ${message}`))
          taken[member]!++
          load[member]!++
          flying.push(member)
          if (flying.length > 30) load[flying.shift()!]!--
        }
        return taken[1]! / messages
      })
      t.equal(shares[0], 0)
      t.ok(Math.abs(shares[4]! - 1 / 3) < 0.03, `${shares[4]}`)
      for (const [at, share] of shares.entries()) if (at > 0) t.ok(share >= shares[at - 1]! - 0.02, shares.join(' '))
      // An algorithm by load makes up for what chance has kept from a member; strict turns do not.
      if (kind.name === 'roundRobin') {
        for (const [at, share] of shares.entries()) {
          t.ok(
            Math.abs(share / ((1 - share) / 2) - at / 4) < 0.03,
            `as much as another, times ${at / 4}: ${shares.join(' ')}`
          )
        }
      }
    })

    t.test(`algorithm ${kind.name}: slow start: where all members are new, each gets its share`, async t => {
      const order = withSlowStart(made(kind)(candidates(3)), () => 0, 100, { now: () => 0, random: new Random(7).next })
      const taken = idle(3)
      for (let message = 0; message < 3_000; message++) taken[first(order(idle(3), `key ${message}`))]!++
      for (const count of taken) t.ok(Math.abs(count - 1_000) < 150, taken.join(' '))
    })
  })
}
