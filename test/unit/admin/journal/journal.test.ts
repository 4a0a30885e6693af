import t from 'tap'
import { Journal } from '../../../../plugins/admin/journal/journal.js'

t.test('the journal keeps the last 5,000 entries, and returns at most 500 at once', async t => {
  const journal = new Journal(() => 0)
  for (let entry = 1; entry <= 5_001; entry++) journal.add({ level: 'info', kind: 'start', text: `${entry}` })
  t.equal(journal.find({ limit: 10_000 }).length, 500)
  t.equal(journal.find({}).at(0)?.sequence, 5_001)
  t.strictSame(journal.find({ before: 4 }).map(({ sequence }) => sequence), [3, 2], 'the first one is gone')
})
