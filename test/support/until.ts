import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'

/** So many turns of the event loop are enough for what happens in this process; what takes longer is polled. */
const TURNS = 20

/**
 * Resolves once a condition holds that the event loop, timers or other processes bring about.
 * @throws Error after four minutes: other processes may have a small part of a processor
 */
export async function until (isTrue: () => boolean | Promise<boolean>, what = 'the condition'): Promise<void> {
  const limit = performance.now() + 240_000
  for (let count = 0; !(await isTrue()); count++) {
    if (performance.now() > limit) throw new Error(`not within four minutes: ${what}`)
    await (count < TURNS ? turn() : delay(10))
  }
}
