import type { BindSession, Flow, NoteSession, ProlongSession } from '../contracts/flow.js'
import type { ClientHeldSession, SessionAffinity, SessionKind } from '../contracts/session-affinity.js'
import type { Message } from '../message/message.js'
import type { GroupState, SessionGroup } from '../state/group-state.js'

const NONE: readonly never[] = []

/** The session of one message. Members are numbered as the group has them now. */
export interface SessionBinding {
  /** The id, if the client has named its session. */
  readonly clientId: string | undefined
  /** Returns the member that owns the session at this moment, or -1. @param bypassCache reads no near cache */
  lookup(bypassCache: boolean): Flow<number>
  /** The message as a member receives it. @param bound whether the session is bound there */
  request(bound: boolean): Message
  /**
   * Binds the session to a member, unless another message has bound it meanwhile. Returns its owner afterwards.
   * @param strict whether it stays at the member that has responded to another message of it
   */
  claim(member: number, strict: boolean): Flow<number>
  /**
   * A member has responded. Returns what keeps the session there, if anything does.
   * @param takesBack whether the session returns to it, if another message of it has moved the session meanwhile
   */
  responded(member: number, takesBack: boolean): ProlongSession | undefined
  /** What binds, or only reports, the sessions that a member gives out with its response. */
  bindings(response: Message, member: number): readonly (BindSession | NoteSession)[]
  /** The response as the client receives it. */
  response(response: Message, member: number): Message
  /** Releases the session: no member is left. */
  unbind(): Flow<void>
  /** The message is over. */
  end(): void
}

/** First messages of one session that are in flight: they may move it, until a member has responded to another one. */
interface FirstMessages {
  count: number
  /** The number of that member; undefined: none has responded since the session was bound. */
  owner: number | undefined
}

/** The sessions of one group in its table. */
interface GroupTable {
  readonly session: SessionKind
  readonly group: SessionGroup
  readonly numbers: readonly number[]
  /** By the id of the session. */
  readonly firstMessages: Map<string, FirstMessages>
}

/** Returns how a group finds the sessions of its messages. @param numbers the number of each member in its table */
export function sessionBindings (
  affinity: SessionAffinity,
  group: GroupState,
  numbers: readonly number[]
): (message: Message) => SessionBinding {
  if (!('heldByClient' in affinity)) {
    const table = { session: affinity, group: group as SessionGroup, numbers, firstMessages: new Map() }
    return message => new TableBinding(message, table)
  }
  const sessionOf = affinity.heldByClient(group.name, group.members)
  return message => new ClientHeldBinding(sessionOf(message), group)
}

/**
 * A session in a table. A session that the client names is bound before its message is sent, so that two messages at
 * once go to the same member. A session that the back-end names is bound by each response that gives out an id.
 */
class TableBinding implements SessionBinding {
  readonly clientId: string | undefined
  readonly #message: Message
  readonly #table: GroupTable
  readonly #ids: readonly string[]
  /** The id that is bound, and its owner. */
  #boundId: string | undefined
  #boundMember = -1
  /**
   * The last known owner of the session that the client names, by its number in the table: it may be no member any
   * more.
   */
  #ownerNumber = -1
  /** Those that this message belongs to; undefined: it is no first message. */
  #firstMessages: FirstMessages | undefined

  constructor (message: Message, table: GroupTable) {
    const { session } = table
    this.#message = message
    this.#table = table
    this.#ids = session.idsInRequest(message)
    this.clientId = session.idsInResponse === undefined ? this.#ids[0] : undefined
  }

  * lookup (bypassCache: boolean): Flow<number> {
    for (const id of this.#ids) {
      const number: number | undefined = yield { kind: 'lookupSession', group: this.#table.group, id, bypassCache }
      this.#ownerNumber = number ?? -1
      const member = number === undefined ? -1 : this.#table.numbers.indexOf(number)
      if (member >= 0) {
        this.#boundId = id
        return (this.#boundMember = member)
      }
    }
    return (this.#boundMember = -1)
  }

  request (bound: boolean): Message {
    return bound || this.#ids.length === 0
      ? this.#message
      : (this.#table.session.withoutStaleIds?.(this.#message) ?? this.#message)
  }

  * claim (member: number, strict: boolean): Flow<number> {
    if (this.clientId === undefined) return member
    const { numbers } = this.#table
    const owner = this.#firstMessages?.owner
    if (strict && owner !== undefined && numbers.includes(owner)) this.#ownerNumber = owner
    else {
      this.#firstMessages ??= this.#joinFirstMessages(this.clientId)
      this.#ownerNumber = yield this.#bind(this.clientId, numbers[member]!, this.#ownerNumber)
    }
    const winner = numbers.indexOf(this.#ownerNumber)
    if (winner === member) this.#firstMessages!.owner = undefined
    else if (winner >= 0) {
      this.#boundId = this.clientId
      this.#boundMember = winner
    }
    return winner
  }

  responded (member: number, takesBack: boolean): ProlongSession | undefined {
    const id = this.#boundId
    if (id === undefined || member !== this.#boundMember) return undefined
    const { group, numbers, firstMessages } = this.#table
    const number = numbers[member]!
    const others = this.clientId === undefined ? undefined : firstMessages.get(id)
    if (others !== undefined) others.owner = number
    const isTakenBack = takesBack && this.clientId !== undefined
    if (!isTakenBack && group.sessionPolicy.expiry !== 'sliding') return undefined
    return { kind: 'prolongSession', group, id, memberNumber: number, takesBack: isTakenBack }
  }

  bindings (response: Message, member: number): readonly BindSession[] {
    const ids = this.#table.session.idsInResponse?.(response)
    if (ids === undefined || ids.length === 0) return NONE
    return ids
      .filter(id => id !== this.#boundId || member !== this.#boundMember)
      .map(id => this.#bind(id, this.#table.numbers[member]!, undefined))
  }

  response (response: Message): Message {
    return response
  }

  * unbind (): Flow<void> {
    if (this.clientId === undefined || this.#ownerNumber < 0 || this.#firstMessages?.owner !== undefined) return
    yield this.#bind(this.clientId, -1, this.#ownerNumber)
  }

  end (): void {
    const messages = this.#firstMessages
    if (messages !== undefined && --messages.count === 0) this.#table.firstMessages.delete(this.clientId!)
  }

  #joinFirstMessages (id: string): FirstMessages {
    const { firstMessages } = this.#table
    const messages = firstMessages.get(id) ?? { count: 0, owner: undefined }
    messages.count++
    firstMessages.set(id, messages)
    return messages
  }

  #bind (id: string, memberNumber: number, expectedOwner: number | undefined): BindSession {
    return { kind: 'bindSession', group: this.#table.group, id, memberNumber, expectedOwner }
  }
}

/** A session that its client carries. */
class ClientHeldBinding implements SessionBinding {
  readonly clientId = undefined
  readonly #session: ClientHeldSession
  readonly #group: GroupState

  constructor (session: ClientHeldSession, group: GroupState) {
    this.#session = session
    this.#group = group
  }

  * lookup (): Flow<number> {
    const { member } = this.#session
    if (member >= 0) yield this.#note('bound', member)
    return member
  }

  request (): Message {
    return this.#session.request
  }

  * claim (member: number): Flow<number> {
    return member
  }

  responded (): undefined {
    return undefined
  }

  bindings (_response: Message, member: number): readonly NoteSession[] {
    const previous = this.#session.member
    return member === previous ? NONE : [this.#note(previous < 0 ? 'new' : 'moved', member)]
  }

  response (response: Message, member: number): Message {
    return this.#session.markResponse(response, member)
  }

  * unbind (): Flow<void> {}

  end (): void {}

  #note (decision: NoteSession['decision'], memberIndex: number): NoteSession {
    return { kind: 'noteSession', group: this.#group, memberIndex, decision }
  }
}
