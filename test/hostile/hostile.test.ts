import t from 'tap'
import { playAll, unexpected } from './play.js'
import type { Row } from './row.js'
import { KINDS } from './row.js'
import { isWire } from './stage.js'
import { ROWS } from './rows/index.js'

/** Of the rows that start a process each, every so many are played here. */
const EACH_CONFIGURATION = 24
/** Of the rows that are generated in great numbers, every so many. */
const EACH_GENERATED = 3
const GENERATED = /^(framing-(name|value|coding|length)|responses-header|injection|envelopes-doctype|envelopes-bomb)/

/** What `npm test` has the time for; `npm run hostile` plays all rows. */
const isFast = (row: Row, at: number): boolean => {
  if (row.heavy === true || (isWire(row) && row.long === true)) return false
  if (row.kind === 'configurations') return at % EACH_CONFIGURATION === 0
  return !GENERATED.test(row.id) || at % EACH_GENERATED === 0
}

t.test('hostile input: every rule holds in the rows that are fast, and other clients are served meanwhile', {
  skip: process.platform !== 'linux',
  timeout: 110_000
}, async t => {
  const rows = ROWS.filter(isFast)
  const played = await playAll('ours', rows, t.testdir())
  t.equal(played.results.length, rows.length, 'each row was played')
  t.same(unexpected(played).filter(each => !each.includes('holds now')), [])
})

t.test('there are rows of every kind, and each has a rule', async t => {
  for (const kind of KINDS) t.ok(ROWS.some(row => row.kind === kind), kind)
  t.same(ROWS.filter(({ checks }) => checks.length === 0), [])
  t.ok(ROWS.length >= 600, `${ROWS.length} rows`)
})
