import type { HealthCheckPolicy } from './health-check.js'
import type { LoadCounter } from './member-load.js'
import { MemberNumbers } from './member-numbers.js'
import type { SessionPolicy, SessionTable } from './session-table.js'

/** The part of a configuration that concerns the state of a group. */
export interface GroupSettings {
  /** The kind of its algorithm; undefined: it does not spread messages. */
  readonly algorithmKind?: string | undefined
  /** The kind of its sessions; undefined: it has none. */
  readonly sessionKind?: string | undefined
  /** What happens to a session whose member is lost; undefined: it has none. */
  readonly onLost?: 'strict' | 'redispatch' | undefined
  /** Undefined: it keeps no sessions in a table. */
  readonly sessionPolicy?: SessionPolicy | undefined
  /** The health check of endpoints without their own; undefined: none. */
  readonly healthCheck?: HealthCheckPolicy | undefined
}

/** The live state of one group. */
export interface GroupState extends GroupSettings {
  readonly name: string
  readonly kind: string
  /** Its present members, by name. */
  readonly members: readonly string[]
  /**
   * The names of its members, and of members that have left. The index of a name is the member's number in the session
   * table. A member keeps it while any session is left there, so that sessions survive a reload.
   */
  readonly memberIds: readonly string[]
  readonly sessions?: SessionTable | undefined
  readonly shared: SharedGroupState
}

/** What a group keeps when its members change, or its configuration is reloaded. */
export interface SharedGroupState {
  readonly numbers: MemberNumbers
  /** Messages in flight, by the name of the member. */
  readonly load: Map<string, LoadCounter>
  /** Whether fewer members than `minReady` says were ready for the last message. */
  isBelowMinReady: boolean
}

/** The state of a group that is new. */
export const newSharedState = (): SharedGroupState => ({
  numbers: new MemberNumbers(),
  load: new Map(),
  isBelowMinReady: false
})

/** A group that keeps its sessions in a table. */
export interface SessionGroup extends GroupState {
  readonly sessions: SessionTable
  readonly sessionPolicy: SessionPolicy
}
