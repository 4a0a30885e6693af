import assert from 'node:assert/strict'
import type { Flow, Outcome } from '../../lib/contracts/flow.js'
import type { Message } from '../../lib/message/message.js'
import { answered, failed, faultOf, refused, allRuns, type Simulation } from '../support/flows/flow-run.js'

/**
 * A refused connection; one that ended when the server may have received the message; a truncated response; an endpoint
 * that is full.
 */
export const DOWN = failed('CONNECTION_FAILED', false)
export const SEEN = failed('CONNECTION_CLOSED', true)
export const GONE = failed('RECEIVING', true, 'none')
export const EVERYTHING = [answered(), DOWN, SEEN, GONE, refused]

/** One message: the members that it was sent to, the outcome of each attempt, and of the message. */
export interface MessageHistory {
  readonly tried: readonly string[]
  readonly outcomes: readonly Outcome[]
  readonly end: Outcome
}

/**
 * The endpoints that one message suspends: those that did not accept its connection, and the first of those that
 * failed after it was sent.
 */
export function suspendedBy ({ tried, outcomes }: Pick<MessageHistory, 'tried' | 'outcomes'>): string[] {
  let hasCountedFailure = false
  return tried.filter((_, call) => {
    const outcome = outcomes[call]
    if (outcome?.kind !== 'failed' || (outcome.fault.requestSent === true && hasCountedFailure)) return false
    hasCountedFailure ||= outcome.fault.requestSent === true
    return true
  })
}

/** The property that names a message by its place among those of a history. */
const NUMBER = 'number'

/** Every sequence of outcomes for these messages, one after the other. @param before called before each message */
export function historiesOf (
  build: () => Simulation,
  messages: readonly Message[],
  outcomes: readonly Outcome[] = EVERYTHING,
  before: (gateway: Simulation, at: number) => void = () => {}
): { histories: MessageHistory[]; gateway: Simulation }[] {
  let gateway: Simulation
  let ends: Outcome[]
  const begin = (): Flow<void> => {
    gateway = build()
    ends = []
    return sendAll()
  }
  function * sendAll (): Flow<void> {
    for (const [at, message] of messages.entries()) {
      before(gateway, at)
      ends.push(yield * gateway.endpoint({ ...message, properties: { ...message.properties, [NUMBER]: String(at) } }))
    }
  }
  const all: { histories: MessageHistory[]; gateway: Simulation }[] = []
  for (const { run, outcomes: taken } of allRuns(begin, outcomes)) {
    const histories = ends!.map((end, at): MessageHistory => {
      const isOwn = (_: unknown, call: number): boolean => run.sent[call]!.properties[NUMBER] === String(at)
      return { tried: run.calls.filter(isOwn), outcomes: taken.filter(isOwn), end }
    })
    all.push({ histories, gateway: gateway! })
  }
  return all
}

/** Asserts the rules that hold for every group. */
export function assertRules ({ histories, gateway }: { histories: MessageHistory[]; gateway: Simulation }): void {
  for (const { tried, outcomes, end } of histories) {
    assert.equal(new Set(tried).size, tried.length, 'no member is tried twice for one message')
    assert.ok(end.kind === 'answered' || typeof faultOf(end)!.code === 'number', 'the outcome is a response or a fault')
    assert.equal(
      end.kind === 'answered',
      outcomes.at(-1)?.kind === 'answered',
      'the first response ends the attempts'
    )
    assert.ok(!outcomes.slice(0, -1).includes(GONE), 'a message with a truncated response is not sent again')
  }
  for (const { inFlight, health } of gateway.registry.endpoints.values()) {
    assert.equal(inFlight, 0, 'nothing is in flight')
    assert.ok(health.state !== 'half-open' || health.trial === undefined, 'no trial is left in flight')
  }
}
