import type { EndpointState } from './endpoint-state.js'
import type { GroupState, SessionGroup } from './group-state.js'
import {
  afterCheck,
  UNCHECKED,
  type HealthCheckPolicy,
  type HealthCheckResult,
  type HealthCheckStatus
} from './health-check.js'
import {
  accepts, healthAt, isReady, isTrialOver, transition, type Admission, type Health, type Signal
} from './suspension.js'
import type { Seed } from './half-sip-hash.js'
import { ReportingEmitter } from './reporting-emitter.js'
import type { RegistryEvents } from './registry-events.js'
import { createSessionTable, type MemberSessions, type SessionPolicy, type SessionTable } from './session-table.js'
import { completed, type Sliced } from '../slices/sliced-work.js'
import { SessionEviction } from './session-eviction.js'
import { StateLease } from './state-lease.js'

export type { MembersChange, StateChange } from './registry-events.js'

/** Creates the session table of a group. */
export type CreateSessions = (group: Pick<GroupState, 'name' | 'memberIds'>, policy: SessionPolicy) => SessionTable

/** All state that outlives a request, by name. It survives a reload of the configuration. */
export class Registry extends ReportingEmitter<RegistryEvents> {
  readonly endpoints = new Map<string, EndpointState>()
  readonly groups = new Map<string, GroupState>()
  readonly now: () => number
  /** The seed of the hash of session ids. With a known seed, clients could choose ids that collide. */
  readonly hashSeed: Seed | undefined
  /** Creates the session tables. Default: in the memory of this process. */
  readonly createSessions: CreateSessions
  /** Receives each signal that changed a state, so that other processes can follow. */
  onSignal: ((endpoint: EndpointState, signal: Signal) => void) | undefined
  /** Whether requests are being cut off because the gateway stops: endpoints and clients did not cause that. */
  isStopping = false
  /** How many milliseconds after a client has ended its side of a connection it counts as disconnected. */
  disconnectDelay = 0
  /** Whether another process decides the states of endpoints, and reports them. */
  isReplica = false
  /** Present: another process decides which message is the trial of a half-open endpoint. Results as `startTrial`. */
  requestTrial: ((endpoint: EndpointState, duration: number) => Promise<number | undefined>) | undefined
  /** The state that a new endpoint is known to have had, by a file or another process. Default: `active`. */
  knownHealth: ((endpoint: EndpointState) => Health | undefined) | undefined
  /** Receives each endpoint that begins with a state that it is known to have had. */
  onRestore: ((endpoint: EndpointState) => void) | undefined
  readonly #leases = new Set<StateLease>()
  readonly #eviction = new SessionEviction(this.groups)

  /** @param seed random, where clients choose the ids of sessions */
  constructor (
    now: () => number,
    seed?: Seed,
    createSessions: CreateSessions = (_group, policy) => createSessionTable(policy, now, seed)
  ) {
    super()
    this.now = now
    this.hashSeed = seed
    this.createSessions = createSessions
  }

  /** Returns a lease, by which a configuration names the state that it uses. State is kept while any lease names it. */
  lease (): StateLease {
    const lease = new StateLease(this)
    this.#leases.add(lease)
    return lease
  }

  /** Ends a lease. State that no other lease names is removed. */
  release (lease: StateLease): void {
    completed(this.releaseInSlices(lease))
  }

  /** As `release`, some names a slice. The lease ends at once. */
  * releaseInSlices (lease: StateLease): Sliced<void> {
    this.#leases.delete(lease)
    for (const inner of lease.within) yield * this.releaseInSlices(inner)
    yield * lease.removeInSlices()
  }

  /** Whether a lease has not ended. Messages in flight during a reload add no state to a lease that has. */
  isActive (lease: StateLease): boolean {
    return this.#leases.has(lease)
  }

  /** Whether any lease names this endpoint or group. */
  isReferenced (kind: 'endpoints' | 'groups', name: string): boolean {
    for (const lease of this.#leases) if (lease[kind].has(name)) return true
    return false
  }

  /** Returns the endpoint of this name, or the endpoints of the group of this name and of the groups in it. */
  endpointsOf (name: string, seen: ReadonlySet<string> = new Set()): EndpointState[] {
    if (seen.has(name)) return []
    const group = this.groups.get(name)
    const found =
      group === undefined
        ? [this.endpoints.get(name) ?? []].flat()
        : group.members.flatMap(member => this.endpointsOf(member, new Set([...seen, name])))
    return [...new Set(found)]
  }

  /** Changes the state of an endpoint by a signal, and reports the change. */
  signal (endpoint: EndpointState, signal: Signal, now = this.now()): void {
    const to = transition(endpoint.health, signal, endpoint.policy, now)
    if (to === endpoint.health) return
    this.adopt(endpoint, to)
    this.onSignal?.(endpoint, signal)
  }

  /** Sets the state of an endpoint, which another process has decided, and reports the change. */
  adopt (endpoint: EndpointState, to: Health): void {
    const from = endpoint.health
    endpoint.health = to
    if (to.state === 'suspended') endpoint.suspensionsInRow++
    else if (!('retryAt' in to)) endpoint.suspensionsInRow = 0
    if (to.state === 'active' && from.state !== 'active' && from.state !== 'timeout') endpoint.readySince = this.now()
    if (isTrialOver(from, to)) this.report('trialEnd', endpoint)
    if (from.state !== 'half-open' || to.state !== 'half-open') {
      this.report('stateChange', { endpoint, from, to })
    }
  }

  /** Gives a new endpoint the state that it is known to have had, and reports it. */
  restore (endpoint: EndpointState): void {
    const health = this.knownHealth?.(endpoint)
    if (health === undefined) return
    this.adopt(endpoint, health)
    this.onRestore?.(endpoint)
  }

  /**
   * Begins the slow start of an endpoint that joined an existing group. An endpoint that has responded before needs
   * none.
   */
  markJoined (name: string): void {
    const endpoint = this.endpoints.get(name)
    if (endpoint !== undefined && endpoint.responses === 0) endpoint.readySince = this.now()
  }

  /** The health of an endpoint now. The stored state does not change when a suspension ends. */
  healthOf (endpoint: EndpointState): Health {
    return healthAt(endpoint.health, this.now())
  }

  /** Whether an endpoint is known to respond: it is active, or has failed too rarely for a suspension. */
  isReady (endpoint: EndpointState): boolean {
    return isReady(endpoint.health, this.now()) && !this.isFailing(endpoint)
  }

  /** Whether only a failure after sending keeps messages away from an endpoint. */
  acceptsAnyway (endpoint: EndpointState): boolean {
    const { health } = endpoint
    return 'retryAt' in health && health.afterSending === true && !this.isFailing(endpoint)
  }

  /** Whether health checks have taken an endpoint out of service. */
  isFailing ({ checked }: EndpointState): boolean {
    return checked?.isPassing === false
  }

  /** Takes the result of a health check, and reports the change. */
  noteCheck (endpoint: EndpointState, result: HealthCheckResult, policy: HealthCheckPolicy): void {
    this.adoptCheck(endpoint, afterCheck(endpoint.checked ?? UNCHECKED, result, policy, this.now()))
  }

  /** Sets the result of health checks, and reports the change. Undefined: the endpoint is no longer checked. */
  adoptCheck (endpoint: EndpointState, checked: HealthCheckStatus | undefined): void {
    const wasFailing = this.isFailing(endpoint)
    endpoint.checked = checked
    if (this.isFailing(endpoint) === wasFailing) return
    if (wasFailing) endpoint.readySince = this.now()
    this.report('healthCheckChange', endpoint)
  }

  /**
   * Makes a message the trial of a half-open endpoint for a time in milliseconds, unless another message is the trial.
   * Returns when the trial started, or undefined.
   */
  startTrial (endpoint: EndpointState, duration: number): number | undefined {
    const before = endpoint.health
    const startedAt = this.now()
    this.signal(endpoint, { kind: 'trial', endsAt: startedAt + duration }, startedAt)
    return endpoint.health === before ? undefined : startedAt
  }

  /** Whether a message may be sent to an endpoint now. */
  accepts (endpoint: EndpointState, admission: Admission): boolean {
    if (this.isFailing(endpoint)) return false
    if (endpoint.health.state === 'active') return true
    const now = this.now()
    return accepts(healthAt(endpoint.health, now), admission, now)
  }

  /** Takes an endpoint, or all endpoints of a group, out of service. @throws RangeError for an unknown name */
  switchOff (name: string): void {
    this.#switchState(name, 'off')
  }

  /** Takes an endpoint, or all endpoints of a group, back into service. @throws RangeError for an unknown name */
  switchOn (name: string): void {
    this.#switchState(name, 'on')
  }

  /**
   * Lets an endpoint, or all endpoints of a group, serve bound sessions only. @throws RangeError for an unknown name
   */
  drain (name: string): void {
    this.#switchState(name, 'drain')
  }

  /**
   * Returns the name of the member that owns a session of a group, or undefined.
   * @throws RangeError for an unknown group, and for one without a session table
   */
  sessionOwner (group: string, id: string): string | undefined {
    const { sessions, memberIds } = this.#sessionGroup(group)
    const member = sessions.get(id)
    return member === undefined ? undefined : memberIds[member]
  }

  /** Returns the sessions of a group by the name of their owner. @throws RangeError as `sessionOwner` */
  sessionsByMember (group: string): ReadonlyMap<string, MemberSessions> {
    const { sessions, memberIds } = this.#sessionGroup(group)
    return new Map([...sessions.byMember()].map(([member, owned]) => [memberIds[member] ?? '', owned]))
  }

  /** Returns the sessions of an endpoint, in all groups and through groups in them. Reads whole tables. */
  sessionsOf (endpoint: EndpointState): MemberSessions {
    let count = 0
    let lastEndsAt = 0
    for (const { name, sessions } of this.groups.values()) {
      if (sessions === undefined) continue
      for (const [member, owned] of this.sessionsByMember(name)) {
        if (!this.endpointsOf(member).includes(endpoint)) continue
        count += owned.count
        lastEndsAt = Math.max(lastEndsAt, owned.lastEndsAt)
      }
    }
    return { count, lastEndsAt }
  }

  /**
   * Releases a session: its next message begins it again. Returns whether it was bound.
   * @throws RangeError as `sessionOwner`
   */
  releaseSession (group: string, id: string): boolean {
    const { sessions } = this.#sessionGroup(group)
    const wasBound = sessions.get(id) !== undefined
    sessions.set(id, -1)
    return wasBound
  }

  /** Releases all sessions of a member of a group, and returns their number. @throws RangeError as `sessionOwner` */
  releaseSessions (group: string, member: string): number {
    const { sessions, memberIds } = this.#sessionGroup(group)
    return memberIds.reduce((sum, name, index) => (name === member ? sum + sessions.release(index) : sum), 0)
  }

  #sessionGroup (name: string): SessionGroup {
    const group = this.groups.get(name)
    if (group === undefined) throw new RangeError(`no group is called ${name}`)
    const { sessions, sessionPolicy } = group
    if (sessions === undefined || sessionPolicy === undefined) {
      throw new RangeError(`the group ${name} keeps no sessions in a table`)
    }
    return { ...group, sessions, sessionPolicy }
  }

  /** Removes expired sessions. To be called regularly: each call does bounded work. */
  evictExpired (): void {
    this.#eviction.run()
  }

  #switchState (name: string, kind: 'off' | 'on' | 'drain'): void {
    const endpoints = this.endpointsOf(name)
    if (endpoints.length === 0) throw new RangeError(`no endpoint is called ${name}`)
    for (const endpoint of endpoints) this.signal(endpoint, { kind })
  }
}
