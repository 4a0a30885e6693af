import t from 'tap'
import type { JournalEntry } from '../../../../plugins/admin/contract/live-protocol.js'
import { stateTimelines } from '../../../../plugins/console/model/state-timelines.js'

const entry = (at: number, endpoint: string, from: JournalEntry['from'], to: JournalEntry['to']): JournalEntry =>
  ({ sequence: at, at, level: 'info', kind: 'state', text: '', endpoint, from: from!, to: to! })

t.test('a timeline begins with the state before the first change, and ends with the last one', async t => {
  t.strictSame(stateTimelines([entry(60, 'a', 'suspended', 'active'), entry(20, 'a', 'active', 'suspended')], 0, 100), [{
    endpoint: 'a',
    spans: [
      { state: 'active', from: 0, to: 20 }, { state: 'suspended', from: 20, to: 60 }, { state: 'active', from: 60, to: 100 }
    ]
  }])
})

t.test('changes outside of the window have no timeline; the last that changed comes first', async t => {
  const entries = [entry(90, 'b', 'active', 'off'), entry(50, 'a', 'off', 'active'), entry(5, 'c', 'active', 'off')]
  t.strictSame(stateTimelines(entries, 10, 100).map(({ endpoint }) => endpoint), ['b', 'a'])
})

t.test('events that are no changes of a state have no timeline', async t => {
  t.strictSame(stateTimelines([{ sequence: 1, at: 5, level: 'info', kind: 'reload', text: '' }], 0, 10), [])
})
