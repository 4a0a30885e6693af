import { readFileSync, statSync } from 'node:fs'

/** How often a file is looked at, in milliseconds. */
const FRESH_FOR = 1000
const MAX_SIZE = 4_194_304

/**
 * The content of a small file of the system, read again when it changes. Read at once rather than by libuv's threads,
 * which name look-ups of other code may occupy for seconds.
 */
export class SystemFile<T> {
  readonly #path: string
  readonly #parse: (text: string) => T
  #value: T
  #stamp = ''
  #lookedAt = -Infinity

  /** While there is no such file, it counts as empty. */
  constructor (path: string, parse: (text: string) => T) {
    this.#path = path
    this.#parse = parse
    this.#value = parse('')
  }

  read (): T {
    const now = performance.now()
    if (now - this.#lookedAt < FRESH_FOR) return this.#value
    this.#lookedAt = now
    const stamp = this.#stampOf()
    if (stamp === this.#stamp) return this.#value
    this.#stamp = stamp
    try {
      this.#value = this.#parse(stamp === '' ? '' : readFileSync(this.#path, 'utf8'))
    } catch {
      this.#stamp = ''
    }
    return this.#value
  }

  #stampOf (): string {
    const stats = statSync(this.#path, { throwIfNoEntry: false })
    if (stats === undefined || !stats.isFile() || stats.size > MAX_SIZE) return ''
    return `${stats.mtimeMs} ${stats.size} ${stats.ino}`
  }
}
