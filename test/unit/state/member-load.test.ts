import t from 'tap'
import { MemberLoad, type LoadCounter } from '../../../lib/state/member-load.js'

/** The generations of one group; a test ends them. */
function generations () {
  const shared = new Map<string, LoadCounter>()
  return {
    shared,
    begin (...names: string[]) {
      const generation = { load: new MemberLoad(names.length), isActive: true }
      generation.load.share(shared, names, () => generation.isActive)
      return generation
    }
  }
}

t.test('load: a generation begins with the messages in flight to its members, and sees how they end', async t => {
  const { begin } = generations()
  const old = begin('A', 'B')
  for (const member of [0, 0, 1]) old.load.add(member, 1)
  const next = begin('C', 'B', 'A')
  t.same(next.load.counts, [0, 1, 2])
  old.load.add(0, -1)
  next.load.add(1, 1)
  t.same([old.load.counts, next.load.counts], [[1, 2], [0, 2, 1]], 'both receive messages, as during a reload')
})

t.test('load: nothing is kept of members without messages in flight, once their generations have ended', async t => {
  const { shared, begin } = generations()
  const first = begin('idle', 'busy')
  first.load.add(1, 1)
  begin('A')
  first.isActive = false
  begin('A')
  t.same([...shared.keys()], ['busy', 'A'])
  t.same(begin('busy').load.counts, [1], 'a member that comes back is still busy')
  first.load.add(1, -1)
  t.same(begin('busy').load.counts, [0])
})

t.test('load: two members with one name have one load; without a group, each has its own', async t => {
  const { begin } = generations()
  const { load } = begin('A', 'A')
  load.add(0, 1)
  t.same(load.counts, [1, 1])
  const alone = new MemberLoad(2)
  alone.add(1, 1)
  t.same(alone.counts, [0, 1])
})
