import type { BodySink } from '../message/body-source.js'

/** How long a connection is read after an early response, in milliseconds. */
const DRAIN_MS = 1000

/**
 * Drops a body until its end, or for a second, then calls back: a response sent before the end of its request must not
 * be lost in a reset.
 * @see RFC 9112, section 9.6
 */
export function drainingSink (done: () => void): BodySink {
  const finish = (): void => {
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    done()
  }
  let timer: NodeJS.Timeout | undefined = setTimeout(finish, DRAIN_MS)
  return { data: () => true, end: finish, fail: finish }
}
