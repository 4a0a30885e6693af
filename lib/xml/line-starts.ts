/** Where the lines of a text, or of its bytes, begin: found once, so that each of many lines is found fast. */
export class LineStarts {
  readonly #starts: number[] = [0]

  /** @param nextBreak finds the first line break from an offset on; -1: there is none */
  constructor (nextBreak: (from: number) => number) {
    for (let at = nextBreak(0); at >= 0; at = nextBreak(at + 1)) this.#starts.push(at + 1)
  }

  /** The line of an offset, from 1. */
  lineOf (offset: number): number {
    const starts = this.#starts
    let [low, high] = [1, starts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (starts[middle]! <= offset) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Where a line begins. @param line one of the text, from 1 */
  startOf (line: number): number {
    return this.#starts[line - 1]!
  }
}
