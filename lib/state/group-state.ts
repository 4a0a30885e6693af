import type { HealthCheckPolicy } from './health-check.js'
import type { SessionPolicy, SessionTable } from './session-table.js'

/** What a configuration says about a group. */
export interface GroupSettings {
  /** The kind of its algorithm; undefined: it does not spread messages. */
  readonly algorithmKind?: string | undefined
  /** The kind of its sessions; undefined: it has none. */
  readonly sessionKind?: string | undefined
  /** What happens to a session whose member is lost; undefined: it has none. */
  readonly onLost?: 'strict' | 'redispatch' | undefined
  /** Undefined: it keeps no sessions in a table. */
  readonly sessionPolicy?: SessionPolicy | undefined
  /** How its endpoints are checked that say nothing themselves; undefined: not. */
  readonly healthCheck?: HealthCheckPolicy | undefined
}

/** The live state of one group. */
export interface GroupState extends GroupSettings {
  readonly name: string
  readonly kind: string
  /** Its present members, by name. */
  readonly members: readonly string[]
  /**
   * The names of all members that the group ever had. The index of a name is the member's number in the session table,
   * and is never used again for another member, so that sessions survive a reload.
   */
  readonly memberIds: string[]
  readonly sessions?: SessionTable | undefined
}

/** A group that keeps its sessions in a table. */
export interface SessionGroup extends GroupState {
  readonly sessions: SessionTable
  readonly sessionPolicy: SessionPolicy
}
