import type { Member, MemberSource, WatchMembers } from '../contracts/discovery.js'

/** Remembers the members that discovery reported last, for copies of a configuration. */
export class KnownMembers {
  readonly #known = new Map<MemberSource, readonly Member[]>()
  readonly #watch: WatchMembers | undefined

  constructor (watch: WatchMembers | undefined) {
    this.#watch = watch
  }

  /** Watches a source, and remembers what it reports. */
  readonly watch: WatchMembers = (source, changed) =>
    this.#watch?.(source, members => {
      this.#known.set(source, members)
      changed(members)
    }) ?? (() => {})

  /** Reports what is known of a source, once. */
  readonly report: WatchMembers = (source, changed) => {
    const known = this.#known.get(source)
    if (known !== undefined) changed(known)
    return () => {}
  }
}
