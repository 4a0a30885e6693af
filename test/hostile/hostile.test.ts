import t from 'tap'
import { runRows, unexpected } from './run-rows.js'
import { KINDS, type Kind, type Row } from './row.js'
import { isWire } from './environment.js'
import { ROWS } from './rows/index.js'

/** Of each kind of rows, every so many run here. `npm run hostile` runs all rows. */
const EACH: Readonly<Record<Kind, number>> = {
  framing: 4, responses: 3, slow: 2, injection: 4, envelopes: 4, configurations: 24
}

const isFast = (row: Row, at: number): boolean =>
  row.heavy !== true && !(isWire(row) && row.long === true) && at % EACH[row.kind] === 0

// Long enough that a row which hangs fails by itself, with its name, however busy the machine is.
t.setTimeout(600_000)

t.test('hostile input: every rule holds in the fast rows, and other clients are served meanwhile', {
  skip: process.platform !== 'linux'
}, async t => {
  t.setTimeout(600_000)
  const rows = ROWS.filter(isFast)
  const run = await runRows('ours', rows, t.testdir())
  t.equal(run.results.length, rows.length, 'each row ran')
  t.same(unexpected(run).filter(each => !each.includes('holds now')), [])
})

t.test('there are rows of every kind, and each has a rule', async t => {
  for (const kind of KINDS) t.ok(ROWS.some(row => row.kind === kind), kind)
  t.same(ROWS.filter(({ checks }) => checks.length === 0), [])
  t.ok(ROWS.length >= 600, `${ROWS.length} rows`)
})
