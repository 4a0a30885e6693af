import { noneReady } from '../../balancing/group-outcome.js'
import type { BuildContext } from '../../contracts/build-context.js'
import { hostPort, type Member } from '../../contracts/discovery.js'
import { createReservingEndpoint, type Endpoint } from '../../contracts/endpoint.js'
import type { StateLease } from '../../state/state-lease.js'

/** Members that have left and may still serve their sessions, at most. */
const MAX_LEAVING = 1000

/** A member that has left, and until when it serves its sessions. */
interface Leaving {
  readonly member: Member
  readonly until: number
}

const idOf = ({ hostName, httpPort, httpsPort }: Member): string => `${hostName} ${httpPort ?? ''} ${httpsPort ?? ''}`

/**
 * Builds a group again whenever its members change. The lease of one generation ends after that of the next has begun,
 * so that the state of the members in both is kept.
 */
export class MemberGenerations {
  readonly #name: string
  readonly #sessionTimeout: number
  readonly #context: BuildContext
  readonly #build: (members: readonly Member[], context: BuildContext) => Endpoint
  readonly #empty: Endpoint
  #group: Endpoint
  #lease: StateLease
  #present: readonly Member[] = []
  #leaving = new Map<string, Leaving>()
  /** When the first of the leaving members stops serving its sessions. */
  #nextEnd = Infinity

  /** @param sessionTimeout milliseconds for which a member that has left serves its sessions; 0: none */
  constructor (
    name: string,
    sessionTimeout: number,
    context: BuildContext,
    build: (members: readonly Member[], context: BuildContext) => Endpoint
  ) {
    this.#name = name
    this.#sessionTimeout = sessionTimeout
    this.#context = context
    this.#build = build
    this.#group = this.#empty = createReservingEndpoint(name, () => noneReady(`Loadbalance endpoint : ${name}`))
    this.#lease = context.lease.inner()
  }

  /** The present generation. Members whose time is over are removed first. */
  current (): Endpoint {
    if (this.#context.now() >= this.#nextEnd) this.change(this.#present)
    return this.#group
  }

  /** Begins a generation with these members. */
  change (members: readonly Member[]): void {
    const ids = new Set(members.map(idOf))
    const returned = [...this.#leaving].filter(([id]) => ids.has(id)).map(([, { member }]) => member)
    const gone = this.#sessionTimeout === 0 ? [] : this.#present.filter(member => !ids.has(idOf(member)))
    this.#keepLeaving(ids, gone)
    this.#present = members
    this.#beginGeneration([...members, ...[...this.#leaving.values()].map(({ member }) => member)])
    for (const member of returned) this.#switch(member, 'on')
    for (const member of gone) this.#switch(member, 'drain')
  }

  #keepLeaving (present: ReadonlySet<string>, gone: readonly Member[]): void {
    const now = this.#context.now()
    const until = now + this.#sessionTimeout
    this.#leaving = new Map(
      [...this.#leaving, ...gone.map(member => [idOf(member), { member, until }] as const)]
        .filter(([id, { until }]) => until > now && !present.has(id))
        .slice(-MAX_LEAVING)
    )
    this.#nextEnd = Math.min(...[...this.#leaving.values()].map(({ until }) => until))
  }

  #beginGeneration (members: readonly Member[]): void {
    const lease = this.#context.lease.inner()
    const context: BuildContext = { ...this.#context, lease, generatedName: what => `${this.#name} ${what}` }
    this.#group = members.length === 0 ? this.#empty : this.#build(members, context)
    lease.commit()
    this.#context.registry.release(this.#lease)
    this.#lease = lease
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
