/** How long bindings last, and how many there may be. */
export interface SessionPolicy {
  /** Milliseconds. */
  readonly timeout: number
  /** `sliding`: counted from the last use. `absolute`: from the binding. */
  readonly expiry: 'sliding' | 'absolute'
  /** Beyond this many, the one that was used the longest ago is forgotten. */
  readonly maxSessions: number
}

/** Which member serves which session. Members are small whole numbers; what they mean is known to the group. */
export interface SessionTable {
  /** The member, or undefined. With sliding expiry the session lives on from now. */
  get (id: string): number | undefined
  /** Binds (or binds anew) and answers the member. A negative member: forgets the session. */
  set (id: string, member: number): number
  /** How many are bound, expired ones possibly included. */
  readonly size: number
  /** How many were forgotten because there was no room. */
  readonly evicted: number
  /** Bounded work: lets go of some that have expired. */
  sweep (): void
}

export function createSessionTable ({ timeout, expiry, maxSessions }: SessionPolicy, now: () => number): SessionTable {
  const table = new Map<string, { member: number, until: number }>()
  let evicted = 0
  const set = (id: string, member: number): number => {
    table.delete(id)
    if (member < 0) return member
    if (table.size >= maxSessions) { table.delete(table.keys().next().value!); evicted++ }
    table.set(id, { member, until: now() + timeout })
    return member
  }
  return {
    set,
    get (id) {
      const entry = table.get(id)
      if (entry === undefined) return undefined
      if (entry.until < now()) { table.delete(id); return undefined }
      if (expiry === 'sliding') set(id, entry.member)
      return entry.member
    },
    get size () { return table.size },
    get evicted () { return evicted },
    sweep () {
      let left = 1000
      for (const [id, { until }] of table) {
        if (until >= now() || left-- === 0) break
        table.delete(id)
      }
    }
  }
}
