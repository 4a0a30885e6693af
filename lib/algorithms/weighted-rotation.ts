/** A member, and the number of consecutive messages that are offered to it first. */
export interface Turn {
  readonly member: number
  share: number
}

/**
 * Offers `share` consecutive messages to the first member, then to the second, and so on. A member that is skipped or
 * fails loses the rest of its turn. A member whose share is 0 is not offered: its group takes it when no other member
 * accepts the message.
 * @param onRound may change the shares before each round
 */
export function rotate (
  turns: readonly Turn[],
  onRound: (load: readonly number[]) => void = () => {}
): (load: readonly number[]) => Iterable<number> {
  let at = 0
  let left = turns[0]?.share ?? 0
  const advance = (load: readonly number[]): void => {
    at = (at + 1) % turns.length
    if (at === 0) onRound(load)
    left = turns[at]!.share
  }
  return function * (load) {
    if (left === 0) advance(load)
    for (let passed = 1; ; passed++) {
      if (left > 0) {
        left--
        yield turns[at]!.member
      }
      if (passed >= turns.length) return
      advance(load)
    }
  }
}
