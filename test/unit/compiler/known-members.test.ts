import t from 'tap'
import { KnownMembers } from '../../../lib/compiler/known-members.js'
import type { Member } from '../../../lib/contracts/discovery.js'

t.test('a copy of a configuration knows the members that discovery reported last, by an equal source', async t => {
  let report: (members: readonly Member[]) => void = () => {}
  const known = new KnownMembers((_, changed) => {
    report = changed
    return () => {}
  })
  const seen: (readonly Member[])[] = []
  known.watch({ dns: 'shop', httpPort: 80 }, members => seen.push(members))
  report([{ hostName: 'a', httpPort: 80 }])
  report([{ hostName: 'b', httpPort: 80 }])
  known.report({ dns: 'shop', httpPort: 80 }, members => seen.push(members))
  known.report({ dns: 'other' }, () => t.fail('nothing is known of it'))
  t.same(seen.map(each => each.map(({ hostName }) => hostName)), [['a'], ['b'], ['b']])
})
