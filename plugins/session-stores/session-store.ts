/** A session as a store knows it. */
export interface StoredSession {
  /**
   * The name of its group and a fingerprint of its id, in characters that are safe everywhere. The id itself is never
   * given to a store.
   */
  readonly key: string
  /** Milliseconds: any number from 0 on. */
  readonly timeout: number
  /** `sliding`: from the last response, which binds the session to its owner again. `absolute`: from the bind. */
  readonly expiry: 'sliding' | 'absolute'
  /** How many sessions its group may have, for a store that limits them. Default: no limit */
  readonly maxSessions?: number
}

/**
 * Keeps the owners of sessions for several gateways. `lookup` and `bind` may throw or never settle: a gateway waits for
 * `timeout` milliseconds, and keeps its sessions by itself while the store does not work.
 */
export interface SessionStore {
  /** Returns the member that owns the session, or null. Prolongs no session. */
  lookup(session: StoredSession): Promise<string | null>
  /**
   * Compare-and-set, atomic. Binds the session to `member` (null: releases it) if its owner is `expectedOwner` (null:
   * if it has none; undefined: in any case), or it has none by now. Returns the owner afterwards.
   */
  bind(session: StoredSession, member: string | null, expectedOwner?: string | null): Promise<string | null>
  /**
   * Replaces `member` by `replacement` in all sessions that it owns and whose key begins with `prefix`; they end when
   * they would have. Returns how many they were. Default: operators release sessions one by one.
   */
  replaceOwner?(prefix: string, member: string, replacement: string): Promise<number>
  /**
   * Restarts the time of a session of this owner, within a second. Where another one owns it, `onMove` notifies the
   * gateway. A gateway whose store has both uses what it knows of a session, without a look-up, until the session moves
   * or its time is over. Default: `bind`
   */
  prolong?(session: StoredSession, owner: string): void
  /**
   * For a store whose parts fail and recover apart: the part that has this session, and a key in the same part that may
   * be written as a trial. Default: all sessions are in one part
   */
  shardOf?(session: StoredSession): { readonly id: number; readonly trialKey: string }
  /** Called before the first session. @throws Error if the store can never work; then the app does not start */
  open?(): Promise<void>
  close?(): Promise<void> | void
  /**
   * Calls back with the group of each session that has lost its owner or has another one, so that gateways look it up
   * again: the part of its key before the last colon. Returns how to end it. Default: `cacheTtl` alone limits what
   * gateways use.
   */
  onMove?(listener: (group: string) => void): () => void
  /**
   * Whether the store has every session that was bound. Default: false, then gateways offer it the sessions that it
   * has lost.
   */
  readonly reliable?: boolean
  /** How long a message waits for the store, in milliseconds. Default: 1000 */
  readonly timeout?: number
  /**
   * How long a gateway uses what it knows of a session without a look-up, in milliseconds; at most a tenth of the
   * session's timeout. With `prolong`: how often it reports a session that it uses. 0: look up each message.
   * Sessions with absolute expiry are always looked up. Default: 5000
   */
  readonly cacheTtl?: number
}
