import { algorithm } from '../contracts/kind.js'
import { weightOf } from './weight.js'

/**
 * Chooses two members at random and prefers the one with fewer requests in flight: nearly as even as the least loaded
 * of all, and independent gateways do not all choose the same member.
 * @see Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, 1996
 */
export const powerOfTwoChoices = algorithm({
  name: 'powerOfTwoChoices',
  description:
    'Of two members chosen at random, the one with fewer requests in flight; both in proportion to ' +
    'loadbalance.weight (default: 1).',
  fields: {},
  read: () => ({}),
  build:
    (_, { random }) =>
      members => {
        const weights = members.map(weightOf)
        /** Chooses one of them at random, in proportion to their weights. */
        const any = (from: readonly number[]): number => {
          let point = random() * from.reduce((sum, member) => sum + weights[member]!, 0)
          return from.find(member => (point -= weights[member]!) < 0) ?? from.at(-1)!
        }
        return function * (load) {
          for (let left = [...weights.keys()]; left.length > 0;) {
            const one = any(left)
            const other = left.length > 1 ? any(left.filter(member => member !== one)) : one
            const taken = load[other]! / weights[other]! < load[one]! / weights[one]! ? other : one
            left = left.filter(member => member !== taken)
            yield taken
          }
        }
      }
})
