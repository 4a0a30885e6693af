import { CODES, describeFault, type Fault } from '../message/fault.js'

/**
 * The suspension state machine. Pure: no timer runs, a suspended endpoint merely knows the instant from which it may be tried again.
 *
 *              suspending fault             success
 *    active ─────────────────▶ suspended ─────────────────▶ active
 *       │                       ▲      │ suspending fault: duration × factor, at most maximum
 *       │ fault that is         │      └──▶ suspended
 *       ▼ counted first         │ no retries left
 *    timeout ───────────────────┘
 *       │ success ────────────────────────────────────────▶ active
 *
 *    draining, off: only by hand, and until switched on by hand; what is off cannot be drained
 *
 * States, defaults and arithmetic are those of Apache Synapse (EndpointContext). Other than there, what is off stays off, and messages that
 * were under way when a suspension began say nothing new of it: many failures of one outage are one.
 */
/**
 * `retryAt`: when it may be tried again. `duration`: of its last suspension since it was active, in milliseconds, 0 where there was none.
 * `retriesLeft`: faults that are still counted before it is suspended. `since`: when it left the state active.
 */
export type Health =
  | { readonly state: 'active' }
  | { readonly state: 'timeout', readonly retryAt: number, readonly duration: number, readonly retriesLeft: number, readonly since: number, readonly cause: string }
  | { readonly state: 'suspended', readonly retryAt: number, readonly duration: number, readonly retriesLeft: number, readonly since: number, readonly cause: string }
  | { readonly state: 'off', readonly since: number }
  | { readonly state: 'draining', readonly since: number }

export type Signal =
  | { readonly kind: 'success' }
  /** `began`: when the attempt that failed so began; unless told: after all that the endpoint has seen. */
  | { readonly kind: 'fault', readonly fault: Fault, readonly began?: number }
  | { readonly kind: 'off' | 'on' | 'drain' }

/** When an endpoint is suspended, and for how long. Times in milliseconds. */
export interface SuspensionPolicy {
  /** Faults that are counted before the endpoint is suspended; none named: what the real engine shows as 101504 or 101505. */
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

/** What holds where a configuration says nothing. */
export const DEFAULT_POLICY: SuspensionPolicy = {
  retriesBeforeSuspension: 0,
  retryDelay: 0,
  initialDuration: 30_000,
  progressionFactor: 1,
  maximumDuration: MAX_SUSPENSION_MS
}

export const ACTIVE: Health = { state: 'active' }

/** What Apache Synapse calls an answer that is too late for its endpoint (SynapseConstants, HANDLER_TIME_OUT). */
const SYNAPSE_HANDLER_TIMEOUT = 504

/** Whether a list of error codes names this fault, by its own code or by one that the real engines would have shown. */
export const matchesCode = (codes: readonly number[], { code, passThroughCode: alias }: Fault): boolean =>
  codes.includes(code) || (alias !== undefined && codes.includes(alias)) || (code === CODES.CONNECTION_TIMEOUT && codes.includes(SYNAPSE_HANDLER_TIMEOUT))

/**
 * Whether it is counted where no list says what is. A connection that ends before the answer is nothing of the kind, since the real engine shows
 * 101508 or 101503 for it; late answers are, as in WSO2 (Apache Synapse, AbstractEndpoint, and TargetErrorHandler of the pass-through transport).
 */
const countsTowardSuspension = ({ code, passThroughCode: alias = code }: Fault): boolean => code === CODES.CONNECTION_TIMEOUT || alias === CODES.CONNECTION_CLOSED

/** Whether a new message may go there. A draining endpoint takes those of its sessions only. */
export const isReady = (health: Health, now: number): boolean =>
  health.state === 'active' || ((health.state === 'timeout' || health.state === 'suspended') && now >= health.retryAt)

/** The state after a signal. The same object, where nothing changes. */
export function transition (health: Health, signal: Signal, policy: SuspensionPolicy, now: number): Health {
  switch (signal.kind) {
    case 'on': return ACTIVE
    case 'off': return health.state === 'off' ? health : { state: 'off', since: now }
    case 'drain': return health.state === 'draining' || health.state === 'off' ? health : { state: 'draining', since: now }
    case 'success': return health.state === 'timeout' || health.state === 'suspended' ? ACTIVE : health
    case 'fault': return isSwitchedByOperator(health, signal.began ?? Infinity) ? health : afterFault(health, signal.fault, policy, now)
  }
}

/** Whether the failure of an attempt that began then changes nothing. Nobody is asked during a suspension: who began before its end began before it. */
const isSwitchedByOperator = (health: Health, began: number): boolean =>
  health.state === 'off' || health.state === 'draining' || (health.state === 'suspended' && began < health.retryAt)

function afterFault (health: Health, fault: Fault, policy: SuspensionPolicy, now: number): Health {
  const known = 'retryAt' in health
  const left = known ? health.retriesLeft : policy.retriesBeforeSuspension
  const last = known ? health.duration : 0
  const about = { since: known ? health.since : now, cause: describeFault(fault) }
  const counts = policy.markCodes?.length ? matchesCode(policy.markCodes, fault) : countsTowardSuspension(fault)
  if (counts && left > 0) return { state: 'timeout', retriesLeft: left - 1, retryAt: now + policy.retryDelay, duration: last, ...about }
  if (!counts && policy.suspendCodes?.length && !matchesCode(policy.suspendCodes, fault)) return health
  const duration = nextSuspension(last, policy)
  return { state: 'suspended', retriesLeft: counts ? 0 : left, retryAt: now + duration, duration, ...about }
}

/** The next suspension in milliseconds: products are rounded as the 32-bit floats that the real engine computes with, and truncated. */
export function nextSuspension (last: number, { initialDuration, progressionFactor, maximumDuration }: SuspensionPolicy): number {
  const wanted = last > 0 ? Math.trunc(Math.fround(Math.fround(last) * Math.fround(progressionFactor))) : initialDuration
  if (wanted > Math.min(maximumDuration, MAX_SUSPENSION_MS)) return Math.min(maximumDuration, MAX_SUSPENSION_MS)
  return wanted < 0 ? 30_000 : wanted
}
