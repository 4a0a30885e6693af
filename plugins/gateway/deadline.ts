import { setTimeout as delay } from 'node:timers/promises'

/** Waits for something, but not longer than so many milliseconds. What is slower goes on. */
export async function withDeadline (milliseconds: number, something: Promise<unknown>): Promise<void> {
  const over = new AbortController()
  await Promise.race([something, delay(milliseconds, undefined, { signal: over.signal }).catch(() => {})])
  over.abort()
}
