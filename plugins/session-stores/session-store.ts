/** A session as a store knows it. */
export interface StoredSession {
  /** The name of its group and a fingerprint of its id, in letters that are safe everywhere. The id itself is never given to a store. */
  readonly key: string
  /** Milliseconds; may be any number, from 0 to far more than a clock has. */
  readonly timeout: number
  /** `sliding`: counted from its last use, recall or bind. `absolute`: from when it was bound. */
  readonly expiry: 'sliding' | 'absolute'
}

/**
 * Where several gateways keep in common which session is at which member. Two functions, which may throw or never settle: the gateway
 * waits for `timeout` milliseconds, and keeps its sessions by itself as long as the store does not work.
 */
export interface SessionStore {
  /** The member that has the session, or null. With sliding expiry it lives on from now. */
  lookup (session: StoredSession): Promise<string | null>
  /**
   * Binds the session to a member (null: to nobody), unless somebody else than `from` has it (null: unless anybody has; left out: whoever
   * does). One step: of two that bind at once, one is the first. Answers who has it now.
   */
  bind (session: StoredSession, member: string | null, from?: string | null): Promise<string | null>
  /** Before the first session. @throws Error if the store can never work, so that the app does not start */
  open? (): Promise<void>
  close? (): Promise<void> | void
  /** How long a message waits for the store, in milliseconds. Default: 50 */
  readonly timeout?: number
  /**
   * For so many milliseconds, and at most a tenth of its timeout, a gateway believes what it knows of a session without asking; 0: never.
   * Sessions with absolute expiry are always asked for. Default: 5000
   */
  readonly cacheTtl?: number
}
