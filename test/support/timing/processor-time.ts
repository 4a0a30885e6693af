/** Returns the processor time of synchronous work, in milliseconds: other programs on a busy machine do not count. */
export function processorTime (work: () => unknown): number {
  const begin = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(begin)
  return (user + system) / 1000
}
