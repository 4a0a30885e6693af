import t from 'tap'
import { CODES, fault, type Fault } from '../../../lib/message/fault.js'
import {
  accepts,
  ACTIVE,
  DEFAULT_POLICY,
  healthAt,
  nextSuspension,
  isReady,
  transition,
  type Health,
  type SuspensionPolicy,
  type Signal
} from '../../../lib/state/suspension.js'

const policy = (changes: Partial<SuspensionPolicy> = {}): SuspensionPolicy => ({ ...DEFAULT_POLICY, ...changes })
const broken = (code: number, alias?: number): Signal => ({
  kind: 'fault',
  fault: { code, reason: 'it broke', ...(alias !== undefined && { passThroughCode: alias }) } satisfies Fault
})
const success: Signal = { kind: 'success' }
const after = (
  signals: readonly Signal[],
  changes: Partial<SuspensionPolicy> = {},
  begin: Health = ACTIVE,
  now = 0
): Health => signals.reduce((health, signal) => transition(health, signal, policy(changes), now), begin)
const { CONNECTION_FAILED, CONNECTION_TIMEOUT, CONNECTION_CLOSED } = CODES
const CUSTOM = 911911

/** Whether a fault is counted (then, with retries left, it leads to `timeout`), suspends, or is nothing to it. */
const classOf = (code: number, changes: Partial<SuspensionPolicy>): string =>
  after([broken(code)], { retriesBeforeSuspension: 1, ...changes }).state

t.test('suspension: some faults are counted first, others suspend at once', async t => {
  t.equal(classOf(CONNECTION_TIMEOUT, {}), 'timeout')
  t.equal(classOf(CONNECTION_CLOSED, {}), 'timeout')
  t.test('a closed connection suspends at once where the real engine shows another code', async t => {
    const shown = (code: number, alias: number, changes: Partial<SuspensionPolicy> = {}): string =>
      after([broken(code, alias)], { retriesBeforeSuspension: 1, ...changes }).state
    t.equal(shown(CONNECTION_CLOSED, 101508), 'suspended', 'closed before the response')
    t.equal(shown(CONNECTION_CLOSED, 101503), 'suspended', 'reset before the response')
    t.equal(shown(CONNECTION_TIMEOUT, 101507), 'timeout', 'but what is late is late (WSO2)')
    t.equal(
      shown(CONNECTION_CLOSED, 101508, { markCodes: [CONNECTION_CLOSED] }),
      'timeout',
      'and a list that names it means it'
    )
  })
  t.test('a list of the endpoint replaces the two default codes', async t => {
    const markCodes = [CONNECTION_TIMEOUT, CUSTOM]
    t.same(
      [CONNECTION_TIMEOUT, CUSTOM, CONNECTION_CLOSED].map(code => classOf(code, { markCodes })),
      ['timeout', 'timeout', 'suspended']
    )
    t.equal(classOf(CONNECTION_CLOSED, { markCodes: [] }), 'timeout', 'an empty one does not')
  })
  t.test('any other fault suspends, unless a list names the faults that do', async t => {
    t.same(
      [CONNECTION_FAILED, CUSTOM, CODES.MEDIATION].map(code => classOf(code, {})),
      ['suspended', 'suspended', 'suspended']
    )
    t.same(
      [CONNECTION_FAILED, CUSTOM].map(code => classOf(code, { suspendCodes: [CUSTOM] })),
      ['active', 'suspended']
    )
    t.equal(classOf(CONNECTION_FAILED, { suspendCodes: [] }), 'suspended')
  })
  t.test('a code in both lists is counted first', async t => {
    t.equal(classOf(CONNECTION_TIMEOUT, { suspendCodes: [CONNECTION_TIMEOUT] }), 'timeout')
    t.equal(classOf(CONNECTION_TIMEOUT, { markCodes: [CUSTOM], suspendCodes: [CONNECTION_TIMEOUT] }), 'suspended')
    t.equal(
      classOf(CONNECTION_TIMEOUT, { retriesBeforeSuspension: 0 }),
      'suspended',
      'and suspends as well, when no retries are left'
    )
  })
  t.test('a list may name the code that the real engine would have shown', async t => {
    t.equal(
      after([broken(CONNECTION_CLOSED, 101508)], { retriesBeforeSuspension: 1, markCodes: [101508] }).state,
      'timeout'
    )
    t.equal(after([broken(CONNECTION_CLOSED, 101508)], { markCodes: [1], suspendCodes: [101508] }).state, 'suspended')
    t.equal(
      after([broken(CONNECTION_TIMEOUT, 101507)], { retriesBeforeSuspension: 1, markCodes: [504] }).state,
      'timeout',
      'late responses, as Apache calls them'
    )
    t.equal(after([broken(CONNECTION_FAILED)], { retriesBeforeSuspension: 1, markCodes: [504] }).state, 'suspended')
  })
})

t.test('protocol-error: a response that is not HTTP is counted, and never suspends while retries are left', async t => {
  const response = broken(CODES.PROTOCOL_VIOLATION, 101509)
  const patient = { retriesBeforeSuspension: 2 }
  t.equal(after([response, response], patient).state, 'timeout')
  t.equal(after([response, response, response], patient).state, 'suspended')
  t.equal(classOf(CODES.PROTOCOL_VIOLATION, { markCodes: [CONNECTION_TIMEOUT] }), 'suspended', 'a list that leaves it out')
})

t.test('the length of a suspension follows the policy', async t => {
  const durations = (count: number, changes: Partial<SuspensionPolicy>): number[] => {
    const all: number[] = []
    for (let last = 0; all.length < count;) all.push((last = nextSuspension(last, policy(changes))))
    return all
  }
  t.same(durations(3, {}), [30_000, 30_000, 30_000])
  t.same(durations(3, { initialDuration: 20_000, progressionFactor: 1 }), [20_000, 20_000, 20_000])
  t.same(
    durations(8, { initialDuration: 1000, progressionFactor: 2, maximumDuration: 60_000 }),
    [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]
  )
  t.same(
    durations(5, { initialDuration: 2000, progressionFactor: 1.5, maximumDuration: 10_000 }),
    [2000, 3000, 4500, 6750, 10_000]
  )
  t.same(durations(5, { progressionFactor: 0.5 }), [30_000, 15_000, 7500, 3750, 1875])
  t.same(
    durations(2, { initialDuration: 5000, maximumDuration: 1000 }),
    [1000, 1000],
    'the maximum holds for the first one, too'
  )
  t.same(durations(3, { initialDuration: 0, progressionFactor: 2 }), [0, 0, 0], 'nothing grows out of 0')
  t.same(durations(1, { initialDuration: -1 }), [30_000], 'below 0: as if it were not set')
  t.same(
    durations(3, { initialDuration: 16_777_217, progressionFactor: 1 }),
    [16_777_217, 16_777_216, 16_777_216],
    'as in floats of 32 bits'
  )
  t.equal(
    nextSuspension(30_000, policy({ progressionFactor: 1.1 })),
    33_000,
    'the float 1.1 is a little more than 1.1, the product is rounded again'
  )
  t.ok(
    new Date(Date.UTC(2100, 1) + durations(50, { progressionFactor: 1e6 }).at(-1)!).toISOString(),
    'it never is so long that it has no date'
  )
})

t.test('failures in a row lengthen the suspension', async t => {
  const changes = { initialDuration: 1000, progressionFactor: 2 }
  const once = after([broken(CONNECTION_FAILED)], changes, ACTIVE, 5)
  t.same(once, { state: 'suspended', duration: 1000, retryAt: 1005, retriesLeft: 0, since: 5, cause: 'it broke' })
  const twice = after([broken(CONNECTION_FAILED)], changes, once, 2000)
  t.same(twice, { state: 'suspended', duration: 2000, retryAt: 4000, retriesLeft: 0, since: 5, cause: 'it broke' })
  t.equal(after([success], changes, twice), ACTIVE)
  t.match(after([success, broken(CONNECTION_FAILED)], changes, twice), { duration: 1000 }, 'a success starts over')
  t.equal(after([success], changes, ACTIVE), ACTIVE)
})

t.test('a failure of an attempt that began before the suspension changes nothing', async t => {
  const changes = { initialDuration: 1000, progressionFactor: 2, retriesBeforeSuspension: 2 }
  const began = (startedAt: number, code: number = CONNECTION_FAILED): Signal => ({
    kind: 'fault',
    fault: { code, reason: 'it broke' },
    startedAt
  })
  const once = after([began(0)], changes, ACTIVE, 5)
  t.equal(after([began(0), began(4), began(5), began(1004)], changes, once, 900), once, 'changes nothing')
  t.equal(
    after([began(5, CONNECTION_TIMEOUT)], changes, once, 900),
    once,
    'nor does one that would be counted: it must not end the suspension'
  )
  t.equal(after([began(5)], changes, once, 5000), once, 'not even when the suspension is over')
  t.match(
    after([began(1005)], changes, once, 1005),
    { state: 'suspended', duration: 2000, retryAt: 3005 },
    'who tried it afterwards does'
  )
  t.match(
    after([began(0)], { initialDuration: 0 }, after([began(0)], { initialDuration: 0 })),
    { duration: 0, retryAt: 0 },
    'nothing is held by no suspension'
  )
  const counted = after([began(0, CONNECTION_TIMEOUT)], { ...changes, retryDelay: 1000 })
  t.match(
    after([began(0, CONNECTION_TIMEOUT)], changes, counted),
    { state: 'timeout', retriesLeft: 0 },
    'failures are still counted, however many at once'
  )
  t.match(after([began(0)], changes, counted), { state: 'suspended', duration: 1000 })
})

t.test('half-open: the suspension is over, and no response has come yet', async t => {
  const health = after([broken(CONNECTION_FAILED)])
  t.same(
    [29_999, 30_000].map(now => healthAt(health, now).state),
    ['suspended', 'half-open']
  )
  t.same(
    [29_999, 30_000].map(now => accepts(health, 'new', now)),
    [false, true]
  )
  t.same(
    [29_999, 30_000].map(now => isReady(health, now)),
    [false, false],
    'an endpoint that has not responded is not ready'
  )
  const trial: Signal = { kind: 'trial', endsAt: 32_000 }
  const tried = transition(health, trial, policy(), 30_000)
  t.match(tried, { state: 'half-open', trial: { startedAt: 30_000, endsAt: 32_000 } })
  t.same(
    [accepts(tried, 'new', 31_999), accepts(tried, 'bound', 31_999), accepts(tried, 'new', 32_000)],
    [false, true, true],
    'one trial at a time, for a time; messages of bound sessions pass'
  )
  t.equal(transition(tried, trial, policy(), 31_999), tried, 'there is no second trial beside it')
  t.match(transition(tried, { kind: 'trialEnd', startedAt: 30_000 }, policy(), 30_001), {
    state: 'half-open',
    trial: undefined
  })
  t.equal(
    transition(tried, { kind: 'trialEnd', startedAt: 29_000 }, policy(), 30_001),
    tried,
    'only the trial itself ends it'
  )
  t.equal(transition(tried, success, policy(), 30_001), ACTIVE)
  t.match(transition(tried, broken(CONNECTION_FAILED), policy({ progressionFactor: 2 }), 30_001), {
    state: 'suspended',
    duration: 60_000,
    since: 0
  })
  t.equal(transition(health, trial, policy(), 29_999), health, 'there is no trial during the suspension')
})

t.test('tolerated failures hold back no message once their time is over', async t => {
  const unsuspended = after([broken(CONNECTION_FAILED)], { initialDuration: 0 })
  t.same(
    [-1, 0].map(now => accepts(unsuspended, 'new', now)),
    [false, true]
  )
  t.equal(
    transition(unsuspended, { kind: 'trial', endsAt: 2000 }, policy(), 0),
    unsuspended,
    'a suspension of 0 ms has no trial'
  )
  const counted = after([broken(CONNECTION_TIMEOUT)], { retriesBeforeSuspension: 1, retryDelay: 100 })
  t.same(
    [99, 100].map(now => accepts(counted, 'new', now)),
    [false, true]
  )
  t.equal(transition(counted, { kind: 'trial', endsAt: 2000 }, policy(), 100), counted, 'nor has the state timeout')
})

t.test('counted faults suspend after their retries', async t => {
  const changes = { markCodes: [CONNECTION_TIMEOUT], retriesBeforeSuspension: 2, retryDelay: 1000 }
  const late = broken(CONNECTION_TIMEOUT)
  const [one, two, three] = [after([late], changes), after([late, late], changes), after([late, late, late], changes)]
  t.match(one, { state: 'timeout', retriesLeft: 1, retryAt: 1000 })
  t.same(
    [999, 1000].map(now => isReady(one, now)),
    [false, true]
  )
  t.match(two, { state: 'timeout', retriesLeft: 0, retryAt: 1000 })
  t.match(three, { state: 'suspended', duration: 30_000 })
  t.match(
    after([late], changes, three),
    { state: 'suspended', duration: 30_000 },
    'and after that each one suspends at once'
  )
  t.equal(after([success], changes, three), ACTIVE)
  t.match(
    after([success, late], changes, three),
    { state: 'timeout', retriesLeft: 1 },
    'until a success gives the retries back'
  )

  t.test('a suspension in between is remembered', async t => {
    const progressive = { ...changes, initialDuration: 1000, progressionFactor: 2 }
    t.match(after([broken(CONNECTION_FAILED), late], progressive), {
      state: 'timeout',
      retriesLeft: 1,
      duration: 1000
    })
    t.match(after([broken(CONNECTION_FAILED), late, broken(CONNECTION_FAILED)], progressive), {
      state: 'suspended',
      duration: 2000,
      retriesLeft: 1
    })
  })
  t.test('a fault that does not count leaves the state unchanged', async t => {
    t.equal(after([broken(CUSTOM)], { ...changes, suspendCodes: [1] }, one), one)
    t.equal(after([broken(CUSTOM)], { ...changes, suspendCodes: [1] }, three), three)
  })
})

t.test('a switch by an operator overrides the state', async t => {
  const suspended = after([broken(CONNECTION_FAILED)])
  const counted = after([broken(CONNECTION_TIMEOUT)], { retriesBeforeSuspension: 1 })
  const off: Health = { state: 'off', since: 0 }
  const draining: Health = { state: 'draining', since: 0 }
  const all = { active: ACTIVE, suspended, timeout: counted, off, draining }
  const table: Record<Signal['kind'], Record<keyof typeof all, string>> = {
    //        from active        from suspended          from timeout            from off    from draining
    success: { active: 'active', suspended: 'active', timeout: 'active', off: 'off', draining: 'draining' },
    fault: { active: 'suspended', suspended: 'suspended', timeout: 'suspended', off: 'off', draining: 'draining' },
    on: { active: 'active', suspended: 'active', timeout: 'active', off: 'active', draining: 'active' },
    off: { active: 'off', suspended: 'off', timeout: 'off', off: 'off', draining: 'off' },
    drain: { active: 'draining', suspended: 'draining', timeout: 'draining', off: 'off', draining: 'draining' },
    trial: { active: 'active', suspended: 'suspended', timeout: 'timeout', off: 'off', draining: 'draining' },
    trialEnd: { active: 'active', suspended: 'suspended', timeout: 'timeout', off: 'off', draining: 'draining' }
  }
  for (const [kind, row] of Object.entries(table)) {
    for (const [from, to] of Object.entries(row)) {
      const signal =
        kind === 'fault' ? ({ kind, fault: fault('CONNECTION_FAILED', 'it broke') } as const) : ({ kind } as Signal)
      const begin = all[from as keyof typeof all]
      const end = transition(begin, signal, policy(), 1)
      t.equal(end.state, to, `${from}, ${kind}`)
      if (from === to && kind !== 'fault') t.equal(end, begin, 'the same object, where nothing changes')
    }
  }
  t.same(
    [off, draining].map(health => isReady(health, 1e15)),
    [false, false]
  )
})
