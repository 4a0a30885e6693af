import { spawnSync } from 'node:child_process'
import t from 'tap'
import { CASES, type Case } from './cases.js'
import { runCase } from './run-case.js'

/** The short form of `npm run chaos:cases`. */
/** Back-ends are parts of this process: on a busy machine all of them pause together. */
const OTHERS = { faultDuration: 700, responseTimeout: 15_000 }
/** Late responses are timed out while the fault lasts. */
const LATE = { faultDuration: 4_000, responseTimeout: 3_000 }
const LATE_CASES = ['frozen', 'slow-trial']

const reasonToSkip = ({ needs }: Case): string | false => {
  if (process.platform !== 'linux') return 'needs 127.0.1.x'
  return needs !== undefined && spawnSync(needs, ['--version']).status !== 0 && `${needs} is not installed`
}

t.setTimeout(600_000)

for (const each of CASES) {
  t.test(`${each.name}: ${each.what}`, { skip: reasonToSkip(each) }, async t => {
    const { faultDuration, responseTimeout } = LATE_CASES.includes(each.name) ? LATE : OTHERS
    const result = await runCase(each, 'ours', faultDuration, responseTimeout)
    t.comment(result)
    t.same(each.violations(result), [])
    t.ok(result.requests > 0)
  })
}
