import type { Member, WatchMembers } from '../contracts/discovery.js'

/** Remembers the members that discovery reported last, for copies of a configuration. */
export class KnownMembers {
  /** By their source as JSON: each build makes an object of its own. */
  readonly #known = new Map<string, readonly Member[]>()
  readonly #watch: WatchMembers | undefined

  constructor (watch: WatchMembers | undefined) {
    this.#watch = watch
  }

  /** Watches a source, and remembers what it reports. */
  readonly watch: WatchMembers = (source, changed) =>
    this.#watch?.(source, members => {
      changed(members)
      this.#known.set(JSON.stringify(source), members)
    }) ?? (() => {})

  /** Reports what is known of a source, once. */
  readonly report: WatchMembers = (source, changed) => {
    const known = this.#known.get(JSON.stringify(source))
    if (known !== undefined) changed(known)
    return () => {}
  }
}
