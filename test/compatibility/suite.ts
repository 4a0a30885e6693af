import t, { type Test } from 'tap'
import { inProcess } from './in-process.js'
import { runCase } from './run-case.js'
import { inPool } from '../support/pool.js'
import { recording, type Case } from './record.js'
import { isOnlyLate, summary, verdicts, type Verdict } from './verdict.js'

const AT_ONCE = 8
/** A case that differs only in delays is played again so often, with the machine to itself. */
const MAX_RERUNS = 3

/** Replays all cases of some topics, one test for each case. */
export async function suite (topics: readonly string[]): Promise<void> {
  const recordings = topics.map(recording)
  const cases = recordings.flatMap(({ cases }) => cases)
  const all = new Map(
    await inPool(cases, AT_ONCE, async each => [each, verdicts(each, await runCase(each, inProcess))] as const)
  )
  const reruns = new Map<string, number>()
  for (const [each, verdict] of all) {
    const { last, count } = await rerun(each, verdict)
    all.set(each, last)
    if (count > 0) reruns.set(each.name, count)
  }

  for (const { topic, cases } of recordings) {
    for (const each of cases) {
      await t.test(`${each.name}: ${each.title}`, async t => {
        const count = reruns.get(each.name) ?? 0
        if (count > 0) t.comment(`played again ${count} times, because only delays differed`)
        for (const verdict of all.get(each)!) report(t, verdict)
      })
    }
    process.stderr.write(`${summary(topic, cases.length, cases.flatMap(each => all.get(each)!))}\n`)
  }
  const names = [...reruns].map(([name, count]) => `${name} (${count})`)
  if (names.length > 0) process.stderr.write(`played again alone, because only delays differed: ${names.join(', ')}\n`)
}

/** Plays a case again alone, up to three times, as long as nothing but delays differs. */
async function rerun (each: Case, verdict: Verdict[]): Promise<{ last: Verdict[], count: number }> {
  let [last, count] = [verdict, 0]
  for (; count < MAX_RERUNS && isOnlyLate(last); count++) last = verdicts(each, await runCase(each, inProcess))
  return { last, count }
}

function report (t: Test, { exchange, open, unmet, explained, pending }: Verdict): void {
  const wrong = [...open, ...unmet]
  const found = { differences: wrong }
  if (pending === undefined) t.same(wrong.length, 0, exchange, found)
  else if (wrong.length > 0) t.fail(exchange, { todo: pending.gap, ...found })
  else t.fail(`${exchange} has come right: it can leave test/compatibility/pending.ts`)
  for (const row of new Set(explained.map(({ row }) => row))) t.comment(`${exchange}: ${row}`)
}
