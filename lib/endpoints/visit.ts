import type { Flow } from '../flow.js'
import type { Affinity, Placed, Session } from '../kind.js'
import type { Message } from '../message.js'
import type { Group } from '../registry.js'

/** One message, and what its group knows of its session. Members are numbered as the group has them now. */
export interface Visit {
  /** The id, where the client has named its session. */
  readonly key: string | undefined
  /** The member that the session is bound to at this moment, or -1. */
  recall (): Flow<number>
  /** The message as a member gets it. @param known whether the session is bound there */
  request (known: boolean): Message
  /** It is going to be asked, although the session was not bound there. */
  choose (member: number): Flow<void>
  /** It answered. What the client gets. */
  learn (answer: Message, member: number): Flow<Message>
  /** Nobody was left to be asked. */
  abandon (): Flow<void>
}

/** How a group finds the sessions of its messages. @param numbers how its table numbers its members */
export function visitsOf (affinity: Affinity, { name, members, sessions: table }: Group, numbers: readonly number[]): (message: Message) => Visit {
  if (!('placing' in affinity)) return message => new Remembered(message, affinity, table!, numbers)
  const place = affinity.placing(name, members)
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
  readonly #table: NonNullable<Group['sessions']>
  readonly #numbers: readonly number[]
  readonly #ids: readonly string[]
  /** The id that is bound, and to whom. */
  #id: string | undefined
  #bound = -1

  constructor (message: Message, session: Session, table: NonNullable<Group['sessions']>, numbers: readonly number[]) {
    this.#message = message
    this.#session = session
    this.#table = table
    this.#numbers = numbers
    this.#ids = session.find(message)
    this.key = session.learn === undefined ? this.#ids[0] : undefined
  }

  * recall (): Flow<number> {
    for (const id of this.#ids) {
      const number: number | undefined = yield { kind: 'recall', table: this.#table, id }
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

  * choose (member: number): Flow<void> {
    if (this.key !== undefined) yield this.#bind(this.key, this.#numbers[member]!)
  }

  * learn (answer: Message, member: number): Flow<Message> {
    for (const id of this.#session.learn?.(answer) ?? []) {
      if (id !== this.#id || member !== this.#bound) yield this.#bind(id, this.#numbers[member]!)
    }
    return answer
  }

  * abandon (): Flow<void> {
    if (this.key !== undefined) yield this.#bind(this.key, -1)
  }

  #bind (id: string, member: number) {
    return { kind: 'bind', table: this.#table, id, member } as const
  }
}

/** A session that its client carries. */
class Carried implements Visit {
  readonly key = undefined
  readonly #placed: Placed

  constructor (placed: Placed) { this.#placed = placed }

  * recall (): Flow<number> { return this.#placed.member }
  request (): Message { return this.#placed.request }
  * choose (): Flow<void> {}
  * learn (answer: Message, member: number): Flow<Message> { return this.#placed.mark(answer, member) }
  * abandon (): Flow<void> {}
}
