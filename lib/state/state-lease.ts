import type { EndpointChecks, EndpointState } from './endpoint-state.js'
import { newSharedState, type GroupSettings, type GroupState } from './group-state.js'
import { ACTIVE, type SuspensionPolicy } from './suspension.js'
import { LatencyHistogram } from './latency-histogram.js'
import { MemberLoad } from './member-load.js'
import { MAX_MEMBERS } from './member-numbers.js'
import type { Registry } from './registry.js'
import { reserveName } from './reserve-name.js'
import type { SessionPolicy, SessionTable } from './session-table.js'
import { WaitingRequests } from './waiting-requests.js'
import { completed, type Sliced } from '../slices/sliced-work.js'

/** A group, as one configuration uses it. */
export interface LeasedGroup {
  readonly group: GroupState
  /**
   * The number of each member in the session table: the same as before, for a member that the group had before.
   * Complete once the lease is committed.
   */
  readonly numbers: readonly number[]
  readonly load: MemberLoad
}

/** Changes or names of one slice. */
const SLICE_SIZE = 500

/**
 * What one configuration uses of the registry. The state of the running configuration changes only when the lease is
 * committed: a configuration that turns out to be broken leaves no trace.
 */
export class StateLease {
  readonly endpoints = new Set<string>()
  readonly groups = new Set<string>()
  /** Leases that end with this one at the latest. */
  readonly within = new Set<StateLease>()
  readonly registry: Registry
  /** What `commit` does; undefined: the lease is committed. */
  #pending: (() => void)[] | undefined = []

  constructor (registry: Registry) {
    this.registry = registry
  }

  /** Returns a further lease, which ends with this one at the latest. */
  inner (): StateLease {
    const lease = this.registry.lease()
    for (const each of this.within) if (!this.registry.isActive(each)) this.within.delete(each)
    this.within.add(lease)
    return lease
  }

  /** Makes the changes of this lease, and from now on each change at once. */
  commit (): void {
    completed(this.commitInSlices())
  }

  /** As `commit`, some changes a slice. */
  * commitInSlices (): Sliced<void> {
    for (const [at, change] of (this.#pending ?? []).entries()) {
      change()
      if (at % SLICE_SIZE === SLICE_SIZE - 1) yield
    }
    this.#pending = undefined
  }

  /**
   * Returns the state of the endpoint of this name at this address: the existing one, or a new one. A name that this
   * lease has used before gets a number.
   * @param maxRequests how many may be in flight at one time. Default: any number
   */
  endpoint (
    wanted: string,
    address: string,
    policy: SuspensionPolicy,
    checks = NO_CHECKS,
    maxRequests?: number
  ): EndpointState {
    const name = reserveName(this.endpoints, wanted)
    const known = this.registry.endpoints.get(name)
    if (known?.address === address) {
      this.#onCommit(() => {
        known.policy = policy
        known.checks = checks
        known.maxRequests = maxRequests
      })
      return known
    }
    const endpoint: EndpointState = {
      name,
      address,
      addressFromMessage: this.#pending === undefined,
      policy,
      health: ACTIVE,
      suspensionsInRow: 0,
      inFlight: 0,
      queued: 0,
      maxRequests,
      refused: 0,
      waiting: new WaitingRequests(),
      responses: 0,
      failures: 0,
      failureLog: undefined,
      retries: 0,
      cancelled: 0,
      abandoned: 0,
      latency: new LatencyHistogram(),
      readySince: -Infinity,
      checks,
      checked: undefined
    }
    this.#onCommit(() => {
      this.registry.endpoints.set(name, endpoint)
      this.registry.restore(endpoint)
    })
    return endpoint
  }

  /**
   * Returns the group of this name. It shares with the group that had this name before: sessions, numbers of members,
   * load. A name that this lease has used before gets a number: groups share no sessions.
   * @throws Error if there are more members than a session table has numbers for
   */
  group (wanted: string, kind: string, members: readonly string[], settings: GroupSettings = {}): LeasedGroup {
    const { sessionPolicy } = settings
    if (sessionPolicy !== undefined && members.length > MAX_MEMBERS) {
      throw new Error(`a group with sessions has at most ${MAX_MEMBERS} members`)
    }
    const name = reserveName(this.groups, wanted)
    const known = this.registry.groups.get(name)
    const shared = known?.shared ?? newSharedState()
    const memberIds = shared.numbers.names
    const sessions = sessionPolicy && this.#sessions(known, { name, memberIds }, sessionPolicy)
    const group: GroupState = { ...settings, name, kind, members, memberIds, sessions, shared }
    const load = new MemberLoad(members.length)
    const numbers: number[] = []
    const assignNumbers = (): void => {
      for (const number of shared.numbers.assign(members, sessions)) numbers.push(number)
    }
    if (known === undefined) assignNumbers()
    const before = new Set(known?.members ?? members)
    this.#onCommit(() => {
      if (known !== undefined) assignNumbers()
      load.share(shared.load, members, () => this.registry.isActive(this))
      for (const member of members) if (!before.has(member)) this.registry.markJoined(member)
      this.registry.groups.set(name, group)
      const [joined, left] = [difference(members, before), difference(before, new Set(members))]
      if (joined.length > 0 || left.length > 0) this.registry.report('membersChange', { group: name, joined, left })
    })
    return { group, numbers, load }
  }

  /** Removes the state that no lease names any more, some names a slice. The registry has ended this one. */
  * removeInSlices (): Sliced<void> {
    let count = 0
    for (const kind of ['endpoints', 'groups'] as const) {
      for (const name of this[kind]) {
        if (!this.registry.isReferenced(kind, name)) this.registry[kind].delete(name)
        if (++count % SLICE_SIZE === 0) yield
      }
    }
  }

  /** Removes the state of an endpoint, unless another lease uses it. */
  forgetEndpoint (name: string): void {
    this.endpoints.delete(name)
    if (!this.registry.isReferenced('endpoints', name)) this.registry.endpoints.delete(name)
  }

  /** The sessions that a group has, or a new table if it has none or its policy has changed. */
  #sessions (
    known: GroupState | undefined,
    group: Pick<GroupState, 'name' | 'memberIds'>,
    policy: SessionPolicy
  ): SessionTable {
    if (known?.sessions !== undefined && isSamePolicy(known.sessionPolicy, policy)) return known.sessions
    return this.registry.createSessions(group, policy)
  }

  #onCommit (change: () => void): void {
    if (this.#pending !== undefined) this.#pending.push(change)
    else if (this.registry.isActive(this)) change()
  }
}

const difference = (names: Iterable<string>, others: ReadonlySet<string>): string[] =>
  [...names].filter(name => !others.has(name))

const NO_CHECKS: EndpointChecks = { verify: true }

const isSamePolicy = (a: SessionPolicy | undefined, b: SessionPolicy): boolean =>
  a?.timeout === b.timeout && a.expiry === b.expiry && a.maxSessions === b.maxSessions
