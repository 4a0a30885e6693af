import { CODES, fault, type Fault } from '../message/fault.js'
import type { Flow, Outcome } from '../contracts/flow.js'
import type { Endpoint } from '../contracts/endpoint.js'

/** When a group gives up although there are members left. */
export interface TryOptions {
  /** False: after the first failure. */
  readonly failover?: boolean | undefined
  /** `unsent`: after a failure of a member that may have seen the message. */
  readonly retry?: 'unsent' | undefined
}

/**
 * Asks members in the given order until one answers. Those who refuse are passed over in silence.
 * A failure ends it where the message may not be tried elsewhere. Where that is so because the group never does, or
 * because the message
 * may have been seen or is gone, no group around this one is told either (Apache Synapse, LoadbalanceEndpoint:
 * `failover="false"`);
 * `retryConfig` of a member ends the tries in the innermost group only.
 */
export function * tryInOrder (
  called: () => string,
  order: Iterable<number>,
  ask: (member: number) => Flow<Outcome>,
  rules: TryOptions = {}
): Flow<Outcome> {
  let last: Outcome | undefined
  let seen = false
  let trial: (Outcome & { kind: 'refused' })['trial']
  for (const member of order) {
    const outcome: Outcome = yield * ask(member)
    if (
      outcome.kind === 'answered' ||
      outcome.kind === 'discarded' ||
      (outcome.kind === 'refused' && outcome.fault.requestSent === true)
    ) {
      return outcome
    }
    if (outcome.kind === 'refused') {
      trial ??= outcome.trial
      if (outcome.fault.code === CODES.SENDING) last ??= outcome
      continue
    }
    seen ||= outcome.fault.requestSent === true
    last = { ...outcome, fault: markSent(outcome.fault, seen) }
    if (stopsTrying(outcome, rules)) return { ...last, retry: 'none' }
    if (outcome.retry === 'outer-group') return { ...last, retry: 'any' }
  }
  return last ?? { ...noneReady(called()), trial }
}

/** @param called the kind and the name of a group, as faults say them: `Failover endpoint : F` */
export const noneReady = (called: string): Outcome & { kind: 'refused' } => ({
  kind: 'refused',
  fault: fault('NONE_READY', 'no member of the group is ready', { subject: called })
})

const stopsTrying = (
  { retry, fault: { requestSent: sent } }: Outcome & { kind: 'failed' },
  rules: TryOptions
): boolean => retry === 'none' || rules.failover === false || (rules.retry === 'unsent' && sent === true)

/**
 * What a group says of its last failure holds for all of its tries: a message that any member may have seen was seen.
 */
const markSent = (fault: Fault, seen: boolean): Fault =>
  seen && fault.requestSent !== true ? { ...fault, requestSent: true } : fault

/**
 * The members' names. @throws Error if one is there twice: it would be asked twice for one message (Apache Synapse,
 * EndpointFactory)
 */
export function uniqueNames (members: readonly Endpoint[]): string[] {
  const names = members.map(({ endpointName: called }) => called)
  const twice = names.find((name, member) => name !== '' && names.indexOf(name) < member)
  if (twice !== undefined) throw new Error(`the endpoint ${twice} is a member twice`)
  return names
}
