import { algorithm } from '../contracts/kind.js'
import { weightOf } from './weight.js'

/**
 * Of two members chosen by chance the one with fewer messages in flight (the power of two choices; Mitzenmacher, 1996): nearly as even
 * as the least loaded of all, and several gateways that do not know of each other never all choose the same one.
 */
export const powerOfTwoChoices = algorithm({
  name: 'powerOfTwoChoices',
  description: 'Of two members chosen by chance, the one with fewer messages in flight; both in proportion to loadbalance.weight (1 unless told).',
  fields: {},
  read: () => ({}),
  build: (_, { random }) => members => {
    const weights = members.map(weightOf)
    /** One of them, each with a chance in proportion to its weight. */
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
