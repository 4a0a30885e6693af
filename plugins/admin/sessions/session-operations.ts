import type { FastifyBaseLogger } from 'fastify'
import type { GroupState, SessionGroup } from '../../../lib/state/group-state.js'
import type { Registry } from '../../../lib/state/registry.js'
import type { Dispatcher } from '../../gateway/dispatcher.js'
import type { ProxyServices } from '../../gateway/proxy-services.js'
import { redactUrl } from '../../../lib/message/redact-url.js'
import type { SharedSessions } from '../../session-stores/shared-sessions.js'
import { logHandChange, printable } from '../contract/hand-change.js'
import { HttpError } from '../contract/http-error.js'
import { ownerInCookie } from './client-held-sessions.js'
import type {
  SessionLookupBody, SessionOwnerView, SessionReleaseBody, SessionReleaseView
} from '../contract/session-schemas.js'
import { findByName } from '../endpoints/switch-endpoints.js'

/** Looks sessions up and releases them, in the session store too where sessions are shared. Never logs an id. */
export class SessionOperations {
  readonly #registry: Registry
  readonly #proxyServices: ProxyServices | undefined

  constructor (registry: Registry, proxyServices: ProxyServices | undefined) {
    this.#registry = registry
    this.#proxyServices = proxyServices
  }

  /** The session store of a group; undefined: its sessions are those of this gateway only. */
  storeOf (group: GroupState): SharedSessions | undefined {
    return this.#dispatcherOf(group)?.sessions
  }

  /** The proxies that use a group. */
  #dispatcherOf ({ name }: GroupState): Dispatcher | undefined {
    return [...this.#proxyServices ?? []].find(({ configuration }) => configuration.lease.groups.has(name))
  }

  /**
   * Returns the owner of a session. Where clients hold their sessions the id is their cookie, `name=value`.
   * @throws HttpError 404 unknown group, 409 ambiguous name or no sessions, 503 the store fails
   */
  async lookup ({ group: name, id }: SessionLookupBody): Promise<SessionOwnerView> {
    const group = findByName(this.#registry.groups.values(), name)
    if (group.sessionKind === 'cookie') return this.#ownerView(group, this.#ownerInCookie(group, id), undefined)
    requireTable(group)
    const member = await this.#ownerOf(group, id)
    const isOwn = this.storeOf(group) === undefined
    return this.#ownerView(group, member, isOwn ? group.sessions.endsAt(id) : undefined)
  }

  #ownerView (group: GroupState, member: string | undefined, endsAt: number | undefined): SessionOwnerView {
    const timeout = group.sessionPolicy?.timeout ?? 0
    const isKnown = endsAt !== undefined && Number.isFinite(endsAt)
    return {
      group: redactUrl(group.name),
      member: member === undefined ? null : redactUrl(member),
      state: member === undefined ? null : this.#stateOf(member),
      since: isKnown ? new Date(endsAt - timeout).toISOString() : null,
      ends: isKnown ? new Date(endsAt).toISOString() : null
    }
  }

  /** Null: it is a group, or no member now. */
  #stateOf (member: string): SessionOwnerView['state'] {
    const endpoint = this.#registry.endpoints.get(member)
    return endpoint === undefined ? null : this.#registry.healthOf(endpoint).state
  }

  #ownerInCookie (group: GroupState, cookie: string): string | undefined {
    const dispatcher = this.#dispatcherOf(group)
    return dispatcher && ownerInCookie(dispatcher.configuration, group, cookie)
  }

  /**
   * Releases one session, or all sessions of a member: their next messages start them over.
   * @throws HttpError as `lookup`, 404 unknown member or session, 409 where the owner, or the state of the member, is
   * another one than the caller saw, 501 the store cannot release all sessions of a member
   */
  async release (body: SessionReleaseBody, remote: string, log: FastifyBaseLogger): Promise<SessionReleaseView> {
    const { id, member: wanted, by } = body
    if ((id === undefined) === (wanted === undefined)) throw new HttpError(400, 'pass either an id or a member')
    const group = findByName(this.#registry.groups.values(), body.group)
    requireTable(group)
    const [member, released] = id !== undefined
      ? await this.#releaseOne(group, id, body.if)
      : await this.#releaseAll(group, wanted!, body.if)
    const shown = { group: redactUrl(group.name), member: redactUrl(member) }
    const what = released === 1 ? 'one session' : `${released} sessions`
    const message = `${what} of ${shown.member} released in ${shown.group}`
    logHandChange(log, message, { ...shown, released, before: shown.member, after: null, remote, by })
    return { Message: message, released }
  }

  async #releaseOne (group: SessionGroup, id: string, expected: string | undefined): Promise<[string, number]> {
    const owner = await this.#ownerOf(group, id)
    if (owner === undefined) throw new HttpError(404, 'the session is not bound')
    if (expected !== undefined && expected !== owner && expected !== redactUrl(owner)) throw movedTo(owner)
    const store = this.#usedStoreOf(group)
    const other = store === undefined ? this.#releaseHere(group, id) : await fromStore(store.release(group, id, owner))
    if (other !== undefined) throw movedTo(other)
    return [owner, 1]
  }

  #releaseHere (group: SessionGroup, id: string): undefined {
    this.#registry.releaseSession(group.name, id)
  }

  async #releaseAll (group: SessionGroup, wanted: string, expected: string | undefined): Promise<[string, number]> {
    const { name } = findByName(group.memberIds.map(name => ({ name })), wanted)
    this.#checkState(name, expected)
    const store = this.#usedStoreOf(group)
    if (store === undefined) return [name, this.#registry.releaseSessions(group.name, name)]
    if (!store.canReleaseMember) {
      throw new HttpError(501, 'the session store cannot release all sessions of a member: release them one by one')
    }
    return [name, await fromStore(store.releaseMember(group, name))]
  }

  #checkState (member: string, expected: string | undefined): void {
    if (expected === undefined) return
    const states = this.#registry.endpointsOf(member).map(endpoint => this.#registry.healthOf(endpoint).state)
    const other = states.find(state => state !== expected)
    if (other === undefined && states.length > 0) return
    throw new HttpError(409, `${redactUrl(member)} is ${other ?? 'no member'} by now, not ${printable(expected)}`)
  }

  async #ownerOf (group: SessionGroup, id: string): Promise<string | undefined> {
    const store = this.#usedStoreOf(group)
    return store === undefined
      ? this.#registry.sessionOwner(group.name, id)
      : await fromStore(store.owner(group, id))
  }

  /** While a store does not work, each gateway uses its own table. */
  #usedStoreOf (group: SessionGroup): SharedSessions | undefined {
    const store = this.storeOf(group)
    if (store?.up === false) throw new HttpError(503, 'the session store does not respond: nothing is changed')
    return store
  }
}

/** The group itself and no copy: session stores keep what they know of a group by its object. @throws HttpError 409 */
function requireTable (group: GroupState): asserts group is SessionGroup {
  if (group.sessions !== undefined && group.sessionPolicy !== undefined) return
  throw new HttpError(409, `the group ${redactUrl(group.name)} keeps no sessions in a table`)
}

const movedTo = (owner: string): HttpError => new HttpError(409, `the session is bound to ${redactUrl(owner)} by now`)

async function fromStore<T> (result: Promise<T>): Promise<T> {
  try {
    return await result
  } catch (error) {
    throw new HttpError(503, `the session store failed: ${printable((error as Error).message)}`)
  }
}
