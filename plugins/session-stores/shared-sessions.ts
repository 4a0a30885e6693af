import type { FastifyBaseLogger } from 'fastify'
import type { BindSession, LookupSession } from '../../lib/contracts/flow.js'
import type { Seed } from '../../lib/state/half-sip-hash.js'
import type { SessionGroup } from '../../lib/state/registry.js'
import { GroupKeyspace } from './group-keyspace.js'
import type { SessionStore } from './session-store.js'
import { StoreCircuitBreaker } from './store-circuit-breaker.js'

const CACHE_SIZE = 5_000
/** How often a binding is taken over from somebody whom this gateway does not know, who is replaced meanwhile by another such. */
const MAX_UNKNOWN = 3

export interface SharedSessionsOptions {
  readonly log: FastifyBaseLogger
  readonly now: () => number
  readonly seed: Seed | undefined
}

/**
 * Sessions that several gateways have in common. Whatever the store says is kept in the table of this gateway too, which answers while
 * the store does not; what is only there is offered to the store when it is back, and when it has forgotten.
 */
export class SharedSessions {
  readonly #store: SessionStore
  readonly #watched: StoreCircuitBreaker
  readonly #options: SharedSessionsOptions
  readonly #scopes = new WeakMap<SessionGroup, GroupKeyspace>()

  constructor (store: SessionStore, options: SharedSessionsOptions) {
    this.#store = store
    this.#options = options
    this.#watched = new StoreCircuitBreaker(store, options.log)
  }

  /** Whether the store is asked. */
  get up (): boolean { return this.#watched.up }
  /** How often the table of this gateway has answered, since the store did not. */
  fallbacks = 0

  /** Resolves when it is known whether the store works. @throws Error if it never can */
  async open (): Promise<void> { await this.#watched.open() }
  async close (): Promise<void> { await this.#watched.close() }

  lookup ({ group, id, bypassCache: again }: LookupSession): number | undefined | Promise<number | undefined> {
    if (!this.#watched.up) return this.#localFallback(group.sessions.get(id))
    const scope = this.#scopeOf(group)
    const near = again ? undefined : scope.near?.get(id)
    if (near === undefined) return this.#recall(scope, id)
    // It is used: let it live on here, for the time when the store does not answer.
    group.sessions.get(id)
    return near
  }

  bind (effect: BindSession): number | Promise<number> {
    const scope = this.#scopeOf(effect.group)
    return this.#watched.up ? this.#bind(scope, effect) : this.#bindLocally(scope, effect)
  }

  async #recall (scope: GroupKeyspace, id: string): Promise<number | undefined> {
    const { sessions, sessionPolicy } = scope.group
    const session = scope.session(id)
    try {
      let holder = await this.#watched.call(() => this.#store.lookup(session))
      if (holder === null) {
        // With absolute expiry the store knows best when it began: what it has let go of is over.
        const known = sessionPolicy.expiry === 'sliding' ? sessions.get(id) : undefined
        if (known === undefined || !scope.isMember(known)) return undefined
        holder = await this.#watched.call(() => this.#store.bind(session, scope.nameOf(known), null))
      }
      const number = holder === null ? undefined : scope.numberOf(holder)
      if (number !== undefined) scope.keep(id, number)
      return number
    } catch {
      return this.#localFallback(sessions.get(id))
    }
  }

  async #bind (scope: GroupKeyspace, effect: BindSession): Promise<number> {
    const { id, member, expectedOwner: from } = effect
    const session = scope.session(id)
    const name = member < 0 ? null : scope.nameOf(member)
    try {
      const bind = async (expected: string | null | undefined): Promise<string | null> => await this.#watched.call(() => this.#store.bind(session, name, expected))
      let holder = await bind(from === undefined ? undefined : from < 0 ? null : scope.nameOf(from))
      // A member that this gateway has never had: its sessions begin anew here.
      for (let tries = 0; tries < MAX_UNKNOWN && holder !== null && scope.numberOf(holder) === undefined; tries++) holder = await bind(holder)
      const number = holder === null ? member : scope.numberOf(holder) ?? member
      scope.keep(id, number)
      return number
    } catch {
      return this.#bindLocally(scope, effect)
    }
  }

  /** What the store has said before does not hold any more. */
  #bindLocally ({ near, group }: GroupKeyspace, { id, member, expectedOwner: from }: BindSession): number {
    near?.set(id, -1)
    return this.#localFallback(group.sessions.set(id, member, from))
  }

  #localFallback<T> (answer: T): T {
    this.fallbacks++
    return answer
  }

  #scopeOf (group: SessionGroup): GroupKeyspace {
    let scope = this.#scopes.get(group)
    if (scope === undefined) {
      const { now, seed } = this.#options
      scope = new GroupKeyspace(group, this.#store.cacheTtl ?? CACHE_SIZE, now, seed)
      this.#scopes.set(group, scope)
    }
    return scope
  }
}
