/** The milliseconds that work takes which does not wait. */
export function takes (work: () => unknown): number {
  const begin = performance.now()
  work()
  return performance.now() - begin
}
