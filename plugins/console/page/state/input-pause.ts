/** For this long after an input, only what it opens is drawn, in milliseconds. */
const PAUSE_MS = 100
/** While an operator types, nothing waits for longer than this, in milliseconds. */
const MAX_WAIT_MS = 500
const INPUTS = ['pointerdown', 'pointerup', 'keydown'] as const

let pausedUntil = 0

/** Notes each input, for `afterInput`. */
export function followInput (): void {
  const pause = (): void => {
    pausedUntil = performance.now() + PAUSE_MS
  }
  for (const event of INPUTS) addEventListener(event, pause, { capture: true, passive: true })
}

/** Resolves when the page has had the time to respond to the last input; usually at once. */
export async function afterInput (): Promise<void> {
  const latest = performance.now() + MAX_WAIT_MS
  for (;;) {
    const left = Math.min(pausedUntil, latest) - performance.now()
    if (left <= 0) return
    await new Promise(resolve => setTimeout(resolve, left))
  }
}
