/** Names of parts that have none in the configuration: the named part that they are in, what they are, and a number. */
export class GeneratedNames {
  readonly #scope: string
  /** The named part that is being built; `counts` has how often each of its generated names was used. */
  #owner = { name: '', counts: new Map<string, number>() }

  /** @param scope begins all names */
  constructor (scope: string) {
    this.#scope = scope
  }

  /** Parts without a name that `build` makes are named after this owner. */
  within<T>(owner: string, build: () => T): T {
    const outer = this.#owner
    this.#owner = { name: this.#scope + owner, counts: new Map() }
    try {
      return build()
    } finally {
      this.#owner = outer
    }
  }

  /** Returns the next name of this sort of part. */
  next (what: string): string {
    const { name, counts } = this.#owner
    const count = (counts.get(what) ?? 0) + 1
    counts.set(what, count)
    return `${name} ${what}${count > 1 ? ` #${count}` : ''}`
  }
}
