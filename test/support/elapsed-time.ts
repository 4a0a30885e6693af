/** Returns how long synchronous work takes, in milliseconds. */
export function elapsedTime (work: () => unknown): number {
  const begin = performance.now()
  work()
  return performance.now() - begin
}
