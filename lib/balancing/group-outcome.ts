import type { Endpoint, Refusal } from '../contracts/endpoint.js'
import type { FullEndpoint, Outcome } from '../contracts/flow.js'
import { CODES, fault, type Fault } from '../message/fault.js'

/** When a group gives up although members are left. */
export interface FailoverOptions {
  /** False: after the first failure. Default: true. */
  readonly failover?: boolean | undefined
  /** `unsent`: after a failure of a member that may have received the message. */
  readonly retry?: 'unsent' | undefined
}

/**
 * The outcome of one message at a group, from the outcomes of its attempts at the members. A response ends the
 * attempts. A refusal does not, and is reported only if no member was ready. A failure ends the attempts if the message
 * may not be sent again; if that is so because the group never retries, or because the message may have been received
 * or is gone, the groups around this one do not retry either. `retryConfig` of a member ends the attempts in the
 * innermost group only.
 * @see Apache Synapse, LoadbalanceEndpoint: `failover="false"`
 */
export class GroupOutcome {
  readonly #subject: () => string
  readonly #options: FailoverOptions
  #lastFailure: Outcome | undefined
  /** The first refusal that is more than "not ready". */
  #refusal: Refusal | undefined
  #trial: Refusal['trial']
  #full: FullEndpoint[] | undefined
  /** Milliseconds until the first member may be ready. */
  #retryAfter = Infinity
  /** Whether a member may have received the message. */
  #mayHaveBeenSent = false

  /** @param subject the kind and the name of the group in faults: `Failover endpoint : F` */
  constructor (subject: () => string, options: FailoverOptions) {
    this.#subject = subject
    this.#options = options
  }

  /** Takes the outcome of an attempt. Returns the outcome of the group if the attempts end here. */
  add (outcome: Outcome): Outcome | undefined {
    switch (outcome.kind) {
      case 'answered':
      case 'discarded':
        return outcome
      case 'refused':
        if (outcome.fault.requestSent === true) return outcome
        this.#trial ??= outcome.trial
        if (outcome.full !== undefined) (this.#full ??= []).push(...outcome.full)
        this.#retryAfter = Math.min(this.#retryAfter, outcome.fault.retryAfter ?? Infinity)
        if (!NOT_READY.has(outcome.fault.code)) this.#refusal ??= outcome
        return undefined
      case 'failed': {
        this.#mayHaveBeenSent ||= outcome.fault.requestSent === true
        const failure = { ...outcome, fault: markSent(outcome.fault, this.#mayHaveBeenSent) }
        this.#lastFailure = failure
        if (this.#endsAttempts(outcome)) return { ...failure, retry: 'none' }
        return outcome.retry === 'outer-group' ? { ...failure, retry: 'any' } : undefined
      }
    }
  }

  /** The outcome of the group if no member is left. */
  whenExhausted (): Outcome {
    return this.#lastFailure ?? this.asRefusal()
  }

  /** The outcome of the group if no member has accepted the message. */
  asRefusal (): Refusal {
    const retryAfter = this.#retryAfter === Infinity ? undefined : this.#retryAfter
    return this.#refusal ?? { ...noneReady(this.#subject(), retryAfter), trial: this.#trial, full: this.#full }
  }

  #endsAttempts ({ retry, fault: { requestSent } }: Extract<Outcome, { kind: 'failed' }>): boolean {
    const { failover, retry: policy } = this.#options
    return retry === 'none' || failover === false || (policy === 'unsent' && requestSent === true)
  }
}

/** Refusals by the states of endpoints: all others are more specific. */
const NOT_READY: ReadonlySet<number> = new Set([CODES.NOT_READY, CODES.NONE_READY, CODES.SESSION_NOT_READY])

/** The last failure of a group stands for all attempts: a message that any member may have received was sent. */
const markSent = (fault: Fault, mayHaveBeenSent: boolean): Fault =>
  mayHaveBeenSent && fault.requestSent !== true ? { ...fault, requestSent: true } : fault

/**
 * @param subject the kind and the name of a group in faults: `Failover endpoint : F`
 * @param retryAfter milliseconds until the first member may be ready
 */
export const noneReady = (subject: string, retryAfter?: number): Refusal => ({
  kind: 'refused',
  fault: fault('NONE_READY', 'no member of the group is ready', { subject, retryAfter })
})

/**
 * The names of the members. @throws Error for a name that occurs twice: one message would be sent there twice
 * @see Apache Synapse, EndpointFactory
 */
export function uniqueNames (members: readonly Endpoint[]): string[] {
  const names = members.map(({ endpointName }) => endpointName)
  const duplicate = names.find((name, member) => name !== '' && names.indexOf(name) < member)
  if (duplicate !== undefined) throw new Error(`the endpoint ${duplicate} is a member twice`)
  return names
}
