import type { Refusal, Reservation } from '../contracts/endpoint.js'
import {
  takeDecisions,
  type Delivery,
  type Flow,
  type Forward,
  type ForwardOutcome,
  type Outcome
} from '../contracts/flow.js'
import { noteDecision } from './decisions.js'
import { CODES, describeFault, fault, type Fault } from '../message/fault.js'
import type { EndpointState } from '../state/endpoint-state.js'
import { failureLogOf } from '../state/failure-log.js'
import { matchesCode, type Admission, type Health } from '../state/suspension.js'
import type { Registry } from '../state/registry.js'
import type { WaitingRequest } from '../state/waiting-requests.js'

/** Which faults end the attempts inside the innermost group (`retryConfig`). */
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
  /** Undefined: any number of requests may be in flight. */
  readonly limit?: RequestLimit | undefined
}

/** How many requests may be in flight to one endpoint, and how further ones wait. */
export interface RequestLimit {
  readonly maxRequests: number
  readonly maxQueued: number
  /** In milliseconds; 0: no limit. */
  readonly queueTimeout: number
}

/** What an attempt sends, and what it makes of the result. */
export interface AttemptHandlers {
  buildRequest(): Forward
  /** May make a failure of a response. */
  classify(outcome: ForwardOutcome): ForwardOutcome
  /** The outcome for the sender, once the endpoint's state has changed. */
  conclude(outcome: ForwardOutcome): Outcome
}

/** A client that disconnects earlier does not count against the endpoint, in milliseconds. */
const MIN_WAIT_MS = 1000

/**
 * Reserves an attempt at one endpoint, if the endpoint's state allows it. After a suspension one message is the trial:
 * until its outcome is known, the endpoint accepts messages of bound sessions only.
 */
export function reserveAttempt (
  endpoint: EndpointState,
  registry: Registry,
  options: AttemptOptions,
  bound: boolean,
  delivery: Delivery,
  handlers: AttemptHandlers
): Reservation | Refusal {
  const admission = bound ? 'bound' : delivery.hasWaited ? 'waited' : 'new'
  if (registry.accepts(endpoint, admission) || (delivery.ignoresSuspension && registry.acceptsAnyway(endpoint))) {
    const { limit } = options
    if (limit !== undefined && isFull(endpoint, limit, delivery)) {
      noteDecision(delivery, 'full', endpoint, registry)
      return refusedAsFull(endpoint, limit, options.endpointName(), registry.now())
    }
    return new Attempt(endpoint, registry, options, admission, delivery, handlers)
  }
  noteDecision(delivery, undefined, endpoint, registry)
  return registry.isFailing(endpoint)
    ? refusedByHealthCheck(options.endpointName())
    : refusedByState(endpoint, options.endpointName(), registry)
}

/**
 * One attempt: sends one message to one endpoint, and changes the endpoint's state by the outcome. A client that
 * disconnects closes the flow here. One such client does not count; several in a row that waited, without
 * a response in between, count as a late response.
 */
class Attempt implements Reservation, WaitingRequest {
  readonly kind = 'reserved'
  before: WaitingRequest | undefined
  after: WaitingRequest | undefined
  startedAt = 0
  readonly #endpoint: EndpointState
  readonly #registry: Registry
  readonly #options: AttemptOptions
  readonly #delivery: Delivery
  readonly #handlers: AttemptHandlers
  readonly #admission: Admission
  /** Undefined: this attempt is no trial. */
  #trialStartedAt: number | undefined
  /** Whether the endpoint gets a message of known length at once: from then on its sender waits for the response. */
  #isSentAtOnce = false
  confirm: (() => Flow<Refusal | undefined>) | undefined

  constructor (
    endpoint: EndpointState,
    registry: Registry,
    options: AttemptOptions,
    admission: Admission,
    delivery: Delivery,
    handlers: AttemptHandlers
  ) {
    this.#endpoint = endpoint
    this.#registry = registry
    this.#options = options
    this.#delivery = delivery
    this.#handlers = handlers
    this.#admission = admission
    endpoint.inFlight++
    if (endpoint.health.state === 'active') return
    if (registry.requestTrial === undefined) this.#trialStartedAt = registry.startTrial(endpoint, options.trialTime)
    else if (needsTrial(registry.healthOf(endpoint))) this.confirm = () => this.#confirm()
  }

  * send (): Flow<Outcome> {
    let isWaiting = false
    try {
      if (this.confirm !== undefined) {
        const refusal = yield * this.confirm()
        if (refusal !== undefined) return refusal
      }
      this.startedAt = this.#registry.now()
      if (this.#delivery.hasFailed) this.#endpoint.retries++
      if (this.#trialStartedAt !== undefined) noteDecision(this.#delivery, 'trial', this.#endpoint, this.#registry)
      if (this.#delivery.decisions !== undefined) yield takeDecisions(this.#delivery)
      const request = this.#handlers.buildRequest()
      this.#isSentAtOnce = request.message.body.kind !== 'stream'
      this.#endpoint.waiting.add(this)
      isWaiting = true
      const result: ForwardOutcome = yield request
      isWaiting = false
      this.#endpoint.waiting.remove(this)
      return this.#handlers.conclude(this.#record(this.#handlers.classify(result)))
    } finally {
      if (isWaiting) this.#cancel()
      this.release()
    }
  }

  release (): void {
    this.#endpoint.inFlight--
    // After a reload, messages may wait for the place of an attempt that had no limit.
    if (this.#options.limit !== undefined || this.#endpoint.queued > 0) {
      this.#registry.report('placeFree', this.#endpoint)
    }
    if (this.#trialStartedAt !== undefined) {
      this.#registry.signal(this.#endpoint, { kind: 'trialEnd', startedAt: this.#trialStartedAt })
    }
  }

  /** Becomes the trial of a half-open endpoint, if the process that decides about it allows that. */
  * #confirm (): Flow<Refusal | undefined> {
    this.confirm = undefined
    const endpoint = this.#endpoint
    const { trialTime, endpointName } = this.#options
    const startedAt: number | undefined = yield { kind: 'startTrial', endpoint, duration: trialTime }
    this.#trialStartedAt = startedAt
    const health = this.#registry.healthOf(endpoint)
    const mayBeSent = startedAt !== undefined || this.#admission !== 'new' || health.state === 'active'
    return mayBeSent ? undefined : refusedByState(endpoint, endpointName(), this.#registry)
  }

  /** Changes the state of the endpoint by an outcome. Returns the outcome, as the retry policy allows it. */
  #record (outcome: ForwardOutcome): ForwardOutcome {
    if (outcome.kind === 'refused') {
      if (outcome.fault.code === CODES.CONNECTION_TIMEOUT) this.#countAbandoned()
      return outcome
    }
    const endpoint = this.#endpoint
    const registry = this.#registry
    if (outcome.kind === 'answered') {
      endpoint.responses++
      const { status } = outcome.message
      if (status !== undefined && status >= 500) failureLogOf(endpoint).addStatus(status)
      endpoint.abandoned = 0
      endpoint.latency.record(registry.now() - this.startedAt)
      if (endpoint.health.state !== 'active') registry.signal(endpoint, SUCCESS)
      return outcome
    }
    endpoint.failures++
    const { code } = outcome.fault
    const now = registry.now()
    failureLogOf(endpoint).addFailure({ at: now, code, cause: describeFault(outcome.fault) })
    this.#delivery.hasFailed = true
    if (isEvidence(outcome.fault, this.#delivery)) {
      registry.signal(endpoint, { kind: 'fault', fault: outcome.fault, startedAt: this.startedAt }, now)
    }
    if (outcome.retry === 'none') {
      registry.report('retryImpossible', { endpoint, reason: describeFault(outcome.fault) })
    }
    return outcome.retry === 'any' && !mayRetry(outcome.fault, this.#options.retry)
      ? { ...outcome, retry: 'outer-group' }
      : outcome
  }

  /** The client has disconnected before there was a response. */
  #cancel (): void {
    this.#endpoint.waiting.remove(this)
    if (this.#registry.isStopping) return
    this.#endpoint.cancelled++
    this.#countAbandoned()
  }

  /**
   * A frozen back-end accepts connections and never responds: clients, or the limit of the whole exchange, give up
   * before the endpoint's timeout. Where a client sends slowly, or disconnects while it does, the endpoint is not late.
   */
  #countAbandoned (): void {
    const { startedAt } = this
    const endpoint = this.#endpoint
    const { maxAbandoned } = this.#options
    const waited = this.#registry.now() - this.#registry.disconnectDelay - startedAt
    if (maxAbandoned === 0 || !this.#isSentAtOnce || waited <= MIN_WAIT_MS) return
    if (++endpoint.abandoned < maxAbandoned) return
    const reason = `${endpoint.abandoned} clients in a row disconnected while they waited for a response`
    endpoint.abandoned = 0
    this.#registry.signal(endpoint, { kind: 'fault', fault: fault('CONNECTION_TIMEOUT', reason), startedAt })
  }
}

/** Suspensions of 0 ms hold back no message. */
const needsTrial = (health: Health): boolean => health.state === 'half-open' && health.duration > 0

const SUCCESS = { kind: 'success' } as const

/** Whether no request may be sent now. Those that wait come before those that do not. */
const isFull = (
  { inFlight, queued }: EndpointState,
  { maxRequests }: RequestLimit,
  { hasQueued }: Delivery
): boolean => inFlight >= maxRequests || (queued > 0 && !hasQueued)

function refusedAsFull (endpoint: EndpointState, limit: RequestLimit, name: string, now: number): Refusal {
  const { maxRequests, maxQueued, queueTimeout } = limit
  const subject = `Address endpoint : [ Name : ${name} ] [ State : ${endpoint.health.state.toUpperCase()} ]`
  const reason = `endpoint ${name} has ${maxRequests} requests in flight, which is its limit`
  return {
    kind: 'refused',
    fault: fault('NOT_READY', reason, { subject }),
    full: [{ endpoint, maxRequests, maxQueued, endsAt: queueTimeout === 0 ? Infinity : now + queueTimeout }]
  }
}

/** The engine has no health checks: the fault uses the engine's word for a suspension. */
function refusedByHealthCheck (name: string): Refusal {
  const subject = `Address endpoint : [ Name : ${name} ] [ State : SUSPENDED ]`
  return { kind: 'refused', fault: fault('NOT_READY', `endpoint ${name} is out by its health checks`, { subject }) }
}

/** The engine has no state half-open: the fault uses the engine's word for a suspension. */
function refusedByState (endpoint: EndpointState, name: string, registry: Registry): Refusal {
  const health = registry.healthOf(endpoint)
  const { state } = health
  const engineState = (state === 'half-open' ? 'suspended' : state).toUpperCase()
  const subject = `Address endpoint : [ Name : ${name} ] [ State : ${engineState} ]`
  const reason = state === 'half-open' ? 'half-open, and its trial is in flight' : state
  const trial =
    state === 'half-open' && health.trial !== undefined ? { endpoint, endsAt: health.trial.endsAt } : undefined
  // A member with a health check is back with its next one.
  const isTimed = 'retryAt' in health && endpoint.checks.connect === undefined
  const retryAfter = isTimed ? Math.max(0, health.retryAt - registry.now()) : undefined
  return {
    kind: 'refused',
    fault: fault('NOT_READY', `endpoint ${name} is ${reason}`, { subject, retryAfter }),
    trial
  }
}

/**
 * Whether a failure is evidence against the endpoint. One message changes the state of at most one endpoint by what
 * happens after it was sent: a message that breaks every back-end is no evidence against all of them. A connection that
 * cannot be made always is.
 */
function isEvidence ({ requestSent }: Fault, delivery: Delivery): boolean {
  if (requestSent !== true) return true
  const isFirst = !delivery.hasCountedFailure
  delivery.hasCountedFailure = true
  return isFirst
}

const mayRetry = (fault: Fault, { disabled, enabled }: RetryPolicy): boolean => {
  if (disabled !== undefined && matchesCode(disabled, fault)) return false
  return enabled === undefined || enabled.length === 0 || matchesCode(enabled, fault)
}
