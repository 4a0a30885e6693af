import assert from 'node:assert/strict'
import t from 'tap'
import {
  afterCheck, delayToNextCheck, isExpected, parseStatusRanges, UNCHECKED, type HealthCheckResult
} from '../../../lib/state/health-check.js'

const PASSED: HealthCheckResult = { kind: 'passed' }
const FAILED: HealthCheckResult = { kind: 'failed', cause: 'it was refused' }
const NOTHING: HealthCheckResult = { kind: 'inconclusive' }
const POLICY = { rise: 2, fall: 3 }

const run = (results: readonly HealthCheckResult[]) =>
  results.reduce((status, result, at) => afterCheck(status, result, POLICY, at + 1), UNCHECKED)

t.test('an endpoint is out after `fall` failures in a row, and back after `rise` passes in a row', async t => {
  t.match(run([FAILED, FAILED]), { isPassing: true, opposed: 2, since: undefined, cause: 'it was refused' })
  t.match(run([FAILED, FAILED, FAILED]), { isPassing: false, opposed: 0, since: 3, cause: 'it was refused' })
  t.match(run([FAILED, FAILED, FAILED, PASSED]), { isPassing: false, opposed: 1, since: 3, cause: undefined })
  t.match(run([FAILED, FAILED, FAILED, PASSED, PASSED]), {
    isPassing: true, opposed: 0, since: 5, passes: 2, failures: 3
  })
})

t.test('a result that agrees with the status restarts the count', async t => {
  t.match(run([FAILED, FAILED, PASSED, FAILED, FAILED]), { isPassing: true, opposed: 2 })
  t.match(run([FAILED, FAILED, FAILED, PASSED, FAILED, PASSED]), { isPassing: false, opposed: 1 })
})

t.test('an inconclusive check changes nothing', async t => {
  const before = run([FAILED, FAILED])
  t.equal(afterCheck(before, NOTHING, POLICY, 9), before)
})

t.test('every sequence of eight results: the status follows the last results that are long enough', async t => {
  for (let bits = 0; bits < 2 ** 8; bits++) {
    const results = Array.from({ length: 8 }, (_, at) => (bits >> at) % 2 === 0 ? PASSED : FAILED)
    let expected = true
    const text = results.map(({ kind }) => kind[0]).join('')
    for (let end = 1; end <= 8; end++) {
      if (expected && text.slice(0, end).endsWith('fff')) expected = false
      else if (!expected && text.slice(0, end).endsWith('pp')) expected = true
    }
    t.equal(run(results).isPassing, expected, text)
  }
})

t.test('checks are spread by chance, and come twice as often while results contradict the status', async t => {
  const policy = { interval: 1000 }
  t.equal(delayToNextCheck(UNCHECKED, policy, 0, 0), 1000)
  t.equal(delayToNextCheck(UNCHECKED, policy, 0.5, 0), 950)
  t.equal(delayToNextCheck({ ...UNCHECKED, opposed: 1 }, policy, 0, 0), 500)
  t.equal(delayToNextCheck(UNCHECKED, policy, 0, 300), 700, 'they begin an interval apart')
  t.equal(delayToNextCheck({ ...UNCHECKED, opposed: 1 }, policy, 0, 501), 0)
})

/** Milliseconds until an endpoint is out that stops responding once a check has passed. */
function timeUntilOut (policy: typeof POLICY & { interval: number, timeout: number }, random: number): number {
  let status = afterCheck(UNCHECKED, PASSED, policy, 0)
  let now = delayToNextCheck(status, policy, random, 0)
  for (;;) {
    now += policy.timeout
    status = afterCheck(status, FAILED, policy, now)
    if (!status.isPassing) return status.since!
    now += delayToNextCheck(status, policy, random, policy.timeout)
  }
}

t.test('an endpoint that freezes is out within `fall` intervals and one timeout', async t => {
  const interval = 1000
  for (const fall of [1, 2, 3, 4, 10]) {
    for (const random of [0, 0.5, 0.999]) {
      for (let timeout = 0; timeout <= interval; timeout += 50) {
        const time = timeUntilOut({ rise: 2, fall, interval, timeout }, random)
        const what = `fall ${fall}, timeout ${timeout}, random ${random}: ${time}`
        assert.ok(time <= fall * interval + timeout, what)
        if (fall > 1 && timeout <= interval / 2) assert.ok(time <= fall * interval, `${what}, without the timeout`)
      }
    }
  }
  t.equal(timeUntilOut({ rise: 2, fall: 3, interval: 5000, timeout: 2000 }, 0), 12_000, 'with the defaults')
})

t.test('statuses that pass are ranges', async t => {
  const expect = parseStatusRanges('200-299, 404')!
  t.same([200, 250, 299, 300, 404, 405].map(status => isExpected(status, { expect })),
    [true, true, true, false, true, false])
  for (const text of ['', 'ok', '200-', '300-200', '99', '600', '200-299-300']) t.equal(parseStatusRanges(text), undefined)
})
