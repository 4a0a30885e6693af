import t from 'tap'
import { endpointName, servicesFor } from './services.js'
import type { History, Reply, Sight, Trouble, Turn } from './history.js'
import { judge } from './laws.js'
import { planned, plannedAbsences } from './plan.js'
import { seeded } from './random.js'

/** Laws that nothing breaks say nothing: each is broken here once, by a history that is otherwise as it should be. */
const MEMBERS = ['b0', 'b1', 'b2']
const SERVICES = servicesFor(3)
const BEGUN = 1_000_000

let orders = 0
interface Told {
  service?: string
  bytes?: number
  session?: Reply['session']
  at?: number
  lasts?: number
}
function reply (
  got: Reply['got'],
  { service = 'Rotation', bytes = 500, session, at = 10_000, lasts = 50 }: Told = {}
): Reply {
  const sent = BEGUN + at
  return {
    order: {
      id: `o${++orders}`,
      service,
      size: bytes,
      answerSize: 100,
      answerChunked: false,
      status: 200,
      takes: 0,
      poison: false
    },
    bytes,
    session,
    sent,
    ended: sent + lasts,
    got
  }
}
const from = (name: string): Reply['got'] => ({ kind: 'answer', from: name })
const fault = (code: number): Reply['got'] => ({ kind: 'fault', code })
const inSession = (id: string, nth: number, together = false): NonNullable<Reply['session']> => ({
  id,
  nth,
  together
})
const sight = (what: Sight['what'], { order: { id }, sent }: Reply, name: string): Sight => ({
  at: sent + 5,
  from: name,
  id,
  what
})
const trouble = (name: string, at: number, lasts: number, fault = 'kill'): Trouble => ({
  name,
  fault,
  from: BEGUN + at,
  to: BEGUN + at + lasts
})
const turn = (service: string, name: string, at: number, to: string): Turn => ({
  at: BEGUN + at,
  endpoint: endpointName(service, Number(name.slice(1))),
  to
})

const broken = (history: Partial<History>): string[] =>
  judge({ replies: [], poisons: [], sights: [], troubles: [], turns: [], states: [], ...history }, SERVICES, MEMBERS, {
    patience: 1500,
    grace: 100
  })
    .laws.filter(({ broken }) => broken.length > 0)
    .map(({ law }) => law)

t.test('what is as it should be breaks no law', async t => {
  const first = reply(from('b0'))
  const lost = reply(fault(309003), { service: 'Named', session: inSession('s1', 1), at: 10_200 })
  const repeated = reply(from('b1'), { at: 10_010 })
  t.same(
    broken({
      replies: [
        first,
        reply(from('b0'), { service: 'Named', session: inSession('s1', 0) }),
        lost,
        repeated,
        reply({ kind: 'left' }),
        reply({ kind: 'broken', from: 'b0' })
      ],
      sights: [sight('taken', first, 'b0'), sight('taken', repeated, 'b0'), sight('taken', repeated, 'b1')],
      troubles: [trouble('b0', 10_000, 500)],
      turns: [
        turn('Rotation', 'b0', 10_020, 'suspended'),
        turn('Rotation', 'b0', 10_600, 'active'),
        turn('Named', 'b0', 10_210, 'suspended')
      ]
    }),
    []
  )
})

t.test('an endpoint that was out before is known to be so, and is not judged again', async t => {
  const states = [turn('Rotation', 'b1', 0, 'suspended'), turn('Rotation', 'b2', 0, 'suspended')]
  t.same(broken({ replies: [reply(fault(101503))], troubles: [trouble('b0', 10_000, 500)], states }), [])
})

t.test('laws about replies find what breaks them', async t => {
  t.same(broken({ replies: [reply({ kind: 'wrong', why: '' })] }), [
    'every reply belongs to its request, and is whole or visibly broken off'
  ])
  t.same(broken({ replies: [reply({ kind: 'nothing', why: '' })] }), ['everybody gets a reply'])
  t.same(broken({ sights: [sight('odd', reply(from('b0')), 'b0')] }), ['every order arrives whole'])
  t.same(broken({ replies: [reply({ kind: 'broken', from: 'b1' })], troubles: [trouble('b0', 10_000, 500)] }), [
    'no answer breaks off without a cause'
  ])
})

t.test('laws about sessions find what breaks them', async t => {
  const named = (nth: number, name: string, at: number, together = false): Reply =>
    reply(from(name), { service: 'Named', session: inSession('s1', nth, together), at })
  t.same(broken({ replies: [named(0, 'b0', 0), named(1, 'b0', 100), named(2, 'b1', 200)] }), ['no session moves'])
  t.same(broken({ replies: [named(0, 'b0', 0), named(1, 'b1', 9_000)] }), [], 'but for those that expired')
  t.same(broken({ sights: [sight('foreign', reply(from('b0')), 'b0')] }), [
    'no server sees the session of another one'
  ])
  const opened = (name: string): Reply =>
    reply(from(name), { service: 'Affinity', session: inSession('s2', 0, true) })
  t.same(broken({ replies: [opened('b0'), opened('b1')] }), [], 'two members of one place')
  t.same(broken({ replies: [opened('b0'), opened('b2')] }), ['two first messages at once meet at one server'])
  t.same(
    broken({
      replies: [opened('b0'), opened('b2')],
      turns: [turn('Affinity', 'b0', 10_010, 'suspended')],
      troubles: [trouble('b0', 10_000, 20)]
    }),
    [],
    'but for one that failed meanwhile'
  )
})

t.test('laws about faults find what breaks them', async t => {
  const [down] = [[trouble('b0', 10_000, 500), trouble('b1', 10_000, 500)]]
  const law = ['no fault where a back-end could have answered']
  t.same(broken({ replies: [reply(fault(101503))], troubles: down }), law)
  t.same(broken({ replies: [reply(fault(303000))], troubles: [...down, trouble('b2', 10_000, 500)] }), [])
  t.same(
    broken({
      replies: [reply(fault(303000))],
      troubles: down,
      turns: [turn('Rotation', 'b2', 9_000, 'active'), turn('Rotation', 'b2', 9_500, 'suspended')]
    }),
    ['no endpoint is suspended without a cause'],
    'a healthy back-end that is suspended'
  )
  t.same(broken({ replies: [reply(fault(101505), { bytes: 200_000 })], troubles: down }), [], 'streamed away')
  t.same(
    broken({ replies: [reply(fault(101505), { service: 'Once' })], troubles: down }),
    [],
    'perhaps taken, and never to be sent again'
  )
  t.same(broken({ replies: [reply(fault(101503), { service: 'Once' })], troubles: down }), law, 'surely not taken')
  const opened = (): Reply => reply(fault(101505), { service: 'Affinity', session: inSession('s2', 0, true) })
  t.same(
    broken({ replies: [opened(), opened()], troubles: down }),
    law,
    'two that open a session: one of them is its first'
  )
  t.same(broken({ replies: [reply(fault(309003), { service: 'Named', session: inSession('s1', 1) })] }), [
    'no fault without a cause'
  ])
})

t.test('laws find an order that is delivered twice', async t => {
  const law = ['nothing is delivered twice outside the rule']
  const down = { troubles: [trouble('b0', 10_000, 500)] }
  const both = (
    told: Told,
    turns: Turn[] = [turn(told.service ?? 'Rotation', 'b0', 10_010, 'suspended')],
    second = 'b1'
  ) => {
    const repeated = reply(from(second), told)
    return broken({
      replies: [reply(from('b0'), { ...told, at: 9_950 }), repeated],
      sights: [sight('taken', repeated, 'b0'), sight('taken', repeated, second)],
      turns,
      ...down
    })
  }
  t.same(both({}), [])
  t.same(both({}, []), law, 'no back-end had failed')
  const well = reply(from('b1'))
  t.same(
    broken({ replies: [well], sights: [sight('taken', well, 'b0'), sight('taken', well, 'b1')] }),
    law,
    'no back-end had failed'
  )
  t.same(both({ bytes: 200_000 }), law, 'streamed')
  t.same(both({ service: 'Once' }), law, 'never to be repeated')
  t.same(both({}, undefined, 'b0'), [], 'by the same one, whose reused connection had ended')
  t.same(
    broken({ replies: [well], sights: [sight('taken', well, 'b1'), sight('taken', well, 'b1')] }),
    law,
    'by the same one, which was well'
  )
  t.same(both({ service: 'Once' }, undefined, 'b0'), law, 'never to be repeated, not even by the same one')
  const thrice = reply(from('b0'))
  t.same(
    broken({
      replies: [thrice],
      sights: ['b0', 'b0', 'b0'].map(name => sight('taken', thrice, name)),
      ...down
    }),
    law,
    'by the same one three times'
  )
  const cut = reply(from('b1'))
  t.same(
    broken({
      replies: [cut],
      sights: [
        sight('taken', cut, 'b0'),
        sight('cut', cut, 'b0'),
        { ...sight('taken', cut, 'b1'), at: cut.sent + 40 }
      ],
      turns: [turn('Rotation', 'b0', 10_010, 'suspended')],
      ...down
    }),
    law,
    'an answer had begun'
  )
  const [opening, later] = [0, 1].map(nth =>
    reply(from('b0'), { service: 'Carried', session: inSession('s3', nth), at: 10_000 + nth * 100 })
  )
  t.same(
    broken({
      replies: [opening!, later!],
      sights: [sight('taken', later!, 'b0'), sight('taken', later!, 'b1')],
      turns: [turn('Carried', 'b1', 10_110, 'suspended')],
      troubles: [trouble('b1', 10_000, 500)]
    }),
    law,
    'in a session that is bound'
  )
})

t.test('laws about messages that break every back-end find what breaks them', async t => {
  const poison = reply(fault(101505), { lasts: 200 })
  const out = (...names: string[]): Turn[] => names.map(name => turn('Rotation', name, 10_100, 'suspended'))
  t.same(broken({ poisons: [poison], turns: out('b0') }), [], 'it may suspend one')
  t.same(broken({ poisons: [poison], turns: out('b0', 'b1') }), [
    'a message that breaks every back-end suspends one endpoint at most'
  ])
  t.same(
    broken({ poisons: [poison], turns: out('b0', 'b1'), troubles: [trouble('b1', 10_000, 50)] }),
    [],
    'but for one that has a fault of its own'
  )
  t.same(broken({ poisons: [poison], turns: [turn('Once', 'b0', 10_100, 'suspended')] }), [
    'no endpoint is suspended without a cause'
  ], 'not one of another service')
  t.same(broken({ poisons: [reply(from('b0'))] }), ['a message that breaks every back-end gets a fault'])
})

t.test('a back-end that ends idle connections is well: laws find a gateway that takes it for ill', async t => {
  const stale = [trouble('b0', 10_000, 500, 'stale-reset')]
  t.same(broken({ troubles: stale, turns: [turn('Rotation', 'b0', 10_100, 'suspended')] }), [
    'no endpoint is suspended without a cause'
  ])
  t.same(broken({ troubles: stale, replies: [reply({ kind: 'broken', from: 'b0' })] }), [
    'no answer breaks off without a cause'
  ])
  const lost = (service: string): string[] => broken({ troubles: stale, replies: [reply(fault(101505), { service })] })
  t.same(lost('Rotation'), ['no fault where a back-end could have answered', 'no fault without a cause'])
  t.same(lost('Once'), [], 'but for a message that may be sent once only')
  t.same(broken({ replies: [reply(fault(101505), { service: 'Once' })] }), ['no fault without a cause'])
})

t.test('laws find orders for a back-end that has left its name, and clients that wait too long', async t => {
  const absent = [trouble('b0', 10_000, 6_000, 'absent')]
  const visit = (at: number): string[] => {
    const late = reply(from('b0'), { service: 'Discovered', at })
    return broken({ replies: [late], sights: [sight('taken', late, 'b0')], troubles: absent })
  }
  t.same(visit(12_000), [], 'a name is remembered for a while')
  t.same(visit(14_000), ['a back-end that has left its name gets no orders'])
  t.same(visit(17_000), [], 'it is back')
  t.same(broken({ replies: [reply(fault(303000), { service: 'Discovered' })], troubles: absent }), [
    'no fault where a back-end could have answered'
  ], 'the others could have answered')
  t.same(broken({ replies: [reply(from('b0'), { lasts: 10_099 })] }), [])
  t.same(broken({ replies: [reply(from('b0'), { lasts: 10_101 })] }), [
    'no client waits longer than all its tries may take'
  ])
})

t.test('absences follow one another, and are over when the plan is', async t => {
  const absences = plannedAbsences(seeded(7), 5, 60_000)
  t.same(absences, plannedAbsences(seeded(7), 5, 60_000))
  t.ok(absences.length > 5)
  absences.forEach(({ at, lasts }, index) => {
    t.ok(at + lasts <= Math.min(60_000, absences[index + 1]?.at ?? Infinity))
  })
})

t.test('a plan is the same for the same seed, leaves one back-end healthy, and ends', async t => {
  const steps = planned(seeded(7), 5, 30_000)
  t.same(steps, planned(seeded(7), 5, 30_000))
  t.notSame(steps, planned(seeded(8), 5, 30_000))
  t.ok(steps.length > 50)
  for (const { at, lasts } of steps) {
    t.ok(at + lasts <= 30_000)
    t.ok(
      new Set(steps.filter(each => each.at <= at && at <= each.at + each.lasts).map(({ member }) => member)).size < 5
    )
  }
})
