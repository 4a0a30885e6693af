import { Random } from '../support/random.js'

/** Makes inputs by mutation of others, in one buffer that each input overwrites. */
export class Mutator {
  readonly random: Random
  readonly #seeds: Buffer[]
  readonly #snippets: readonly Buffer[]
  readonly #room: Buffer
  readonly #max: number
  #length = 0

  constructor (seeds: readonly Buffer[], snippets: readonly string[], max: number, seed: number) {
    this.random = new Random(seed)
    this.#seeds = [...seeds]
    this.#snippets = snippets.map(each => Buffer.from(each))
    this.#max = max
    this.#room = Buffer.allocUnsafeSlow(2 * max)
  }

  /** The next inputs are mutations of this one, too. */
  addSeed (seed: Buffer, kept: number): void {
    if (this.#seeds.length >= kept) this.#seeds[this.random.below(kept)] = seed
    else this.#seeds.push(seed)
  }

  /** The next input: a seed with one to six changes. It is valid until the next call. */
  next (): Buffer {
    const { below } = this.random
    const seed = this.#seeds[below(this.#seeds.length)]!
    this.#length = seed.copy(this.#room, 0, 0, this.#max)
    for (let left = 1 + below(below(3) === 0 ? 6 : 2); left > 0; left--) this.#change()
    return this.#room.subarray(0, this.#length)
  }

  #change (): void {
    const { below } = this.random
    const room = this.#room
    const at = below(this.#length + 1)
    const size = Math.min(this.#length - at, 1 + below(below(4) === 0 ? 60 : 4))
    switch (below(10)) {
      case 0:
        return this.#replace(at, size, room, 0, 0)
      case 1:
        if (at < this.#length) room[at] = below(256)
        return
      case 2:
        if (at < this.#length) room[at]! ^= 1 << below(8)
        return
      case 3:
        return this.#repeat(at, size, 1 + below(below(8) === 0 ? 40 : 2))
      case 4:
        this.#length = at
        return
      case 5: {
        const other = this.#seeds[below(this.#seeds.length)]!
        const from = below(other.length + 1)
        return this.#replace(at, below(2) * size, other, from, Math.min(other.length, from + 1 + below(80)))
      }
      case 6: {
        // A part of the input itself, moved: through a copy, since both overlap.
        const from = below(this.#length + 1)
        const part = Buffer.from(room.subarray(from, Math.min(this.#length, from + 1 + below(40))))
        return this.#replace(at, 0, part, 0, part.length)
      }
      default: {
        if (this.#snippets.length === 0) return
        const snippet = this.#snippets[below(this.#snippets.length)]!
        return this.#replace(at, below(3) === 0 ? size : 0, snippet, 0, snippet.length)
      }
    }
  }

  /** Puts bytes of another buffer in the place of some of the input. */
  #replace (at: number, removed: number, from: Buffer, start: number, end: number): void {
    const added = Math.min(end - start, this.#max - (this.#length - removed))
    if (added < 0) return
    this.#room.copyWithin(at + added, at + removed, this.#length)
    from.copy(this.#room, at, start, start + added)
    this.#length += added - removed
  }

  #repeat (at: number, size: number, times: number): void {
    if (size === 0) return
    const part = Buffer.from(this.#room.subarray(at, at + size))
    for (let left = times; left > 0 && this.#length + size <= this.#max; left--) this.#replace(at, 0, part, 0, size)
  }
}
