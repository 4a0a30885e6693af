import type { Algorithm, MemberOrder } from '../contracts/algorithm.js'
import type { BuildContext } from '../contracts/build-context.js'

/**
 * What a group adds to the order of its algorithm. Whoever is put off is still offered, only later: nobody is lost
 * while anybody is left.
 */

/**
 * Those of the lowest number as the algorithm orders them; when these are used up those of the next, and so on
 * (RFC 2782: whoever has a higher number serves while nobody of a lower one can be reached).
 * @param priorities by member
 */
export function byPriority (algorithm: Algorithm, priorities: readonly number[]): Algorithm {
  const numbers = [...new Set(priorities)].sort((a, b) => a - b)
  if (numbers.length < 2) return algorithm
  return members => {
    const tiers = numbers.map(number => {
      const tier = [...members.keys()].filter(member => priorities[member] === number)
      return { tier, order: algorithm(tier.map(member => members[member]!)) }
    })
    return function * (load, key) {
      for (const { tier, order } of tiers) {
        for (const at of order(
          tier.map(member => load[member]!),
          key
        )) {
          yield tier[at]!
        }
      }
    }
  }
}

/**
 * Whoever has come back, or is new, gets its share little by little: when it is its turn it is taken with a chance
 * that grows from none to certainty, so that
 * it gets that part of what it would get otherwise. Else it is offered after all others; of several of these any may
 * be the first.
 * @param arrived when a member came back or joined; -Infinity: it always was there
 * @param time how long that goes on, in milliseconds
 */
export const withSlowStart = (
  order: MemberOrder,
  arrived: (member: number) => number,
  time: number,
  { now, random }: Pick<BuildContext, 'now' | 'random'>
): MemberOrder =>
  function * (load, key) {
    const later: number[] = []
    for (const member of order(load, key)) {
      const age = now() - arrived(member)
      if (age >= time || random() * time < age) yield member
      else later.push(member)
    }
    if (later.length === 0) return
    const begin = Math.floor(random() * later.length)
    yield * later.slice(begin)
    yield * later.slice(0, begin)
  }
