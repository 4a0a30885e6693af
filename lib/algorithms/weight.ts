import type { Candidate } from '../contracts/algorithm.js'

/** Reads a property of a member, or of its group, as a whole number. @throws Error if it is not, or below `least` */
export function numericProperty ({ name, property }: Candidate, key: string, fallback: number, least: number): number {
  const value = property(key)?.trim()
  if (value === undefined) return fallback
  if (/^[+-]?\d{1,9}$/.test(value) && Number(value) >= least) return Number(value)
  throw new Error(`${key} of ${name} must be a whole number of at least ${least}, not "${value}"`)
}

/**
 * Reads the weight of a member: its property `loadbalance.weight`, else that of its group. Default: 1.
 * @throws Error if it is not a whole number above 0
 */
export const weightOf = (member: Candidate): number => numericProperty(member, 'loadbalance.weight', 1, 1)
