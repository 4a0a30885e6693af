import { setTimeout as delay } from 'node:timers/promises'

/** Resolves once a condition holds that other processes or timers bring about. @throws Error after a minute */
export async function until (isTrue: () => boolean | Promise<boolean>, what = 'the condition'): Promise<void> {
  const limit = performance.now() + 60_000
  while (!(await isTrue())) {
    if (performance.now() > limit) throw new Error(`not within a minute: ${what}`)
    await delay(10)
  }
}
