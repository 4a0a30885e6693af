import { writeSync } from 'node:fs'

/**
 * Up to this size, what is written to a pipe at once is not mixed with what other workers write.
 * @see POSIX, limits.h, PIPE_BUF
 */
const ATOMIC_WRITE_SIZE = 4096
/** How long the reader of a full pipe gets before the next try, in milliseconds. */
const RETRY_MS = 10

/** Writes a log to a file, a pipe or a terminal: lines of one turn of the event loop together, before the next one. */
export class LogOutput {
  readonly #descriptor: number
  #pending = ''
  #isScheduled = false
  /** Nothing reads it any more. */
  #isBroken = false

  constructor (descriptor: number) {
    this.#descriptor = descriptor
    process.on('exit', () => this.flushSync())
  }

  write (line: string): void {
    if (this.#pending.length + line.length > ATOMIC_WRITE_SIZE) this.flushSync()
    this.#pending += line
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(endTurn, this)
  }

  /** Writes what is pending. What cannot be written, on a full disk, is lost; requests are served. */
  flushSync (): void {
    const bytes = Buffer.from(this.#pending)
    this.#pending = ''
    let written = 0
    while (written < bytes.length && !this.#isBroken) {
      try {
        written += writeSync(this.#descriptor, bytes, written)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EAGAIN') Atomics.wait(NEVER_NOTIFIED, 0, 0, RETRY_MS)
        else if (code === 'EPIPE') this.#isBroken = true
        else return
      }
    }
  }

  endTurn (): void {
    this.#isScheduled = false
    this.flushSync()
  }
}

const NEVER_NOTIFIED = new Int32Array(new SharedArrayBuffer(4))

const endTurn = (output: LogOutput): void => output.endTurn()

/** The standard output of this process. */
export const standardOutput = new LogOutput(1)
