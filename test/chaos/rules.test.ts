import t from 'tap'
import { endpointName, servicesFor } from './services.js'
import type { History, Reply, Observation, FaultPeriod, StateChange } from './history.js'
import { checkHistory } from './rules.js'
import { planFaults, planAbsences } from './fault-plan.js'
import { Random } from '../support/random.js'

/** Each rule is violated here once, by a history that is correct otherwise. */
const MEMBERS = ['b0', 'b1', 'b2']
const SERVICES = servicesFor(3)
const BEGUN = 1_000_000

let orders = 0
interface ReplyOptions {
  service?: string
  bytes?: number
  session?: Reply['session']
  at?: number
  duration?: number
}
function reply (
  result: Reply['result'],
  { service = 'Rotation', bytes = 500, session, at = 10_000, duration = 50 }: ReplyOptions = {}
): Reply {
  const sent = BEGUN + at
  return {
    order: {
      id: `o${++orders}`,
      service,
      size: bytes,
      responseSize: 100,
      responseChunked: false,
      status: 200,
      delay: 0,
      poison: false
    },
    bytes,
    session,
    sent,
    ended: sent + duration,
    result
  }
}
const from = (name: string): Reply['result'] => ({ kind: 'response', from: name })
const fault = (code: number): Reply['result'] => ({ kind: 'fault', code })
const inSession = (id: string, nth: number, together = false): NonNullable<Reply['session']> => ({
  id,
  nth,
  together
})
const observation = (kind: Observation['kind'], { order: { id }, sent }: Reply, name: string): Observation => ({
  at: sent + 5,
  from: name,
  id,
  kind
})
const faultPeriod = (name: string, at: number, duration: number, fault = 'kill'): FaultPeriod => ({
  name,
  fault,
  from: BEGUN + at,
  to: BEGUN + at + duration
})
const change = (service: string, name: string, at: number, to: string): StateChange => ({
  at: BEGUN + at,
  endpoint: endpointName(service, Number(name.slice(1))),
  to
})

const NOTHING: History = {
  replies: [],
  poisonReplies: [],
  observations: [],
  faultPeriods: [],
  stateChanges: [],
  initialStates: []
}

/** The rules that a history violates. */
const violated = (history: Partial<History>): string[] =>
  checkHistory({ ...NOTHING, ...history }, SERVICES, MEMBERS, {
    responseTimeout: 1500,
    lag: 100
  })
    .rules.filter(({ violations }) => violations.length > 0)
    .map(({ rule }) => rule)

t.test('chaos rules: a correct history violates none', async t => {
  const first = reply(from('b0'))
  const lost = reply(fault(309003), { service: 'Named', session: inSession('s1', 1), at: 10_200 })
  const repeated = reply(from('b1'), { at: 10_010 })
  t.same(
    violated({
      replies: [
        first,
        reply(from('b0'), { service: 'Named', session: inSession('s1', 0) }),
        lost,
        repeated,
        reply({ kind: 'left' }),
        reply({ kind: 'truncated', from: 'b0' })
      ],
      observations: [
        observation('taken', first, 'b0'),
        observation('taken', repeated, 'b0'),
        observation('taken', repeated, 'b1')
      ],
      faultPeriods: [faultPeriod('b0', 10_000, 500)],
      stateChanges: [
        change('Rotation', 'b0', 10_020, 'suspended'),
        change('Rotation', 'b0', 10_600, 'active'),
        change('Named', 'b0', 10_210, 'suspended')
      ]
    }),
    []
  )
})

t.test('chaos rules: an endpoint that was out before the history began counts as out', async t => {
  const initialStates = [change('Rotation', 'b1', 0, 'suspended'), change('Rotation', 'b2', 0, 'suspended')]
  t.same(violated({ replies: [reply(fault(101503))], faultPeriods: [faultPeriod('b0', 10_000, 500)], initialStates }), [])
})

t.test('chaos rules about replies find each violation', async t => {
  t.same(violated({ replies: [reply({ kind: 'wrong', why: '' })] }), [
    'every reply belongs to its request, and is complete or visibly truncated'
  ])
  t.same(violated({ replies: [reply({ kind: 'none', why: '' })] }), ['every client gets a reply'])
  t.same(violated({ observations: [observation('malformed', reply(from('b0')), 'b0')] }), [
    'every order arrives complete'
  ])
  t.same(violated({ replies: [reply({ kind: 'truncated', from: 'b1' })], faultPeriods: [faultPeriod('b0', 10_000, 500)] }), [
    'no response is truncated without a cause'
  ])
})

t.test('chaos rules about sessions find each violation', async t => {
  const named = (nth: number, name: string, at: number, together = false): Reply =>
    reply(from(name), { service: 'Named', session: inSession('s1', nth, together), at })
  t.same(violated({ replies: [named(0, 'b0', 0), named(1, 'b0', 100), named(2, 'b1', 200)] }), ['no session moves'])
  t.same(violated({ replies: [named(0, 'b0', 0), named(1, 'b1', 9_000)] }), [], 'except for sessions that expired')
  t.same(violated({ observations: [observation('foreign-session', reply(from('b0')), 'b0')] }), [
    'no back-end receives the session of another one'
  ])
  const opened = (name: string): Reply =>
    reply(from(name), { service: 'Affinity', session: inSession('s2', 0, true) })
  t.same(violated({ replies: [opened('b0'), opened('b1')] }), [], 'two members of one place')
  t.same(violated({ replies: [opened('b0'), opened('b2')] }), ['two first messages of one session go to one member'])
  t.same(
    violated({
      replies: [opened('b0'), opened('b2')],
      stateChanges: [change('Affinity', 'b0', 10_010, 'suspended')],
      faultPeriods: [faultPeriod('b0', 10_000, 20)]
    }),
    [],
    'except for a member that failed meanwhile'
  )
})

t.test('chaos rules about faults find each violation', async t => {
  const down = [faultPeriod('b0', 10_000, 500), faultPeriod('b1', 10_000, 500)]
  const rule = ['no fault where a back-end could have responded']
  t.same(violated({ replies: [reply(fault(101503))], faultPeriods: down }), rule)
  t.same(violated({ replies: [reply(fault(303000))], faultPeriods: [...down, faultPeriod('b2', 10_000, 500)] }), [])
  t.same(
    violated({
      replies: [reply(fault(303000))],
      faultPeriods: down,
      stateChanges: [change('Rotation', 'b2', 9_000, 'active'), change('Rotation', 'b2', 9_500, 'suspended')]
    }),
    ['no endpoint is suspended without a cause'],
    'a healthy back-end that is suspended'
  )
  t.same(violated({ replies: [reply(fault(101505), { bytes: 200_000 })], faultPeriods: down }), [], 'a streamed body')
  t.same(
    violated({ replies: [reply(fault(101505), { service: 'Once' })], faultPeriods: down }),
    [],
    'perhaps taken, and never to be sent again'
  )
  t.same(violated({ replies: [reply(fault(101503), { service: 'Once' })], faultPeriods: down }), rule, 'surely not taken')
  const opened = (): Reply => reply(fault(101505), { service: 'Affinity', session: inSession('s2', 0, true) })
  t.same(
    violated({ replies: [opened(), opened()], faultPeriods: down }),
    rule,
    'two that open a session: one of them is its first'
  )
  t.same(violated({ replies: [reply(fault(309003), { service: 'Named', session: inSession('s1', 1) })] }), [
    'no fault without a cause'
  ])
})

t.test('chaos rules find an order that is delivered twice', async t => {
  const rule = ['no order is delivered twice unless it may be retried']
  const withoutCause = ['no order is delivered twice without a failure before']
  const down = { faultPeriods: [faultPeriod('b0', 10_000, 500)] }
  const both = (
    options: ReplyOptions,
    stateChanges: StateChange[] = [change(options.service ?? 'Rotation', 'b0', 10_010, 'suspended')],
    second = 'b1'
  ) => {
    const repeated = reply(from(second), options)
    return violated({
      replies: [reply(from('b0'), { ...options, at: 9_950 }), repeated],
      observations: [observation('taken', repeated, 'b0'), observation('taken', repeated, second)],
      stateChanges,
      ...down
    })
  }
  t.same(both({}), [])
  t.same(both({}, []), withoutCause, 'no back-end had failed')
  const well = reply(from('b1'))
  t.same(
    violated({ replies: [well], observations: [observation('taken', well, 'b0'), observation('taken', well, 'b1')] }),
    withoutCause,
    'no back-end had failed'
  )
  t.same(both({ bytes: 200_000 }), rule, 'streamed')
  t.same(both({ service: 'Once' }), rule, 'never to be repeated')
  t.same(both({}, undefined, 'b0'), [], 'by the same one, whose reused connection had ended')
  t.same(
    violated({ replies: [well], observations: [observation('taken', well, 'b1'), observation('taken', well, 'b1')] }),
    withoutCause,
    'by the same one, which was well'
  )
  t.same(both({ service: 'Once' }, undefined, 'b0'), rule, 'never to be repeated, not even by the same one')
  const abandoned = reply({ kind: 'left' }, { at: 8_000, duration: 5 })
  const afterLeaving = {
    replies: [abandoned],
    observations: [
      observation('taken', abandoned, 'b0'),
      { ...observation('taken', abandoned, 'b1'), at: BEGUN + 10_050 }
    ],
    ...down
  }
  t.same(
    violated({ ...afterLeaving, stateChanges: [change('Rotation', 'b0', 10_010, 'suspended')] }),
    [],
    'by another one, after its client has left, and before the gateway learns that'
  )
  t.same(violated(afterLeaving), withoutCause, 'by another one, after its client has left, without a failure')
  const thrice = reply(from('b0'))
  t.same(
    violated({
      replies: [thrice],
      observations: ['b0', 'b0', 'b0'].map(name => observation('taken', thrice, name)),
      ...down
    }),
    rule,
    'by the same one three times'
  )
  const cut = reply(from('b1'))
  t.same(
    violated({
      replies: [cut],
      observations: [
        observation('taken', cut, 'b0'),
        observation('truncated', cut, 'b0'),
        { ...observation('taken', cut, 'b1'), at: cut.sent + 40 }
      ],
      stateChanges: [change('Rotation', 'b0', 10_010, 'suspended')],
      ...down
    }),
    rule,
    'a response had begun'
  )
  const [opening, later] = [0, 1].map(nth =>
    reply(from('b0'), { service: 'Carried', session: inSession('s3', nth), at: 10_000 + nth * 100 })
  )
  t.same(
    violated({
      replies: [opening!, later!],
      observations: [observation('taken', later!, 'b0'), observation('taken', later!, 'b1')],
      stateChanges: [change('Carried', 'b1', 10_110, 'suspended')],
      faultPeriods: [faultPeriod('b1', 10_000, 500)]
    }),
    rule,
    'in a session that is bound'
  )
  const [bound, late] = [0, 1].map(nth =>
    reply(nth === 0 ? from('b0') : { kind: 'left' },
      { service: 'Carried', session: inSession('s4', nth), at: 10_000 + nth * 100 })
  )
  t.same(
    violated({
      replies: [bound!, late!],
      observations: ['b0', 'b1'].map(name => ({ ...observation('taken', late!, name), at: BEGUN + 15_000 })),
      stateChanges: [change('Carried', 'b0', 14_990, 'suspended')],
      faultPeriods: [faultPeriod('b0', 14_000, 2000)]
    }),
    [],
    'once the session has expired, after its client has left'
  )
})

t.test('chaos rules about poison messages find each violation', async t => {
  const poison = reply(fault(101505), { duration: 200 })
  const out = (...names: string[]): StateChange[] => names.map(name => change('Rotation', name, 10_100, 'suspended'))
  t.same(violated({ poisonReplies: [poison], stateChanges: out('b0') }), [], 'it may suspend one')
  t.same(violated({ poisonReplies: [poison], stateChanges: out('b0', 'b1') }), [
    'a poison message suspends one endpoint at most'
  ])
  t.same(
    violated({ poisonReplies: [poison], stateChanges: out('b0', 'b1'), faultPeriods: [faultPeriod('b1', 10_000, 50)] }),
    [],
    'except for one that has a fault of its own'
  )
  t.same(violated({ poisonReplies: [poison], stateChanges: [change('Once', 'b0', 10_100, 'suspended')] }), [
    'no endpoint is suspended without a cause'
  ], 'not one of another service')
  t.same(violated({ poisonReplies: [reply(from('b0'))] }), ['a poison message gets a fault'])
})

t.test('chaos rules find a gateway that counts ended idle connections against an endpoint', async t => {
  const stale = [faultPeriod('b0', 10_000, 500, 'stale-reset')]
  t.same(violated({ faultPeriods: stale, stateChanges: [change('Rotation', 'b0', 10_100, 'suspended')] }), [
    'no endpoint is suspended without a cause'
  ])
  t.same(violated({ faultPeriods: stale, replies: [reply({ kind: 'truncated', from: 'b0' })] }), [
    'no response is truncated without a cause'
  ])
  const lost = (service: string): string[] =>
    violated({ faultPeriods: stale, replies: [reply(fault(101505), { service })] })
  t.same(lost('Rotation'), ['no fault where a back-end could have responded', 'no fault without a cause'])
  t.same(lost('Once'), [], 'except for a message that may be sent once only')
  t.same(violated({ replies: [reply(fault(101505), { service: 'Once' })] }), ['no fault without a cause'])
})

t.test('chaos rules find orders for a back-end that its name no longer resolves to, and clients that wait too long', async t => {
  const absent = [faultPeriod('b0', 10_000, 6_000, 'absent')]
  const visit = (at: number): string[] => {
    const late = reply(from('b0'), { service: 'Discovered', at })
    return violated({ replies: [late], observations: [observation('taken', late, 'b0')], faultPeriods: absent })
  }
  t.same(visit(12_000), [], 'a name is remembered for a while')
  t.same(visit(14_000), ['a back-end that its name no longer resolves to gets no orders'])
  t.same(visit(17_000), [], 'it is back')
  t.same(violated({ replies: [reply(fault(303000), { service: 'Discovered' })], faultPeriods: absent }), [
    'no fault where a back-end could have responded'
  ], 'the others could have responded')
  t.same(violated({ replies: [reply(from('b0'), { duration: 10_099 })] }), [])
  t.same(violated({ replies: [reply(from('b0'), { duration: 10_101 })] }), [
    'no client waits longer than all attempts may take'
  ])
})

t.test('a chaos plan has one absence at a time, and all end with it', async t => {
  const absences = planAbsences(new Random(7), 5, 60_000)
  t.same(absences, planAbsences(new Random(7), 5, 60_000))
  t.ok(absences.length > 5)
  absences.forEach(({ at, duration }, index) => {
    t.ok(at + duration <= Math.min(60_000, absences[index + 1]?.at ?? Infinity))
  })
})

t.test('a chaos plan is the same for the same seed, leaves one back-end healthy, and ends', async t => {
  const steps = planFaults(new Random(7), 5, 30_000)
  t.same(steps, planFaults(new Random(7), 5, 30_000))
  t.notSame(steps, planFaults(new Random(8), 5, 30_000))
  t.ok(steps.length > 50)
  for (const { at, duration } of steps) {
    t.ok(at + duration <= 30_000)
    t.ok(
      new Set(steps.filter(each => each.at <= at && at <= each.at + each.duration).map(({ member }) => member)).size < 5
    )
  }
})
