/** How many sessions each member has. Members are whole numbers. */
export class MemberCounts {
  #counts = new Uint32Array(8)

  add (member: number, change: 1 | -1): void {
    if (member >= this.#counts.length) {
      const longer = new Uint32Array(Math.max(2 * this.#counts.length, member + 1))
      longer.set(this.#counts)
      this.#counts = longer
    }
    this.#counts[member]! += change
  }

  of (member: number): number {
    return this.#counts[member] ?? 0
  }
}
