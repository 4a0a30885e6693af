import type { Flow } from '../contracts/flow.js'
import type { SessionAffinity, ClientHeldSession, SessionKind } from '../contracts/session-affinity.js'
import type { Message } from '../message/message.js'
import type { GroupState, SessionGroup } from '../state/group-state.js'

/** One message, and what its group knows of its session. Members are numbered as the group has them now. */
export interface SessionBinding {
  /** The id, where the client has named its session. */
  readonly clientId: string | undefined
  /**
   * The member that the session is bound to at this moment, or -1. @param again it was asked before, and that may not
   * hold any more
   */
  lookup(again: boolean): Flow<number>
  /** The message as a member gets it. @param known whether the session is bound there */
  request(known: boolean): Message
  /**
   * It is going to be asked, although the session was not bound there; unless another message has bound it meanwhile.
   * Whom it is bound to now.
   */
  claim(member: number): Flow<number>
  /** It answered. What the client gets. */
  learn(answer: Message, member: number): Flow<Message>
  /** Nobody was left to be asked. */
  unbind(): Flow<void>
}

/** How a group finds the sessions of its messages. @param numbers how its table numbers its members */
export function sessionBindings (
  affinity: SessionAffinity,
  group: GroupState,
  numbers: readonly number[]
): (message: Message) => SessionBinding {
  if (!('heldByClient' in affinity)) {
    return message => new TableBinding(message, affinity, group as SessionGroup, numbers)
  }
  const place = affinity.heldByClient(group.name, group.members)
  return message => new ClientHeldBinding(place(message))
}

/**
 * A session in a table. Where the client names it, it is bound as soon as somebody is chosen, so that two messages at
 * once meet there;
 * where the server does, by each answer that gives out an id.
 */
class TableBinding implements SessionBinding {
  readonly clientId: string | undefined
  readonly #message: Message
  readonly #session: SessionKind
  readonly #group: SessionGroup
  readonly #numbers: readonly number[]
  readonly #ids: readonly string[]
  /** The id that is bound, and to whom. */
  #id: string | undefined
  #bound = -1
  /**
   * Who has the session that the client names, as far as we know; by the number of the table, since it may be no
   * member any more.
   */
  #holder = -1

  constructor (message: Message, session: SessionKind, group: SessionGroup, numbers: readonly number[]) {
    this.#message = message
    this.#session = session
    this.#group = group
    this.#numbers = numbers
    this.#ids = session.idsInRequest(message)
    this.clientId = session.idsInResponse === undefined ? this.#ids[0] : undefined
  }

  * lookup (again: boolean): Flow<number> {
    for (const id of this.#ids) {
      const number: number | undefined = yield { kind: 'lookupSession', group: this.#group, id, bypassCache: again }
      this.#holder = number ?? -1
      const member = number === undefined ? -1 : this.#numbers.indexOf(number)
      if (member >= 0) {
        this.#id = id
        return (this.#bound = member)
      }
    }
    return (this.#bound = -1)
  }

  request (known: boolean): Message {
    return known || this.#ids.length === 0
      ? this.#message
      : (this.#session.withoutStaleIds?.(this.#message) ?? this.#message)
  }

  * claim (member: number): Flow<number> {
    if (this.clientId === undefined) return member
    this.#holder = yield this.#bind(this.clientId, this.#numbers[member]!, this.#holder)
    return this.#numbers.indexOf(this.#holder)
  }

  * learn (answer: Message, member: number): Flow<Message> {
    const isBound = this.#id !== undefined && member === this.#bound
    if (isBound && this.#group.sessionPolicy.expiry === 'sliding') {
      yield { kind: 'prolongSession', group: this.#group, id: this.#id!, member: this.#numbers[member]! }
    }
    for (const id of this.#session.idsInResponse?.(answer) ?? []) {
      if (!isBound || id !== this.#id) yield this.#bind(id, this.#numbers[member]!, undefined)
    }
    return answer
  }

  * unbind (): Flow<void> {
    if (this.clientId !== undefined && this.#holder >= 0) yield this.#bind(this.clientId, -1, this.#holder)
  }

  #bind (id: string, member: number, from: number | undefined) {
    return { kind: 'bindSession', group: this.#group, id, member, expectedOwner: from } as const
  }
}

/** A session that its client carries. */
class ClientHeldBinding implements SessionBinding {
  readonly clientId = undefined
  readonly #placed: ClientHeldSession

  constructor (placed: ClientHeldSession) {
    this.#placed = placed
  }

  * lookup (): Flow<number> {
    return this.#placed.member
  }

  request (): Message {
    return this.#placed.request
  }

  * claim (member: number): Flow<number> {
    return member
  }

  * learn (answer: Message, member: number): Flow<Message> {
    return this.#placed.markResponse(answer, member)
  }

  * unbind (): Flow<void> {}
}
