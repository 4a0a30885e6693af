/** What a failure says of an endpoint, and what it does not: stories of one message, and of messages around it. */
import assert from 'node:assert/strict'
import t from 'tap'
import { chaptersOf, DOWN, GONE, SEEN } from './chapters.js'
import type { Outcome } from '../../lib/contracts/flow.js'
import { fault } from '../../lib/message/fault.js'
import type { Message } from '../../lib/message/message.js'
import { answered, codeOf, failed, group, leaf, request, stage, type Stage } from './stage.js'

const MEMBERS = ['A', 'B', 'C'].map(name => leaf(name, { suspendOnFailure: { initialDuration: 10_000 } }))
const out = ({ registry }: Stage): string[] =>
  [...registry.endpoints.values()].filter(({ health }) => health.state === 'suspended').map(({ name }) => name)

t.test('poison: a message that makes every member close suspends one of them', async t => {
  const scene = stage(group('loadbalance', MEMBERS))
  const poison = scene.play(request(), SEEN, SEEN, SEEN)
  t.same(poison.calls, ['A', 'B', 'C'])
  t.same(out(scene), ['A'])
  t.same(
    [...scene.registry.endpoints.values()].map(({ failures }) => failures),
    [1, 1, 1],
    'each of them counts it'
  )
  t.match(scene.play(request(), answered()).end, { kind: 'answered' }, 'the group serves the next message')
})

t.test('poison: in nested groups and failover groups too', async t => {
  const inner = (name: string): object => ({
    kind: 'failover',
    name,
    members: ['1', '2'].map(each => leaf(`${name}${each}`))
  })
  const scene = stage(group('loadbalance', [inner('F'), inner('G')]))
  t.equal(scene.play(request(), SEEN, SEEN, SEEN, SEEN).calls.length, 4)
  t.same(out(scene), ['F1'])
})

t.test('refused connections suspend every member that refuses', async t => {
  const scene = stage(group('loadbalance', MEMBERS))
  scene.play(request(), DOWN, DOWN, DOWN)
  t.same(out(scene), ['A', 'B', 'C'])
})

t.test(
  'whatever happens to one message, at most one endpoint is suspended by what happened after it was sent',
  async t => {
    for (const kind of ['loadbalance', 'failover'] as const) {
      for (const { chapters, scene } of chaptersOf(() => stage(group(kind, MEMBERS)), [request()])) {
        const refused = chapters[0]!.outcomes.filter(outcome => outcome === DOWN).length
        assert.ok(out(scene).length <= refused + 1)
        if (chapters[0]!.outcomes.some(outcome => outcome === SEEN || outcome === GONE)) {
          assert.equal(out(scene).length, refused + 1)
        }
      }
    }
    t.pass()
  }
)

t.test('a trial in flight: other messages go to other members', async t => {
  const scene = stage(group('loadbalance', MEMBERS.slice(0, 2)))
  t.same(scene.play(request(), failed(), answered()).calls, ['A', 'B'])
  scene.clock.now = 10_000
  const trial = scene.send(request())
  t.equal(trial.asks, 'A')
  t.same([scene.send(request()).asks, scene.send(request()).asks], ['B', 'B'])
  trial.next(answered())
  t.equal(scene.state('A'), 'active')
})

t.test('a trial in flight, and no other member: messages wait for its end', async t => {
  const begin = (): { scene: Stage; trial: ReturnType<Stage['send']>; waiting: ReturnType<Stage['send']>[] } => {
    const scene = stage(group('loadbalance', [MEMBERS[0]!]))
    scene.play(request(), failed())
    scene.clock.now = 10_000
    const trial = scene.send(request())
    return { scene, trial, waiting: [scene.send(request()), scene.send(request())] }
  }
  t.test('the waiting messages are sent when the trial is answered', async t => {
    const { trial, waiting } = begin()
    t.same(
      waiting.map(({ waitsFor, calls }) => [waitsFor, calls]),
      [
        ['A', []],
        ['A', []]
      ]
    )
    trial.next(answered())
    for (const each of waiting) t.equal(each.resume(true).asks, 'A')
  })
  t.test('it fails: they get the fault of a group without a ready member', async t => {
    const { trial, waiting } = begin()
    trial.next(failed())
    for (const each of waiting) t.equal(codeOf(each.resume(true).end), 'NONE_READY')
  })
  t.test('its time is over without a result: it keeps no message away', async t => {
    const { scene, waiting, trial } = begin()
    scene.clock.now += 2_000
    for (const each of waiting) t.equal(each.resume(true).asks, 'A')
    t.equal(scene.send(request()).waitsFor, 'A', 'the first of them is the next trial')
    waiting[0]!.next(answered())
    t.equal(scene.state('A'), 'active', 'any response ends it')
    trial.next(failed('CONNECTION_TIMEOUT', true))
    t.equal(scene.state('A'), 'suspended', 'the late failure of the trial is a failure of an active endpoint')
  })
  t.test('the queue is full: a message is refused at once', async t => {
    t.equal(codeOf(begin().waiting[0]!.resume(false).end), 'NONE_READY')
  })
  t.test('the time of a trial is at most the timeout of the endpoint', async t => {
    const scene = stage(leaf('A', { timeout: { duration: 500 } }))
    scene.play(request(), failed())
    scene.clock.now = 30_000
    scene.send(request())
    t.match(scene.registry.endpoints.get('A')!.health, { state: 'half-open', trial: { endsAt: 30_500 } })
  })
})

t.test('failures that are forgiven hold back no message after their time', async t => {
  const settings = [
    { suspendOnFailure: { initialDuration: 0 } },
    { markForSuspension: { errorCodes: [101503], retriesBeforeSuspension: 3, retryDelay: 0 } }
  ]
  for (const more of settings) {
    const scene = stage(leaf('A', more))
    scene.play(request(), failed())
    t.same(
      Array.from({ length: 20 }, () => scene.send(request()).asks),
      Array(20).fill('A')
    )
  }
})

t.test('failureStatus: these statuses are failures, counted, suspended and failed over as others are', async t => {
  const status = (status: number, headers: string[] = []): Outcome => {
    const outcome = answered(headers)
    return outcome.kind === 'answered' ? { kind: 'answered', message: { ...outcome.message, status } } : outcome
  }
  const members = (more: object = {}): object[] =>
    ['A', 'B'].map(name =>
      leaf(name, {
        failureStatus: [503, 429],
        suspendOnFailure: { initialDuration: 1000, maximumDuration: 60_000 },
        ...more
      })
    )

  const scene = stage(group('loadbalance', members()))
  const told = scene.play(request(), status(503), status(500))
  t.same([told.calls, told.end?.kind], [['A', 'B'], 'answered'], 'the next member is tried; 500 is a response')
  t.match(scene.registry.endpoints.get('A')!.health, {
    state: 'suspended',
    duration: 1000,
    cause: 'the endpoint responded with status 503'
  })

  const all = stage(group('loadbalance', members()))
  t.equal(codeOf(all.play(request(), status(503), status(503)).end), 'FAILURE_STATUS')
  t.same(out(all), ['A'], 'one message suspends one of them')

  const once = stage(group('loadbalance', members(), { retry: 'unsent' }))
  t.same(once.play(request(), status(503)).calls, ['A'], 'retry="unsent": it was sent')

  const counted = stage(
    group(
      'loadbalance',
      members({ markForSuspension: { errorCodes: [503], retriesBeforeSuspension: 2, retryDelay: 10 } })
    )
  )
  counted.play(request(), status(503), answered())
  t.equal(counted.state('A'), 'timeout', 'lists of codes may name the status')

  for (const [value, duration] of [
    ['7', 7000],
    ['999999', 60_000],
    ['Thu, 01 Jan 1970 00:00:05 GMT', 5000],
    ['soon', 1000],
    ['0', 1000]
  ] as const) {
    const scene = stage(
      leaf('A', { failureStatus: [503], suspendOnFailure: { initialDuration: 1000, maximumDuration: 60_000 } })
    )
    scene.play(request(), status(503, ['Retry-After', value]))
    t.match(scene.registry.endpoints.get('A')!.health, { state: 'suspended', duration }, `Retry-After: ${value}`)
  }
})

t.test('frozen: five clients in a row that wait and disconnect count as a late response', async t => {
  const give = (scene: Stage, waited: number): void => {
    const told = scene.send(request())
    scene.clock.now += waited
    told.leave()
  }
  const scene = stage(leaf('A'))
  for (let client = 0; client < 4; client++) give(scene, 1001)
  t.equal(scene.state('A'), 'active')
  give(scene, 1001)
  t.match(scene.registry.endpoints.get('A')!.health, {
    state: 'suspended',
    cause: '5 clients in a row disconnected while they waited for a response'
  })

  const answers = stage(leaf('A'))
  for (let client = 0; client < 20; client++) {
    if (client % 4 === 0) answers.play(request(), answered())
    give(answers, 5000)
  }
  t.equal(answers.state('A'), 'active', 'a response in between starts the count anew')

  const hasty = stage(leaf('A'))
  for (let client = 0; client < 20; client++) give(hasty, 1000)
  t.equal(hasty.state('A'), 'active', 'clients that do not wait say nothing')

  const halfClosed = stage(leaf('A'))
  halfClosed.registry.disconnectDelay = 5000
  for (let client = 0; client < 20; client++) give(halfClosed, 5500)
  t.equal(halfClosed.state('A'), 'active', 'what a client that has ended its side is waited for is not its wait')
  for (let client = 0; client < 5; client++) give(halfClosed, 6001)
  t.equal(halfClosed.state('A'), 'suspended')

  const off = stage(leaf('A', { maxAbandoned: 0 }))
  for (let client = 0; client < 20; client++) give(off, 5000)
  t.equal(off.state('A'), 'active', '0: off')

  const limited = stage(leaf('A'))
  const tooLong: Outcome = { kind: 'refused', fault: fault('CONNECTION_TIMEOUT', 'supposed', { requestSent: true }) }
  for (let message = 0; message < 5; message++) {
    const told = limited.send(request())
    limited.clock.now += 1001
    told.next(tooLong)
  }
  t.equal(limited.state('A'), 'suspended', 'the limit of the whole exchange gives up like a client')

  const uploads = stage(leaf('A'))
  const rest = { attach () {}, discard () {} }
  const streamed: Message = { ...request(), body: { kind: 'stream', head: Buffer.alloc(0), rest, size: undefined } }
  for (let client = 0; client < 20; client++) {
    const told = uploads.send(streamed)
    uploads.clock.now += 5000
    told.leave()
  }
  t.equal(uploads.state('A'), 'active', 'a client that disconnects inside its request says nothing')

  const stopping = stage(leaf('A'))
  stopping.registry.isStopping = true
  for (let client = 0; client < 20; client++) give(stopping, 5000)
  t.match(stopping.registry.endpoints.get('A'), { health: { state: 'active' }, cancelled: 0 }, 'nor does a shutdown')
})
