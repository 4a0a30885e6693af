import { CODES, describeFault, type Fault } from '../message/fault.js'

/**
 * The suspension state machine. Pure: no timer runs. A suspension ends by itself when its time has come.
 *
 *              suspending failure              time              response to the trial, or to any message
 *    active ─────────────────────▶ suspended ────────▶ half-open ───────────────────────────────────────▶ active
 *       │                           ▲     ▲               │
 *       │ failure that is           │     └── failure ────┘   suspended for `progressionFactor` times as long,
 *       ▼ counted first             │                         at most `maximumDuration`
 *    timeout ───────────────────────┘ no retries left
 *       │ response ───────────────────────────────────────────────────────────────────────────────────────▶ active
 *
 *    draining, off: set by an operator, until switched on by an operator; an endpoint that is off cannot be drained
 *
 * Here, in contrast to the engine, an endpoint that is off stays off, one message is the trial after a suspension,
 * and failures of messages that were sent before a suspension change nothing: many failures of one outage are one.
 * @see Apache Synapse, EndpointContext (states, defaults, arithmetic)
 */
export type Health =
  /** Accepts all messages. */
  | { readonly state: 'active' }
  /** `timeout`: accepts messages from `retryAt` on, after a counted failure. `suspended`: accepts none until then. */
  | ({ readonly state: 'timeout' | 'suspended' } & Failed)
  /** Accepts one new message, its trial, and those of bound sessions. */
  | ({ readonly state: 'half-open'; readonly trial?: Trial | undefined } & Failed)
  /** Accepts none, until an operator switches it on. */
  | { readonly state: 'off'; readonly since: number }
  /** Accepts messages of bound sessions only. */
  | { readonly state: 'draining'; readonly since: number }

/** The names of all states, in the order of the documents. */
export const STATES = [
  'active',
  'timeout',
  'suspended',
  'half-open',
  'off',
  'draining'
] as const satisfies readonly Health['state'][]

/** What an endpoint remembers of its failures. Instants and durations in milliseconds. */
export interface Failed {
  /** From when on it accepts messages again. */
  readonly retryAt: number
  /** Of its last suspension since it was active; 0: none. */
  readonly duration: number
  /** Failures that are still counted before it is suspended. */
  readonly retriesLeft: number
  /** When it left the state active. */
  readonly since: number
  readonly cause: string
  /** Whether the last failure happened after the message had been sent. */
  readonly afterSending?: true
}

/** The message that tries a half-open endpoint. `endsAt`: from when on another one may. */
export interface Trial {
  readonly startedAt: number
  readonly endsAt: number
}

export type Signal =
  | { readonly kind: 'success' }
  /** `startedAt`: when the failed attempt started. Default: later than all other signals. */
  | { readonly kind: 'fault'; readonly fault: Fault; readonly startedAt?: number }
  /** A message tries the half-open endpoint. */
  | { readonly kind: 'trial'; readonly endsAt: number }
  /** That message has no result: its client disconnected, or the gateway refused it. */
  | { readonly kind: 'trialEnd'; readonly startedAt: number }
  | { readonly kind: 'off' | 'on' | 'drain' }

/** When an endpoint is suspended, and for how long. Times in milliseconds. */
export interface SuspensionPolicy {
  /**
   * Faults that are counted before the endpoint is suspended; none named: what the real engine shows as 101504 or
   * 101505, and responses that are not HTTP.
   */
  readonly markCodes?: readonly number[] | undefined
  readonly retriesBeforeSuspension: number
  readonly retryDelay: number
  /** Faults that suspend at once; none named: every one. */
  readonly suspendCodes?: readonly number[] | undefined
  readonly initialDuration: number
  readonly progressionFactor: number
  readonly maximumDuration: number
}

/** About 140,000 years in milliseconds: an instant so far from now can still be written as a date. */
const MAX_SUSPENSION_MS = 2 ** 52

/** The policy of an endpoint without settings. */
export const DEFAULT_POLICY: SuspensionPolicy = {
  retriesBeforeSuspension: 0,
  retryDelay: 0,
  initialDuration: 30_000,
  progressionFactor: 1,
  maximumDuration: MAX_SUSPENSION_MS
}

export const ACTIVE: Health = { state: 'active' }

/** The code of Apache Synapse for a response after the timeout of its endpoint (SynapseConstants, HANDLER_TIME_OUT). */
const SYNAPSE_HANDLER_TIMEOUT = 504

/** Whether a list of error codes names this fault, by its own code or by one that the real engines would have shown. */
export const matchesCode = (codes: readonly number[], { code, passThroughCode }: Fault): boolean =>
  codes.includes(code) ||
  (passThroughCode !== undefined && codes.includes(passThroughCode)) ||
  (code === CODES.CONNECTION_TIMEOUT && codes.includes(SYNAPSE_HANDLER_TIMEOUT))

/**
 * Whether a fault is counted if the policy has no list of such faults. Late responses are counted, as in WSO2. A
 * connection that ends before the response is not counted, since the real engine shows 101508 or 101503 for it. A
 * response that is not HTTP is counted, in contrast to the engines: this client is stricter than theirs, and one
 * response that it refuses does not mean that the next one is malformed.
 * @see Apache Synapse, AbstractEndpoint; TargetErrorHandler of the pass-through transport
 */
const countsTowardSuspension = ({ code, passThroughCode = code }: Fault): boolean =>
  code === CODES.CONNECTION_TIMEOUT || code === CODES.PROTOCOL_VIOLATION || passThroughCode === CODES.CONNECTION_CLOSED

/** The state at this instant: a suspension whose time is over is half-open. */
export const healthAt = (health: Health, now: number): Health =>
  health.state === 'suspended' && now >= health.retryAt ? { ...health, state: 'half-open' } : health

/** Whether the endpoint is known to respond: `half-open` is not. */
export const isReady = (health: Health, now: number): boolean =>
  health.state === 'active' || (health.state === 'timeout' && now >= health.retryAt)

/**
 * Why a message may be sent to an endpoint: its session is bound there, it has waited for the end of a trial, or
 * neither.
 */
export type Admission = 'new' | 'waited' | 'bound'

/**
 * Whether an endpoint accepts a message now. A half-open endpoint accepts one new message at a time, its trial.
 * Tolerated failures (state `timeout`, suspensions of 0 ms) hold back no message once `retryAt` has come, as in the
 * engine.
 */
export function accepts (health: Health, admission: Admission, now: number): boolean {
  if (health.state === 'active') return true
  if (health.state === 'off') return false
  if (health.state === 'draining') return admission === 'bound'
  return now >= health.retryAt && (admission !== 'new' || !isTried(health, now))
}

/** Whether a trial is in flight that keeps other messages away. */
const isTried = (health: Health, now: number): boolean =>
  health.state === 'half-open' && health.duration > 0 && health.trial !== undefined && now < health.trial.endsAt

/** Whether a change of state ends the trial that was in flight. */
export const isTrialOver = (from: Health, to: Health): boolean =>
  from.state === 'half-open' &&
  from.trial !== undefined &&
  (to.state !== 'half-open' || to.trial?.startedAt !== from.trial.startedAt)

/** The state after a signal. The same object if nothing changes. */
export function transition (stored: Health, signal: Signal, policy: SuspensionPolicy, now: number): Health {
  const health = healthAt(stored, now)
  switch (signal.kind) {
    case 'on':
      return ACTIVE
    case 'off':
      return health.state === 'off' ? stored : { state: 'off', since: now }
    case 'drain':
      return health.state === 'draining' || health.state === 'off' ? stored : { state: 'draining', since: now }
    case 'success':
      return 'retryAt' in health ? ACTIVE : stored
    case 'trial':
      return health.state === 'half-open' && health.duration > 0 && !isTried(health, now)
        ? { ...health, trial: { startedAt: now, endsAt: signal.endsAt } }
        : stored
    case 'trialEnd':
      return health.state === 'half-open' && health.trial?.startedAt === signal.startedAt
        ? { ...health, trial: undefined }
        : stored
    case 'fault': {
      if (ignoresFailures(health, signal.startedAt ?? Infinity)) return stored
      const next = afterFault(health, signal.fault, policy, now)
      return next === health ? stored : next
    }
  }
}

/**
 * A suspended endpoint receives no messages, so that an attempt from before `retryAt` is one from before the
 * suspension.
 */
const ignoresFailures = (health: Health, startedAt: number): boolean =>
  health.state === 'off' ||
  health.state === 'draining' ||
  ((health.state === 'suspended' || health.state === 'half-open') && startedAt < health.retryAt)

function afterFault (health: Health, fault: Fault, policy: SuspensionPolicy, now: number): Health {
  const known = 'retryAt' in health
  const left = known ? health.retriesLeft : policy.retriesBeforeSuspension
  const last = known ? health.duration : 0
  const failure = {
    since: known ? health.since : now,
    cause: describeFault(fault),
    ...(fault.requestSent === true && { afterSending: true as const })
  }
  const counts = policy.markCodes?.length ? matchesCode(policy.markCodes, fault) : countsTowardSuspension(fault)
  if (counts && left > 0) {
    return { state: 'timeout', retriesLeft: left - 1, retryAt: now + policy.retryDelay, duration: last, ...failure }
  }
  if (!counts && policy.suspendCodes?.length && !matchesCode(policy.suspendCodes, fault)) return health
  const duration =
    fault.retryAfter === undefined
      ? nextSuspension(last, policy)
      : Math.min(fault.retryAfter, policy.maximumDuration, MAX_SUSPENSION_MS)
  return { state: 'suspended', retriesLeft: counts ? 0 : left, retryAt: now + duration, duration, ...failure }
}

/**
 * The next suspension in milliseconds: products are rounded as the 32-bit floats that the real engine computes with,
 * and truncated.
 */
export function nextSuspension (
  last: number,
  { initialDuration, progressionFactor, maximumDuration }: SuspensionPolicy
): number {
  const wanted =
    last > 0 ? Math.trunc(Math.fround(Math.fround(last) * Math.fround(progressionFactor))) : initialDuration
  if (wanted > Math.min(maximumDuration, MAX_SUSPENSION_MS)) return Math.min(maximumDuration, MAX_SUSPENSION_MS)
  return wanted < 0 ? 30_000 : wanted
}
