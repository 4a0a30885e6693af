/** Processor time of one measurement, and how long its result holds, in milliseconds. */
const WORK_MS = 30
const VALID_MS = 5_000

let measured = 1
let validUntil = 0

/** Returns how many times as long as its processor time work takes in this process, by a measurement of late. */
export function slowdown (): number {
  if (performance.now() < validUntil) return measured
  const begin = performance.now()
  const before = process.cpuUsage()
  const spent = (): number => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
  while (spent() < WORK_MS);
  measured = (performance.now() - begin) / WORK_MS
  validUntil = performance.now() + VALID_MS
  return measured
}
