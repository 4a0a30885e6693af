import {
  delayToNextCheck, UNCHECKED, type HealthCheckPolicy, type HealthCheckResult
} from '../../lib/state/health-check.js'
import type { EndpointState } from '../../lib/state/endpoint-state.js'
import type { Registry } from '../../lib/state/registry.js'
import { performCheck, type CheckTarget } from './perform-check.js'

/** How often new endpoints, and changed settings, are looked for, in milliseconds. */
const SCAN_MS = 1_000
/** Checks at one time; further ones wait. */
const MAX_IN_FLIGHT = 64

export interface HealthCheckOptions {
  /** At least 0 and below 1. */
  readonly random: () => number
  readonly perform?: (target: CheckTarget) => Promise<HealthCheckResult>
}

interface Schedule {
  policy: HealthCheckPolicy
  timer: NodeJS.Timeout | undefined
}

/**
 * Checks endpoints at regular times: those with a `healthCheck`, and those of groups that have one. First checks are
 * spread over one interval. Endpoints whose addresses come from messages are not checked.
 */
export class HealthChecks {
  readonly #registry: Registry
  readonly #random: () => number
  readonly #perform: (target: CheckTarget) => Promise<HealthCheckResult>
  readonly #schedules = new Map<EndpointState, Schedule>()
  readonly #waiting = new Set<EndpointState>()
  #inFlight = 0
  readonly #scanTimer: NodeJS.Timeout

  constructor (registry: Registry, { random, perform = performCheck }: HealthCheckOptions) {
    this.#registry = registry
    this.#random = random
    this.#perform = perform
    this.#scanTimer = setInterval(() => this.scan(), SCAN_MS).unref()
  }

  /** Starts the checks of new endpoints, and ends those that are not wanted any more. */
  scan (): void {
    const wanted = this.#policies()
    for (const [endpoint, { timer }] of this.#schedules) {
      if (wanted.has(endpoint)) continue
      clearTimeout(timer)
      this.#schedules.delete(endpoint)
      this.#waiting.delete(endpoint)
      this.#registry.adoptCheck(endpoint, undefined)
    }
    for (const [endpoint, policy] of wanted) {
      const known = this.#schedules.get(endpoint)
      if (known !== undefined) known.policy = policy
      else {
        this.#schedules.set(endpoint, { policy, timer: undefined })
        this.#startIn(endpoint, this.#random() * policy.interval)
      }
    }
  }

  close (): void {
    clearInterval(this.#scanTimer)
    for (const { timer } of this.#schedules.values()) clearTimeout(timer)
    this.#schedules.clear()
    this.#waiting.clear()
  }

  #policies (): Map<EndpointState, HealthCheckPolicy> {
    const wanted = new Map<EndpointState, HealthCheckPolicy>()
    const add = (endpoint: EndpointState, policy: HealthCheckPolicy | undefined): void => {
      if (policy !== undefined && !endpoint.addressFromMessage) wanted.set(endpoint, policy)
    }
    for (const { name, healthCheck } of this.#registry.groups.values()) {
      if (healthCheck !== undefined) for (const endpoint of this.#registry.endpointsOf(name)) add(endpoint, healthCheck)
    }
    for (const endpoint of this.#registry.endpoints.values()) add(endpoint, endpoint.checks.regular)
    return wanted
  }

  #startIn (endpoint: EndpointState, delay: number): void {
    const schedule = this.#schedules.get(endpoint)
    if (schedule !== undefined) schedule.timer = setTimeout(() => this.#start(endpoint), delay).unref()
  }

  #start (endpoint: EndpointState): void {
    if (this.#inFlight < MAX_IN_FLIGHT) void this.#check(endpoint)
    else this.#waiting.add(endpoint)
  }

  async #check (endpoint: EndpointState): Promise<void> {
    const schedule = this.#schedules.get(endpoint)
    if (schedule === undefined) return
    const { policy } = schedule
    const began = performance.now()
    this.#inFlight++
    const url = URL.canParse(endpoint.address) ? new URL(endpoint.address) : undefined
    const result: HealthCheckResult = url === undefined
      ? { kind: 'inconclusive' }
      : await this.#perform({ url, policy, verify: endpoint.checks.verify, tls: endpoint.checks.tls })
    this.#inFlight--
    // Its configuration may have been replaced meanwhile.
    if (this.#schedules.get(endpoint) === schedule) {
      this.#registry.noteCheck(endpoint, result, policy)
      const duration = performance.now() - began
      this.#startIn(endpoint, delayToNextCheck(endpoint.checked ?? UNCHECKED, policy, this.#random(), duration))
    }
    const [next] = this.#waiting
    if (next === undefined) return
    this.#waiting.delete(next)
    this.#start(next)
  }
}
