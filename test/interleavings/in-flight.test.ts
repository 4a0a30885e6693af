/** Every interleaving of messages in flight to one endpoint: when each begins, when it ends, and with which outcome. */
import assert from 'node:assert/strict'
import t from 'tap'
import { nextSuspension, type Health, type SuspensionPolicy } from '../../lib/state/suspension.js'
import { suspensionPolicyOf } from '../../lib/endpoints/settings/endpoint-policies.js'
import type { Outcome } from '../../lib/contracts/flow.js'
import {
  answered,
  failed,
  address,
  request,
  simulate,
  type Simulation,
  type FlowRun
} from '../support/flows/flow-run.js'

const SUSPEND = { initialDuration: 100, progressionFactor: 2, maximumDuration: 60_000 }
const POLICY: SuspensionPolicy = suspensionPolicyOf({ suspendOnFailure: SUSPEND })

/** The next event: another message begins, one in flight ends, or the time of a suspension passes. */
type Event =
  { readonly kind: 'begin' | 'wait' } | { readonly kind: 'end'; readonly which: number; readonly outcome: Outcome }

/** All events that are possible while so many are in flight. A refused message ends at once. */
const eventsAt = (inFlight: number): Event[] => [
  { kind: 'begin' },
  { kind: 'wait' },
  ...Array.from({ length: inFlight }, (_, which) =>
    [answered(), failed()].map(outcome => ({ kind: 'end', which, outcome }) as const)
  ).flat()
]

const suspensionOf = (health: Health): unknown =>
  'duration' in health ? [health.retryAt, health.duration] : health.state

/** Applies events to one endpoint, and checks its state after each. */
class Interleaving {
  readonly gateway: Simulation = simulate(address('A', { suspendOnFailure: SUSPEND }))
  readonly inFlight: { readonly run: FlowRun<Outcome>; readonly began: number }[] = []
  /** When the suspension began that was the last one. */
  suspended = -1
  events = 0

  get health (): Health {
    return this.gateway.registry.endpoints.get('A')!.health
  }

  take (event: Event): void {
    this.events++
    if (event.kind === 'wait') this.gateway.clock.now += 100_000
    else this.gateway.clock.now += 1
    const before = this.health
    if (event.kind === 'begin') {
      const run = this.gateway.send(request())
      if (run.waitsFor !== undefined) run.resume(false)
      if (!run.over) this.inFlight.push({ run, began: this.gateway.clock.now })
    }
    if (event.kind === 'end') {
      const [{ run, began }] = this.inFlight.splice(event.which, 1) as [(typeof this.inFlight)[number]]
      run.next(event.outcome)
      this.#check(before, event.outcome, began)
    } else {
      assert.deepEqual(suspensionOf(this.health), suspensionOf(before), 'only the outcome of a message changes it')
    }
  }

  /** The arithmetic of Apache Synapse, except for failures of messages that began before the present suspension. */
  #check (before: Health, outcome: Outcome, began: number): void {
    const { now } = this.gateway.clock
    if (outcome.kind === 'answered') {
      return assert.equal(this.health.state, 'active', 'a response ends it at any time')
    }
    if ((before.state === 'suspended' || before.state === 'half-open') && began < this.suspended) {
      return assert.deepEqual(suspensionOf(this.health), suspensionOf(before), 'it neither grows nor starts again')
    }
    const duration = nextSuspension('duration' in before ? before.duration : 0, POLICY)
    assert.ok(this.health.state === 'suspended')
    assert.deepEqual([this.health.duration, this.health.retryAt], [duration, now + duration])
    this.suspended = now
  }
}

const play = (events: readonly Event[]): Interleaving => {
  const played = new Interleaving()
  for (const event of events) played.take(event)
  return played
}

t.test('one-outage: only failures of messages that began after a suspension lengthen it', async t => {
  let sequences = 0
  const all = (events: readonly Event[], left: number): void => {
    sequences++
    const { inFlight } = play(events)
    if (left === 0) return
    for (const event of eventsAt(inFlight.length)) all([...events, event], left - 1)
  }
  all([], 7)
  t.comment(`${sequences} interleavings`)
  t.ok(sequences > 7_000)
})

t.test('64 messages in flight that all fail suspend their endpoint once', async t => {
  const end = { kind: 'end', which: 0, outcome: failed() } as const
  const one = play([...Array<Event>(64).fill({ kind: 'begin' }), ...Array<Event>(64).fill(end)])
  t.match(one.health, { state: 'suspended', duration: 100, retryAt: 64 + 1 + 100 })
})

t.test('suspensions one after the other grow exactly as in Apache Synapse', async t => {
  for (const progressionFactor of [1, 1.1, 1.5, 2, 3.3]) {
    const gateway = simulate(
      address('A', { suspendOnFailure: { initialDuration: 1003, progressionFactor, maximumDuration: 10_000_000 } })
    )
    const durations = Array.from({ length: 12 }, () => {
      gateway.play(request(), failed())
      const health = gateway.registry.endpoints.get('A')!.health
      assert.ok(health.state === 'suspended')
      gateway.clock.now = health.retryAt
      return health.duration
    })
    let last = 1003
    t.same(
      durations,
      durations.map(
        (_, at) =>
          (last =
            at === 0
              ? last
              : Math.min(Math.trunc(Math.fround(Math.fround(last) * Math.fround(progressionFactor))), 10_000_000))
      )
    )
  }
})
