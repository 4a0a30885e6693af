/** A member, and the number of consecutive messages that are offered to it first. */
export interface Turn {
  readonly member: number
  share: number
}

/**
 * Offers `share` consecutive messages to the first member, then to the second, and so on. A member that is skipped or
 * fails loses the rest of its turn. A member whose share is 0 is offered only messages that no other member accepts.
 * @param onRound may change the shares before each round
 */
export function rotate (
  turns: readonly Turn[],
  onRound: (load: readonly number[]) => void = () => {}
): (load: readonly number[]) => Iterable<number> {
  let at = 0
  let left = turns[0]?.share ?? 0
  return function * (load) {
    const offered = new Set<number>()
    for (let passed = 0; offered.size < turns.length;) {
      const { member } = turns[at]!
      if (!offered.has(member) && (left > 0 || passed > turns.length)) {
        left--
        passed = 0
        offered.add(member)
        yield member
        continue
      }
      passed++
      at = (at + 1) % turns.length
      if (at === 0) onRound(load)
      left = turns[at]!.share
    }
  }
}
