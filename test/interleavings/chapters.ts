import assert from 'node:assert/strict'
import type { Flow, Outcome } from '../../lib/contracts/flow.js'
import type { Message } from '../../lib/message/message.js'
import { answered, failed, faultOf, refused, stories, type Stage } from './stage.js'

/**
 * A connection that was refused; one that was closed when the server may have seen the message; an answer that broke
 * off; a full port.
 */
export const DOWN = failed('CONNECTION_FAILED', false)
export const SEEN = failed('CONNECTION_CLOSED', true)
export const GONE = failed('RECEIVING', true, 'none')
export const EVERYTHING = [answered(), DOWN, SEEN, GONE, refused]

/** What happened to one message: the members that it met, the outcome of each attempt, and of the message. */
export interface Chapter {
  readonly asked: readonly string[]
  readonly outcomes: readonly Outcome[]
  readonly end: Outcome
}

/**
 * The endpoints that one message suspends: those that did not accept its connection, and the first of those that
 * failed after it was sent.
 */
export function suspendedBy ({ asked, outcomes }: Pick<Chapter, 'asked' | 'outcomes'>): string[] {
  let hasBlamed = false
  return asked.filter((_, call) => {
    const outcome = outcomes[call]
    if (outcome?.kind !== 'failed' || (outcome.fault.requestSent === true && hasBlamed)) return false
    hasBlamed ||= outcome.fault.requestSent === true
    return true
  })
}

/** Every story of these messages, one after the other. `before` each of them the clock may be moved. */
export function chaptersOf (
  build: () => Stage,
  messages: readonly Message[],
  outcomes: readonly Outcome[] = EVERYTHING,
  before: (scene: Stage, at: number) => void = () => {}
): { chapters: Chapter[]; scene: Stage }[] {
  let scene: Stage
  let ends: { end: Outcome; calls: number }[]
  const begin = (): Flow<void> => {
    scene = build()
    ends = []
    return all()
  }
  function * all (): Flow<void> {
    for (const [at, message] of messages.entries()) {
      before(scene, at)
      const flow = scene.endpoint(message)
      let calls = 0
      let step = flow.next()
      while (!step.done) {
        if (step.value.kind === 'forward') calls++
        step = flow.next(yield step.value)
      }
      ends.push({ end: step.value, calls })
    }
  }
  const told: { chapters: Chapter[]; scene: Stage }[] = []
  for (const { story, told: outcome } of stories(begin, outcomes)) {
    let at = 0
    const chapters = ends!.map(({ end, calls }): Chapter => {
      const chapter = { asked: story.calls.slice(at, at + calls), outcomes: outcome.slice(at, at + calls), end }
      at += calls
      return chapter
    })
    told.push({ chapters, scene: scene! })
  }
  return told
}

/** The laws of every group, whatever its settings. */
export function lawful ({ chapters, scene }: { chapters: Chapter[]; scene: Stage }): void {
  for (const { asked, outcomes, end } of chapters) {
    assert.equal(new Set(asked).size, asked.length, 'no member is tried twice for one message')
    assert.ok(end.kind === 'answered' || typeof faultOf(end)!.code === 'number', 'an answer comes, or a fault')
    assert.equal(
      end.kind === 'answered',
      outcomes.at(-1)?.kind === 'answered',
      'the first answer ends it, and nothing else is one'
    )
    assert.ok(!outcomes.slice(0, -1).includes(GONE), 'what is gone is not sent again')
  }
  for (const { inFlight, health } of scene.registry.endpoints.values()) {
    assert.equal(inFlight, 0, 'the counts are back at zero')
    assert.ok(health.state !== 'half-open' || health.trial === undefined, 'no trial is left in flight')
  }
}
