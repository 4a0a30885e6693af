import { diffLines } from 'diff'
import t from 'tap'
import { hunksOf } from '../../../../plugins/console/model/diff-lines.js'

const text = (count: number, changes: Readonly<Record<number, string>> = {}): string =>
  Array.from({ length: count }, (_, at) => `${changes[at + 1] ?? `line ${at + 1}`}\n`).join('')

const shown = (before: string, after: string): string[][] => hunksOf(diffLines(before, after)).map(lines =>
  lines.map(({ kind, before: old, after: next, text: line }) => `${kind} ${old ?? '-'} ${next ?? '-'} ${line}`))

t.test('a change is shown with three lines around it, numbered in both texts', async t => {
  t.strictSame(shown(text(20), text(20, { 10: 'new' })), [[
    'same 7 7 line 7', 'same 8 8 line 8', 'same 9 9 line 9', 'removed 10 - line 10', 'added - 10 new',
    'same 11 11 line 11', 'same 12 12 line 12', 'same 13 13 line 13'
  ]])
})

t.test('changes that are far from each other are two parts', async t => {
  t.equal(shown(text(40), text(40, { 5: 'a', 30: 'b' })).length, 2)
})

t.test('equal texts have no changes', async t => {
  t.strictSame(shown(text(5), text(5)), [])
})
