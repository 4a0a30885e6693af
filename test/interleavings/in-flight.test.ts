/** Every story of messages that are under way together at one endpoint: when each begins, when it ends, and how. */
import assert from 'node:assert/strict'
import t from 'tap'
import { nextSuspension, type Health, type SuspensionPolicy } from '../../lib/state/suspension.js'
import { suspensionPolicyOf } from '../../lib/endpoints/endpoint-policies.js'
import type { Outcome } from '../../lib/contracts/flow.js'
import { answered, failed, leaf, request, stage, type Stage, type Told } from './stage.js'

const SUSPEND = { initialDuration: 100, progressionFactor: 2, maximumDuration: 60_000 }
const POLICY: SuspensionPolicy = suspensionPolicyOf({ suspendOnFailure: SUSPEND })

/** What may happen next: another message comes, one of those under way ends, or the time of a suspension passes. */
type Turn =
  { readonly kind: 'begin' | 'wait' } | { readonly kind: 'end'; readonly which: number; readonly outcome: Outcome }

/** All turns that are possible where so many are under way. Who is refused is over at once. */
const turnsAt = (underWay: number): Turn[] => [
  { kind: 'begin' },
  { kind: 'wait' },
  ...Array.from({ length: underWay }, (_, which) =>
    [answered(), failed()].map(outcome => ({ kind: 'end', which, outcome }) as const)
  ).flat()
]

const suspensionOf = (health: Health): unknown =>
  'duration' in health ? [health.retryAt, health.duration] : health.state

/** Plays turns upon one endpoint, and tells each time what its state was before and is now. */
class Play {
  readonly scene: Stage = stage(leaf('A', { suspendOnFailure: SUSPEND }))
  readonly underWay: { readonly told: Told<Outcome>; readonly began: number }[] = []
  /** When the suspension began that was the last one. */
  suspended = -1
  turns = 0

  get health (): Health {
    return this.scene.registry.endpoints.get('A')!.health
  }

  take (turn: Turn): void {
    this.turns++
    if (turn.kind === 'wait') this.scene.clock.now += 100_000
    else this.scene.clock.now += 1
    const before = this.health
    if (turn.kind === 'begin') {
      const told = this.scene.send(request())
      if (told.waitsFor !== undefined) told.resume(false)
      if (!told.over) this.underWay.push({ told, began: this.scene.clock.now })
    }
    if (turn.kind === 'end') {
      const [{ told, began }] = this.underWay.splice(turn.which, 1) as [(typeof this.underWay)[number]]
      told.next(turn.outcome)
      this.#check(before, turn.outcome, began)
    } else {
      assert.deepEqual(suspensionOf(this.health), suspensionOf(before), 'only the outcome of a message changes it')
    }
  }

  /** The arithmetic of the original, but for failures of those who began before the suspension that there is. */
  #check (before: Health, outcome: Outcome, began: number): void {
    const { now } = this.scene.clock
    if (outcome.kind === 'answered') {
      return assert.equal(this.health.state, 'active', 'an answer ends it, whenever it comes')
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

const play = (turns: readonly Turn[]): Play => {
  const played = new Play()
  for (const turn of turns) played.take(turn)
  return played
}

t.test('one-outage: whatever begins and ends when, only who began after a suspension lengthens it', async t => {
  let stories = 0
  const all = (turns: readonly Turn[], left: number): void => {
    stories++
    const { underWay } = play(turns)
    if (left === 0) return
    for (const turn of turnsAt(underWay.length)) all([...turns, turn], left - 1)
  }
  all([], 7)
  t.comment(`${stories} stories`)
  t.ok(stories > 7_000)
})

t.test('64 messages under way, all of them fail: the first suspension, no longer', async t => {
  const end = { kind: 'end', which: 0, outcome: failed() } as const
  const one = play([...Array<Turn>(64).fill({ kind: 'begin' }), ...Array<Turn>(64).fill(end)])
  t.match(one.health, { state: 'suspended', duration: 100, retryAt: 64 + 1 + 100 })
})

t.test('one after the other they grow as in the original, to the bit', async t => {
  for (const progressionFactor of [1, 1.1, 1.5, 2, 3.3]) {
    const scene = stage(
      leaf('A', { suspendOnFailure: { initialDuration: 1003, progressionFactor, maximumDuration: 10_000_000 } })
    )
    const durations = Array.from({ length: 12 }, () => {
      scene.play(request(), failed())
      const health = scene.registry.endpoints.get('A')!.health
      assert.ok(health.state === 'suspended')
      scene.clock.now = health.retryAt
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
