import { matchesCode, type Health } from '../state/health.js'
import { fault, describeFault, type Fault } from '../message/fault.js'
import type { Delivery, Flow, Forward, ForwardOutcome } from '../contracts/flow.js'
import type { EndpointState } from '../state/endpoint-state.js'
import type { Registry } from '../state/registry.js'

/** Which faults end the tries inside the innermost group (`retryConfig`). */
export interface RetryPolicy {
  readonly disabled?: readonly number[] | undefined
  readonly enabled?: readonly number[] | undefined
}

/** What does not change from one message to the next. */
export interface AttemptOptions {
  /** The endpoint's name in faults. */
  readonly endpointName: () => string
  readonly retry: RetryPolicy
  /** How long the trial of a half-open endpoint keeps other messages away, in milliseconds. */
  readonly trialTime: number
  /** Messages in a row that clients may abandon before the endpoint counts as late; 0: any number. */
  readonly maxAbandoned: number
}

/** A client that disconnects earlier says nothing of the endpoint, in milliseconds. */
const PATIENCE_MS = 1000

/**
 * One attempt at one endpoint: sends the message if the endpoint's state allows it, and changes that state by the
 * outcome.
 * After a suspension one message is the trial: until its outcome is known, the endpoint accepts messages of bound
 * sessions only.
 * A client that disconnects closes the flow here. One such client says nothing of the endpoint; several in a row that
 * waited, without a
 * response in between, count as a late response.
 * @param classify may make a failure of a response
 */
export function * attempt (
  endpoint: EndpointState,
  registry: Registry,
  { endpointName, retry, trialTime, maxAbandoned }: AttemptOptions,
  bound: boolean,
  delivery: Delivery,
  buildRequest: () => Forward,
  classify: (outcome: ForwardOutcome) => ForwardOutcome = outcome => outcome
): Flow<ForwardOutcome> {
  const admission = bound ? 'bound' : delivery.hasWaited ? 'waited' : 'new'
  if (!registry.accepts(endpoint, admission)) return notReady(endpoint, registry.healthOf(endpoint), endpointName())
  const trial = endpoint.health.state === 'active' ? undefined : registry.startTrial(endpoint, trialTime)
  endpoint.inFlight++
  const startedAt = registry.now()
  let isWaiting = false
  try {
    const request = buildRequest()
    isWaiting = true
    const result: ForwardOutcome = yield request
    isWaiting = false
    const outcome = classify(result)
    if (outcome.kind === 'answered') {
      endpoint.responses++
      endpoint.abandoned = 0
      endpoint.latency.record(registry.now() - startedAt)
      registry.signal(endpoint, { kind: 'success' })
      return outcome
    }
    if (outcome.kind === 'refused') return outcome
    endpoint.failures++
    if (isEvidence(outcome.fault, delivery)) {
      registry.signal(endpoint, { kind: 'fault', fault: outcome.fault, startedAt })
    }
    if (outcome.retry === 'none') {
      registry.report('retryImpossible', { endpoint, reason: describeFault(outcome.fault) })
    }
    return outcome.retry === 'any' && !mayRetry(outcome.fault, retry) ? { ...outcome, retry: 'outer-group' } : outcome
  } finally {
    endpoint.inFlight--
    if (isWaiting && maxAbandoned > 0) countAbandoned(endpoint, registry, maxAbandoned, startedAt)
    if (trial !== undefined) registry.signal(endpoint, { kind: 'trialEnd', startedAt: trial })
  }
}

/** A frozen back-end accepts connections and never responds: its clients give up before the timeout of the endpoint. */
function countAbandoned (endpoint: EndpointState, registry: Registry, maxAbandoned: number, startedAt: number): void {
  if (registry.now() - startedAt <= PATIENCE_MS || ++endpoint.abandoned < maxAbandoned) return
  const reason = `${endpoint.abandoned} clients in a row disconnected while they waited for a response`
  endpoint.abandoned = 0
  registry.signal(endpoint, { kind: 'fault', fault: fault('CONNECTION_TIMEOUT', reason), startedAt })
}

/** The engine has no state half-open: its words for it are those of a suspension. */
function notReady (endpoint: EndpointState, health: Health, name: string): ForwardOutcome {
  const { state } = health
  const shown = (state === 'half-open' ? 'suspended' : state).toUpperCase()
  const subject = `Address endpoint : [ Name : ${name} ] [ State : ${shown} ]`
  const reason = state === 'half-open' ? 'half-open, and its trial is in flight' : state
  const trial =
    state === 'half-open' && health.trial !== undefined ? { endpoint, endsAt: health.trial.endsAt } : undefined
  return { kind: 'refused', fault: fault('NOT_READY', `endpoint ${name} is ${reason}`, { subject }), trial }
}

/**
 * Whether a failure says something of the endpoint. One message changes the state of at most one endpoint by what
 * happens after it was
 * sent: a message that breaks every server is no evidence against all of them. A connection that cannot be made
 * always is.
 */
function isEvidence ({ requestSent }: Fault, delivery: Delivery): boolean {
  if (requestSent !== true) return true
  const isFirst = !delivery.hasBlamed
  delivery.hasBlamed = true
  return isFirst
}

const mayRetry = (fault: Fault, { disabled, enabled }: RetryPolicy): boolean => {
  if (disabled !== undefined && matchesCode(disabled, fault)) return false
  return enabled === undefined || enabled.length === 0 || matchesCode(enabled, fault)
}
