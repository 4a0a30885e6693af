import type { History, Reply, StateChange } from './history.js'
import type { Rule } from './rules.js'
import { isFailure, type Timeline } from './timeline.js'

/** How much the times may differ that two processes note for one event. */
const CLOCK_SKEW_MS = 100

export interface PoisonVerdict {
  readonly rules: readonly Rule[]
  /** Whether a poison order was in flight that may have caused this failure. */
  readonly explains: (change: StateChange) => boolean
}

/**
 * Checks the rules about poison orders: one message is evidence against one endpoint at most.
 * @param hadFault whether the back-end of the endpoint had a fault of its own then
 */
export function checkPoison (
  { poisonReplies, stateChanges }: History,
  hadFault: (change: StateChange) => boolean,
  describeReply: (reply: Reply) => string
): PoisonVerdict {
  const failures = stateChanges.filter(change => isFailure(change) && !hadFault(change))
  const causedBy = ({ order, sent, ended }: Reply, { at, endpoint }: StateChange): boolean =>
    endpoint.startsWith(`${order.service}-`) && at >= sent - CLOCK_SKEW_MS && at <= ended + CLOCK_SKEW_MS
  const broken = poisonReplies.flatMap(poison => {
    const own = new Set(failures.filter(change => causedBy(poison, change)).map(({ endpoint }) => endpoint))
    return own.size > 1 ? [`${describeReply(poison)}: ${[...own].join(', ')}`] : []
  })
  return {
    rules: [
      { rule: 'a poison message suspends one endpoint at most', isTimed: true, violations: broken },
      {
        rule: 'a poison message gets a fault',
        violations: poisonReplies.filter(({ result }) => result.kind !== 'fault').map(describeReply)
      }
    ],
    explains: change => poisonReplies.some(poison => causedBy(poison, change))
  }
}

/** Whether the back-end of this endpoint had a fault of its own within the response timeout before the change. */
export const hadFaultBefore =
  (timeline: Timeline, responseTimeout: number) =>
    ({ endpoint, at }: StateChange): boolean =>
      timeline.hadFault(endpoint.slice(endpoint.lastIndexOf('-') + 1), { from: at - responseTimeout, to: at })
