import { noneReady } from '../../balancing/group-outcome.js'
import type { BuildContext } from '../../contracts/build-context.js'
import { hostPort, type Member } from '../../contracts/discovery.js'
import { createReservingEndpoint, type Endpoint } from '../../contracts/endpoint.js'
import { Registry } from '../../state/registry.js'
import type { StateLease } from '../../state/state-lease.js'

/** Members that have left and may still serve their sessions, at most. */
const MAX_LEAVING = 1000

/** A member that has left, and until when it serves its sessions. */
interface Leaving {
  readonly member: Member
  readonly until: number
}

const idOf = ({ hostName, httpPort, httpsPort }: Member): string => `${hostName} ${httpPort ?? ''} ${httpsPort ?? ''}`

/** A member for which a group is built once, so that what is wrong with it is a problem of its configuration. */
const SAMPLE: Member = { hostName: 'member', httpPort: 80 }

type BuildGroup = (members: readonly Member[], context: BuildContext) => Endpoint

/**
 * Builds a group again whenever its members change. The lease of one generation ends after that of the next has begun,
 * so that the state of the members in both is kept.
 */
export class MemberGenerations {
  readonly #name: string
  readonly #sessionTimeout: number
  readonly #context: BuildContext
  readonly #build: BuildGroup
  readonly #empty: Endpoint
  #group: Endpoint
  #lease: StateLease
  #present: readonly Member[] = []
  #leaving: ReadonlyMap<string, Leaving> = new Map()
  /** When the first of the leaving members stops serving its sessions. */
  #nextEnd = Infinity

  /**
   * @param sessionTimeout milliseconds for which a member that has left serves its sessions; 0: none
   * @throws Error if the group can be built with no member
   */
  constructor (name: string, sessionTimeout: number, context: BuildContext, build: BuildGroup) {
    this.#name = name
    this.#sessionTimeout = sessionTimeout
    this.#context = { ...context, generatedName: what => `${name} ${what}` }
    const registry = new Registry(context.now)
    build([SAMPLE], { ...this.#context, registry, lease: registry.lease() })
    this.#build = build
    this.#group = this.#empty = createReservingEndpoint(name, () => noneReady(`Loadbalance endpoint : ${name}`))
    this.#lease = context.lease.inner()
  }

  /** The present generation. Members whose time is over are removed first. */
  current (): Endpoint {
    if (this.#context.now() >= this.#nextEnd) this.#removeLeft()
    return this.#group
  }

  /**
   * Begins a generation with these members. The last generation of a configuration that has ended stays.
   * @throws Error if the group cannot be built with them: it stays as it is
   */
  change (members: readonly Member[]): void {
    if (!this.#context.registry.isActive(this.#context.lease)) return
    const ids = new Set(members.map(idOf))
    const returned = [...this.#leaving].filter(([id]) => ids.has(id)).map(([, { member }]) => member)
    const gone = this.#sessionTimeout === 0 ? [] : this.#present.filter(member => !ids.has(idOf(member)))
    const leaving = this.#leavingBeside(ids, gone)
    this.#beginGeneration([...members, ...[...leaving.values()].map(({ member }) => member)])
    this.#present = members
    this.#leaving = leaving
    this.#nextEnd = Math.min(...[...leaving.values()].map(({ until }) => until))
    for (const member of returned) this.#switch(member, 'on')
    for (const member of gone) this.#switch(member, 'drain')
  }

  /** A message must not fail because of it: members that cannot be removed stay until the members change. */
  #removeLeft (): void {
    this.#nextEnd = Infinity
    try {
      this.change(this.#present)
    } catch {}
  }

  #leavingBeside (present: ReadonlySet<string>, gone: readonly Member[]): ReadonlyMap<string, Leaving> {
    const now = this.#context.now()
    const until = now + this.#sessionTimeout
    return new Map(
      [...this.#leaving, ...gone.map(member => [idOf(member), { member, until }] as const)]
        .filter(([id, { until }]) => until > now && !present.has(id))
        .slice(-MAX_LEAVING)
    )
  }

  /** What a generation has to report, the sample has reported. */
  #beginGeneration (members: readonly Member[]): void {
    const { registry } = this.#context
    const lease = this.#context.lease.inner()
    let group = this.#empty
    try {
      if (members.length > 0) group = this.#build(members, { ...this.#context, lease, warn () {}, hint () {} })
      lease.commit()
    } catch (error) {
      registry.release(lease)
      throw error
    }
    registry.release(this.#lease)
    this.#lease = lease
    this.#group = group
  }

  /** Switches on only what is draining because it left. */
  #switch (member: Member, kind: 'on' | 'drain'): void {
    const { registry } = this.#context
    const endpoint = registry.endpoints.get(`${this.#name} ${hostPort(member)}`)
    if (endpoint !== undefined && (kind === 'drain' || endpoint.health.state === 'draining')) {
      registry.signal(endpoint, { kind })
    }
  }
}
