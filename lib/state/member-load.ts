/** Where one generation of a group keeps the load of a member. */
interface LoadSlot {
  readonly load: number[]
  readonly member: number
  /** Whether the generation may still receive messages. */
  readonly isActive: () => boolean
}

/** Messages in flight to one member, in all generations of its group. */
export class LoadCounter {
  #count = 0
  #places: LoadSlot[] = []

  get isUsed (): boolean {
    return this.#count > 0 || this.#places.length > 0
  }

  add (change: 1 | -1): void {
    this.#count += change
    const count = this.#count
    for (const { load, member } of this.#places) load[member] = count
  }

  keepIn (place: LoadSlot): void {
    place.load[place.member] = this.#count
    this.#places.push(place)
  }

  /** Ends the places of generations that receive no messages any more. */
  prune (): void {
    this.#places = this.#places.filter(({ isActive }) => isActive())
  }
}

/**
 * Messages in flight by member, as one generation of a group sees them. Once shared, they include those of all other
 * generations: a member that is busy stays so when the group changes.
 */
export class MemberLoad {
  /** By member. */
  readonly counts: readonly number[]
  readonly #counters: LoadCounter[]

  constructor (size: number) {
    const load = new Array<number>(size).fill(0)
    this.counts = load
    this.#counters = load.map((_, member) => {
      const counter = new LoadCounter()
      counter.keepIn({ load, member, isActive: () => true })
      return counter
    })
  }

  add (member: number, change: 1 | -1): void {
    this.#counters[member]!.add(change)
  }

  /**
   * Shares the counters of a group, which other generations use. To be called before the first message.
   * @param shared by the name of the member
   * @param names of the members
   * @param isActive whether this generation may still receive messages
   */
  share (shared: Map<string, LoadCounter>, names: readonly string[], isActive: () => boolean): void {
    for (const [name, counter] of shared) {
      counter.prune()
      if (!counter.isUsed) shared.delete(name)
    }
    const load = this.counts as number[]
    for (const [member, name] of names.entries()) {
      let counter = shared.get(name)
      if (counter === undefined) shared.set(name, (counter = new LoadCounter()))
      counter.keepIn({ load, member, isActive })
      this.#counters[member] = counter
    }
  }
}
