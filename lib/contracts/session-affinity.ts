import type { Message } from '../message/message.js'
import type { SessionPolicy } from '../state/session-table.js'

/** Where the ids of sessions are found in messages. The member of a session is kept in a table. */
export interface SessionKind {
  /** The ids in a request, in the order of the look-up: the first one that is bound decides. */
  readonly idsInRequest: (request: Message) => readonly string[]
  /**
   * The ids that a response gives out. Present: the back-end names the sessions, and each response binds its ids to the
   * member that sent it.
   */
  readonly idsInResponse?: ((response: Message) => readonly string[]) | undefined
  /** Returns the request without ids that are no longer valid. */
  readonly withoutStaleIds?: ((request: Message) => Message) | undefined
}

/** The session of one request whose client carries the name of its member, so that no table is needed. */
export interface ClientHeldSession {
  /** The index of the member among the names that the group has now; -1: the request begins a session. */
  readonly member: number
  /** The request without what is meant for the gateway only. */
  readonly request: Message
  /** Returns the response with what makes the client's next request name this member. */
  readonly markResponse: (response: Message, member: number) => Message
}

/** A session kind with its settings. */
export type SessionAffinity = {
  readonly policy: SessionPolicy
  /** When the member of a session is lost: `strict` waits for it, `redispatch` begins the session at another member. */
  readonly onLost: 'strict' | 'redispatch'
} & (
  | SessionKind
  | {
    /** @param group the name of the group @param members the names of its members */
    readonly heldByClient: (group: string, members: readonly string[]) => (request: Message) => ClientHeldSession
  }
)
