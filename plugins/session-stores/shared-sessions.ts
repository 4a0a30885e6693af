import type { FastifyBaseLogger } from 'fastify'
import type { BindSession, LookupSession, ProlongSession } from '../../lib/contracts/flow.js'
import { prolongInTable } from '../../lib/pipeline/interpret.js'
import type { Seed } from '../../lib/state/half-sip-hash.js'
import type { LatencyHistogram } from '../../lib/state/latency-histogram.js'
import type { SessionGroup } from '../../lib/state/group-state.js'
import { within } from '../timing/deadline.js'
import { GroupKeyspace } from './group-keyspace.js'
import type { SessionStore, StoredSession } from './session-store.js'
import { StoreHealth, type StoreState } from './store-health.js'

export const DEFAULT_CACHE_TTL_MS = 5_000
/** How long it may take to release all sessions of a member, in milliseconds. */
const RELEASE_TIMEOUT_MS = 30_000
/**
 * The owner of a session that an operator has released: no gateway has a member of this name, so that its next message
 * starts it over, and no gateway offers the owner that it remembers.
 */
const RELEASED = '(released)'
/** How often a binding is taken over from an owner that this gateway does not know, while another such replaces it. */
const MAX_UNKNOWN_OWNERS = 3

export interface SharedSessionsOptions {
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn'>
  readonly now: () => number
  readonly seed: Seed | undefined
  /** Receives each change of whether the store works. Default: nothing does */
  readonly onChange?: ((state: StoreState) => void) | undefined
}

/**
 * Sessions that several gateways share. What the store responds is kept in the table of this gateway too, which is used
 * while the store does not work. Sessions that are only there are offered to the store when it works again, and when it
 * has lost them.
 */
export class SharedSessions {
  readonly #store: SessionStore
  readonly #health: StoreHealth
  readonly #options: SharedSessionsOptions
  readonly #keyspaces = new WeakMap<SessionGroup, GroupKeyspace>()
  /** The newest keyspace of each group, by the name that the store knows. */
  readonly #byStoredName = new Map<string, WeakRef<GroupKeyspace>>()
  readonly #endMoves: (() => void) | undefined

  constructor (store: SessionStore, options: SharedSessionsOptions) {
    this.#store = store
    this.#options = options
    const { log, now, onChange = () => {} } = options
    this.#health = new StoreHealth(store, { log, now, onChange })
    this.#endMoves = store.onMove?.(group => this.#byStoredName.get(group)?.deref()?.emptyNearCache())
  }

  /** Whether the whole store is used. */
  get up (): boolean {
    return this.#health.up
  }

  /** Whether the whole store is used, since when and why not; undefined: that is not known. */
  get state (): StoreState | undefined {
    return this.#health.state
  }

  /** Time of calls to the store. */
  get latency (): LatencyHistogram {
    return this.#health.latency
  }

  /** @param cause why the store does not work for a worker of this gateway; undefined: it works for all of them */
  noteWorkers (cause: string | undefined): void {
    this.#health.noteWorkers(cause)
  }

  /** How often the table of this gateway was used, because the store did not work. */
  fallbacks = 0

  /** Resolves when it is known whether the store works. @throws Error if it never can */
  async open (): Promise<void> {
    await this.#health.open()
  }

  async close (): Promise<void> {
    this.#endMoves?.()
    await this.#health.close()
  }

  lookup ({ group, id, bypassCache }: LookupSession): number | undefined | Promise<number | undefined> {
    const keyspace = this.#keyspaceOf(group)
    const known = bypassCache || !this.#health.up ? undefined : keyspace.known?.ownerOf(id)
    if (known !== undefined) return known
    const session = keyspace.session(id)
    if (!this.#health.has(session)) return this.#localFallback(group.sessions.get(id))
    return this.#lookup(keyspace, id, session)
  }

  /**
   * Restarts the time of a session, in this gateway and, at most once per `cacheTtl`, in the store. A session that
   * another message of this gateway has moved returns.
   */
  prolong (effect: ProlongSession): void {
    const { group, id, memberNumber } = effect
    if (prolongInTable(effect) === 'ownedByOther') {
      void this.bind({ kind: 'bindSession', group, id, memberNumber, expectedOwner: undefined })
      return
    }
    if (group.sessionPolicy.expiry !== 'sliding') return
    const keyspace = this.#keyspaceOf(group)
    const { known } = keyspace
    known?.use(id, memberNumber)
    if (known?.wasProlonged(id) === true) return
    const session = keyspace.session(id)
    if (!this.#health.has(session)) return
    known?.prolong(id, memberNumber)
    const name = keyspace.nameOf(memberNumber)
    if (this.#store.prolong !== undefined) this.#store.prolong(session, name)
    else void this.#health.call(session, () => this.#store.bind(session, name, name)).catch(() => {})
  }

  bind (effect: BindSession): number | Promise<number> {
    const keyspace = this.#keyspaceOf(effect.group)
    const session = keyspace.session(effect.id)
    return this.#health.has(session) ? this.#bind(keyspace, effect, session) : this.#bindLocally(keyspace, effect)
  }

  /** Returns the member that owns a session for all gateways; undefined: none. @throws Error if the store fails */
  async owner (group: SessionGroup, id: string): Promise<string | undefined> {
    const keyspace = this.#keyspaceOf(group)
    const session = keyspace.session(id)
    const owner = await this.#health.call(session, () => this.#store.lookup(session))
    return owner === null ? undefined : this.#memberOf(keyspace, owner)
  }

  /**
   * Releases a session for all gateways, if this member owns it. Others may use what they know for `cacheTtl`.
   * Returns the owner that it has instead. @throws Error if the store fails
   */
  async release (group: SessionGroup, id: string, member: string): Promise<string | undefined> {
    const keyspace = this.#keyspaceOf(group)
    const name = keyspace.nameOf(group.memberIds.indexOf(member))
    const session = keyspace.session(id)
    const owner = await this.#health.call(session, () => this.#store.bind(session, RELEASED, name))
    if (owner !== RELEASED) return owner === null ? undefined : this.#memberOf(keyspace, owner)
    keyspace.release(id)
    return undefined
  }

  /** Whether the store can release all sessions of a member. */
  get canReleaseMember (): boolean {
    return this.#store.replaceOwner !== undefined
  }

  /** Releases all sessions of a member for all gateways. Returns their number. @throws Error if the store fails */
  async releaseMember (group: SessionGroup, member: string): Promise<number> {
    const keyspace = this.#keyspaceOf(group)
    const index = group.memberIds.indexOf(member)
    const released = this.#store.replaceOwner!(keyspace.prefix, keyspace.nameOf(index), RELEASED)
    const count = await within(RELEASE_TIMEOUT_MS, released)
    keyspace.releaseMember(index)
    return count
  }

  #memberOf (keyspace: GroupKeyspace, owner: string): string | undefined {
    const index = keyspace.indexOf(owner)
    return index === undefined ? undefined : keyspace.group.memberIds[index]
  }

  async #lookup (keyspace: GroupKeyspace, id: string, session: StoredSession): Promise<number | undefined> {
    const {
      known,
      group: { sessions, sessionPolicy }
    } = keyspace
    try {
      let owner = await this.#health.call(session, () => this.#store.lookup(session))
      if (owner === null) {
        // With absolute expiry only the store knows the beginning: a session that it has lost is over.
        const isOver = sessionPolicy.expiry === 'absolute' || this.#store.reliable === true
        const own = isOver ? undefined : sessions.get(id)
        if (own === undefined || !keyspace.isMember(own)) return undefined
        owner = await this.#health.call(session, () => this.#store.bind(session, keyspace.nameOf(own), null))
      }
      const index = owner === null ? undefined : keyspace.indexOf(owner)
      if (index !== undefined) known?.noteOwner(id, index)
      return index
    } catch {
      return this.#localFallback(sessions.get(id))
    }
  }

  async #bind (keyspace: GroupKeyspace, effect: BindSession, session: StoredSession): Promise<number> {
    const { id, memberNumber, expectedOwner } = effect
    const { known } = keyspace
    const nameOf = (index: number): string | null => (index < 0 ? null : keyspace.nameOf(index))
    const isUnknown = (owner: string | null): boolean => owner !== null && keyspace.indexOf(owner) === undefined
    const name = nameOf(memberNumber)
    const bind = async (expected: string | null | undefined): Promise<string | null> =>
      await this.#health.call(session, () => this.#store.bind(session, name, expected))
    try {
      let owner = await bind(expectedOwner === undefined ? undefined : nameOf(expectedOwner))
      // An owner that this gateway has never had: its sessions start over here.
      for (let count = 0; count < MAX_UNKNOWN_OWNERS && isUnknown(owner); count++) owner = await bind(owner)
      const index = owner === null ? memberNumber : (keyspace.indexOf(owner) ?? memberNumber)
      keyspace.keep(id, index, known)
      return index
    } catch {
      return this.#bindLocally(keyspace, effect)
    }
  }

  /** Drops what was cached from the store. */
  #bindLocally ({ known, group }: GroupKeyspace, { id, memberNumber, expectedOwner }: BindSession): number {
    known?.noteOwner(id, -1)
    return this.#localFallback(group.sessions.set(id, memberNumber, expectedOwner))
  }

  #localFallback<T>(result: T): T {
    this.fallbacks++
    return result
  }

  #keyspaceOf (group: SessionGroup): GroupKeyspace {
    let keyspace = this.#keyspaces.get(group)
    if (keyspace === undefined) {
      const { now, seed } = this.#options
      const { cacheTtl = DEFAULT_CACHE_TTL_MS, onMove, prolong } = this.#store
      const isCoherent = onMove !== undefined && prolong !== undefined
      keyspace = new GroupKeyspace(group, { cacheTtl, now, seed, isCoherent })
      this.#keyspaces.set(group, keyspace)
      this.#byStoredName.set(keyspace.storedName, new WeakRef(keyspace))
    }
    return keyspace
  }
}
