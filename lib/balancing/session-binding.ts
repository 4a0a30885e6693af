import type { Flow } from '../contracts/flow.js'
import type { Affinity, Placed, Session } from '../contracts/kind.js'
import type { Message } from '../message/message.js'
import type { Group, SessionGroup } from '../state/registry.js'

/** One message, and what its group knows of its session. Members are numbered as the group has them now. */
export interface Visit {
  /** The id, where the client has named its session. */
  readonly key: string | undefined
  /** The member that the session is bound to at this moment, or -1. @param again it was asked before, and that may not hold any more */
  recall (again: boolean): Flow<number>
  /** The message as a member gets it. @param known whether the session is bound there */
  request (known: boolean): Message
  /** It is going to be asked, although the session was not bound there; unless another message has bound it meanwhile. Whom it is bound to now. */
  choose (member: number): Flow<number>
  /** It answered. What the client gets. */
  learn (answer: Message, member: number): Flow<Message>
  /** Nobody was left to be asked. */
  abandon (): Flow<void>
}

/** How a group finds the sessions of its messages. @param numbers how its table numbers its members */
export function visitsOf (affinity: Affinity, group: Group, numbers: readonly number[]): (message: Message) => Visit {
  if (!('placing' in affinity)) return message => new Remembered(message, affinity, group as SessionGroup, numbers)
  const place = affinity.placing(group.name, group.members)
  return message => new Carried(place(message))
}

/**
 * A session in a table. Where the client names it, it is bound as soon as somebody is chosen, so that two messages at once meet there;
 * where the server does, by each answer that gives out an id.
 */
class Remembered implements Visit {
  readonly key: string | undefined
  readonly #message: Message
  readonly #session: Session
  readonly #group: SessionGroup
  readonly #numbers: readonly number[]
  readonly #ids: readonly string[]
  /** The id that is bound, and to whom. */
  #id: string | undefined
  #bound = -1
  /** Who has the session that the client names, as far as we know; by the number of the table, since it may be no member any more. */
  #holder = -1

  constructor (message: Message, session: Session, group: SessionGroup, numbers: readonly number[]) {
    this.#message = message
    this.#session = session
    this.#group = group
    this.#numbers = numbers
    this.#ids = session.find(message)
    this.key = session.learn === undefined ? this.#ids[0] : undefined
  }

  * recall (again: boolean): Flow<number> {
    for (const id of this.#ids) {
      const number: number | undefined = yield { kind: 'recall', group: this.#group, id, again }
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
    return known || this.#ids.length === 0 ? this.#message : this.#session.forget?.(this.#message) ?? this.#message
  }

  * choose (member: number): Flow<number> {
    if (this.key === undefined) return member
    this.#holder = yield this.#bind(this.key, this.#numbers[member]!, this.#holder)
    return this.#numbers.indexOf(this.#holder)
  }

  * learn (answer: Message, member: number): Flow<Message> {
    for (const id of this.#session.learn?.(answer) ?? []) {
      if (id !== this.#id || member !== this.#bound) yield this.#bind(id, this.#numbers[member]!, undefined)
    }
    return answer
  }

  * abandon (): Flow<void> {
    if (this.key !== undefined && this.#holder >= 0) yield this.#bind(this.key, -1, this.#holder)
  }

  #bind (id: string, member: number, from: number | undefined) {
    return { kind: 'bind', group: this.#group, id, member, from } as const
  }
}

/** A session that its client carries. */
class Carried implements Visit {
  readonly key = undefined
  readonly #placed: Placed

  constructor (placed: Placed) { this.#placed = placed }

  * recall (): Flow<number> { return this.#placed.member }
  request (): Message { return this.#placed.request }
  * choose (member: number): Flow<number> { return member }
  * learn (answer: Message, member: number): Flow<Message> { return this.#placed.mark(answer, member) }
  * abandon (): Flow<void> {}
}
