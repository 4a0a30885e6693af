import type { Random } from '../support/random.js'

/** Gives bytes to a reader in pieces of any size, until it needs no more: until `push` returns `true`. */
export function inPieces (bytes: Buffer, { below, oneOf }: Random, push: (piece: Buffer) => unknown): void {
  const size = oneOf([1, 3, 20, 200])
  for (let from = 0, to; from < bytes.length; from = to) {
    to = from + 1 + below(size)
    if (push(bytes.subarray(from, to)) === true) return
  }
}
