import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How many shorter forms of a failing input are tried. */
const MAX_TRIES = 2_000
/** The end of the names of inputs that a target has generated: they are valid. */
export const VALID_SUFFIX = '.valid'

/** An input that failed once. */
export interface KeptInput {
  readonly name: string
  readonly bytes: Buffer
  readonly isValid: boolean
}

/** Inputs that failed once, in a folder below the working one. Each run tries them first, and so does `npm test`. */
export class Corpus {
  readonly #folder: string

  constructor (name: string) {
    this.#folder = join('test', 'fuzz', 'corpus', name)
  }

  /** All that is kept. */
  read (): KeptInput[] {
    try {
      return readdirSync(this.#folder).sort().map(name =>
        ({ name, bytes: readFileSync(join(this.#folder, name)), isValid: name.endsWith(VALID_SUFFIX) }))
    } catch {
      return []
    }
  }

  /** Keeps the shortest form of an input that still fails. Returns its file. @param suffix the end of its name */
  keep (bytes: Buffer, fails: (bytes: Buffer) => boolean, suffix = ''): string {
    const shortest = minimised(bytes, fails)
    const file = join(this.#folder, createHash('sha256').update(shortest).digest('hex').slice(0, 12) + suffix)
    mkdirSync(this.#folder, { recursive: true })
    writeFileSync(file, shortest)
    return file
  }
}

/** Leaves out parts for as long as the input still fails: halves at first, then smaller and smaller ones. */
export function minimised (bytes: Buffer, fails: (bytes: Buffer) => boolean): Buffer {
  let shortest = bytes
  let tries = 0
  for (let size = shortest.length >> 1; size >= 1 && tries < MAX_TRIES;) {
    let isShorter = false
    for (let at = 0; at < shortest.length && tries < MAX_TRIES;) {
      const without = Buffer.concat([shortest.subarray(0, at), shortest.subarray(at + size)])
      tries++
      if (fails(without)) {
        shortest = without
        isShorter = true
      } else at += size
    }
    if (!isShorter || size > shortest.length) size >>= 1
  }
  return shortest
}
