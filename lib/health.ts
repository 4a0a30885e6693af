import { CODES, type Fault } from './fault.js'

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
 *    off, draining: only by hand, and until switched on by hand
 *
 * States, defaults and arithmetic are those of Apache Synapse (EndpointContext); `off` is stronger there than in the original.
 */
export type Health =
  | { readonly state: 'active' }
  | { readonly state: 'timeout', readonly retryAt: number, readonly retriesLeft: number, readonly since: number, readonly cause: string }
  | { readonly state: 'suspended', readonly retryAt: number, readonly duration: number, readonly retriesLeft: number, readonly since: number, readonly cause: string }
  | { readonly state: 'off', readonly since: number }
  | { readonly state: 'draining', readonly since: number }

export type Signal =
  | { readonly kind: 'success' }
  | { readonly kind: 'fault', readonly fault: Fault }
  | { readonly kind: 'off' | 'on' | 'drain' }

/** When an endpoint is suspended, and for how long. Times in milliseconds. */
export interface Policy {
  /** Faults that are counted before the endpoint is suspended; undefined: CONNECTION_TIMEOUT and CONNECTION_CLOSED. */
  readonly markCodes?: readonly number[] | undefined
  readonly retriesBeforeSuspension: number
  readonly retryDelay: number
  /** Faults that suspend at once; undefined: every one. */
  readonly suspendCodes?: readonly number[] | undefined
  readonly initialDuration: number
  readonly progressionFactor: number
  readonly maximumDuration: number
}

/** What holds where a configuration says nothing. */
export const DEFAULT_POLICY: Policy = {
  retriesBeforeSuspension: 0,
  retryDelay: 0,
  initialDuration: 30_000,
  progressionFactor: 1,
  maximumDuration: Number.MAX_SAFE_INTEGER
}

export const ACTIVE: Health = { state: 'active' }
const COUNTED: readonly number[] = [CODES.CONNECTION_TIMEOUT, CODES.CONNECTION_CLOSED]

/** Whether a list of error codes names this fault, by its own code or by the one the real engine would have shown. */
export const names = (codes: readonly number[], { code, alias }: Fault): boolean =>
  codes.includes(code) || (alias !== undefined && codes.includes(alias))

/** Whether a new message may go there. A draining endpoint takes those of its sessions only. */
export const isReady = (health: Health, now: number): boolean =>
  health.state === 'active' || ((health.state === 'timeout' || health.state === 'suspended') && now >= health.retryAt)

/** The state after a signal. The same object, where nothing changes. */
export function next (health: Health, signal: Signal, policy: Policy, now: number): Health {
  switch (signal.kind) {
    case 'on': return ACTIVE
    case 'off': return health.state === 'off' ? health : { state: 'off', since: now }
    case 'drain': return health.state === 'draining' ? health : { state: 'draining', since: now }
    case 'success': return health.state === 'timeout' || health.state === 'suspended' ? ACTIVE : health
    case 'fault': return health.state === 'off' || health.state === 'draining' ? health : afterFault(health, signal.fault, policy, now)
  }
}

function afterFault (health: Health, fault: Fault, policy: Policy, now: number): Health {
  const cause = fault.reason
  if (names(policy.markCodes ?? COUNTED, fault)) {
    const left = 'retriesLeft' in health ? health.retriesLeft : policy.retriesBeforeSuspension
    if (left > 0) return { state: 'timeout', retriesLeft: left - 1, retryAt: now + policy.retryDelay, since: now, cause }
    return suspended(health, 0, policy, now, cause)
  }
  if (policy.suspendCodes !== undefined && !names(policy.suspendCodes, fault)) return health
  return suspended(health, 'retriesLeft' in health ? health.retriesLeft : policy.retriesBeforeSuspension, policy, now, cause)
}

function suspended (health: Health, retriesLeft: number, policy: Policy, now: number, cause: string): Health {
  const duration = durationAfter(health.state === 'suspended' ? health.duration : 0, policy)
  return { state: 'suspended', duration, retryAt: now + duration, retriesLeft, since: health.state === 'suspended' ? health.since : now, cause }
}

/** The next suspension in milliseconds: products are rounded as the 32-bit floats that the real engine computes with, and truncated. */
export function durationAfter (last: number, { initialDuration, progressionFactor, maximumDuration }: Policy): number {
  const wanted = last > 0 ? Math.trunc(Math.fround(Math.fround(last) * Math.fround(progressionFactor))) : initialDuration
  if (wanted > maximumDuration) return maximumDuration
  return wanted < 0 ? 30_000 : wanted
}
