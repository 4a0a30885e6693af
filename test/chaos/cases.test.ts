import { spawnSync } from 'node:child_process'
import t from 'tap'
import { CASES, type Case } from './cases.js'
import { runCase } from './run-case.js'

/** The short form of `npm run chaos:cases`. */
const FAULT_DURATION_MS = 700
/** Back-ends are parts of this process: on a busy machine all of them pause together. */
const RESPONSE_TIMEOUT_MS = 1_500
/** Late responses are timed out while the fault lasts. */
const LATE_DURATION_MS = 2_000
const LATE = ['frozen', 'slow-trial']

const reasonToSkip = ({ needs }: Case): string | false => {
  if (process.platform !== 'linux') return 'needs 127.0.1.x'
  return needs !== undefined && spawnSync(needs, ['--version']).status !== 0 && `${needs} is not installed`
}

t.setTimeout(600_000)

for (const each of CASES) {
  t.test(`${each.name}: ${each.what}`, { skip: reasonToSkip(each) }, async t => {
    const duration = LATE.includes(each.name) ? LATE_DURATION_MS : FAULT_DURATION_MS
    const result = await runCase(each, 'ours', duration, RESPONSE_TIMEOUT_MS)
    t.comment(result)
    t.same(each.violations(result), [])
    t.ok(result.requests > 0)
  })
}
