import { fault } from './fault.js'
import type { Flow, Outcome } from './flow.js'
import type { Endpoint } from './kind.js'
import type { Message } from './message.js'

/**
 * Asks members in the given order until one answers. Those who refuse are passed over in silence.
 * A failure ends it where the message may not be tried elsewhere, or where the group does not fail over at all;
 * then no group around this one is told either (Apache Synapse, LoadbalanceEndpoint: `failover="false"`).
 */
export function * inTurn (called: string, members: readonly Endpoint[], order: Iterable<number>, message: Message, failover = true): Flow<Outcome> {
  let last: Outcome | undefined
  for (const index of order) {
    const outcome = yield * members[index]!(message)
    if (outcome.kind === 'answered') return outcome
    if (outcome.kind === 'refused') continue
    if (!failover || outcome.retry === 'nowhere') return { ...outcome, retry: 'nowhere' }
    if (outcome.retry === 'outside') return { ...outcome, retry: 'anywhere' }
    last = outcome
  }
  return last ?? { kind: 'refused', fault: fault('NONE_READY', `${called}: no ready child endpoints`) }
}
