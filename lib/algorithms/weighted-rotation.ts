/** A member, and how many messages in a row are offered to it first. */
export interface Turn { readonly member: number, share: number }

/**
 * Members in turns: to the first `share` messages in a row are offered, then to the second, and round again. Whoever is passed over,
 * or fails, loses the rest of its turn. A member whose share is 0 is offered only what nobody else takes.
 * @param onRound may change the shares, each time before the first turn comes again
 */
export function rotate (turns: readonly Turn[], onRound: (load: readonly number[]) => void = () => {}): (load: readonly number[]) => Iterable<number> {
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
