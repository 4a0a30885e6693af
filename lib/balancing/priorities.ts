import type { Algorithm } from '../contracts/algorithm.js'
import { eachMemberOnce } from './unique-iterator.js'

/**
 * Orders members by priority: those of the lowest number as the algorithm orders them, then those of the next number,
 * and so on.
 * @param priorities by member
 * @see RFC 2782, Priority
 */
export function byPriority (algorithm: Algorithm, priorities: readonly number[]): Algorithm {
  const levels = [...new Set(priorities)].sort((a, b) => a - b)
  if (levels.length < 2) return algorithm
  return members => {
    const tiers = levels.map(level => {
      const tier = [...members.keys()].filter(member => priorities[member] === level)
      return { tier, order: eachMemberOnce(algorithm)(tier.map(member => members[member]!)) }
    })
    return function * (load, key) {
      for (const { tier, order } of tiers) {
        const loadOfTier = tier.map(member => load[member]!)
        for (const index of order(loadOfTier, key)) yield tier[index]!
      }
    }
  }
}
