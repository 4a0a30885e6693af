import t, { type Test } from 'tap'
import { inProcess } from './in-process.js'
import { play } from './play.js'
import { inPool } from './pool.js'
import { recording } from './record.js'
import { isOnlyLate, summary, verdicts, type Verdict } from './verdict.js'

const AT_ONCE = 8

/** Replays all cases of some topics, one test for each case. */
export async function suite (topics: readonly string[]): Promise<void> {
  const recordings = topics.map(recording)
  const cases = recordings.flatMap(({ cases }) => cases)
  const all = new Map(
    await inPool(cases, AT_ONCE, async each => [each, verdicts(each, await play(each, inProcess))] as const)
  )
  // Again with the machine to itself, before a delay counts.
  for (const [each, verdict] of all) {
    let last = verdict
    for (let tries = 0; tries < 3 && isOnlyLate(last); tries++) last = verdicts(each, await play(each, inProcess))
    all.set(each, last)
  }

  for (const { topic, cases } of recordings) {
    for (const each of cases) {
      await t.test(`${each.name}: ${each.title}`, async t => { for (const verdict of all.get(each)!) say(t, verdict) })
    }
    process.stderr.write(`${summary(topic, cases.length, cases.flatMap(each => all.get(each)!))}\n`)
  }
}

function say (t: Test, { exchange, open, unmet, explained, pending }: Verdict): void {
  const wrong = [...open, ...unmet]
  const found = { differences: wrong }
  if (pending === undefined) t.same(wrong.length, 0, exchange, found)
  else if (wrong.length > 0) t.fail(exchange, { todo: pending.gap, ...found })
  else t.fail(`${exchange} has come right: it can leave test/compatibility/pending.ts`)
  for (const row of new Set(explained.map(({ row }) => row))) t.comment(`${exchange}: ${row}`)
}
