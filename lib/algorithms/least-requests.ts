import { algorithm } from '../contracts/kind.js'
import { weightOf } from './weight.js'

/** Prefers the member with the fewest requests in flight in proportion to its weight; equal members take turns. */
export const leastRequests = algorithm({
  name: 'leastRequests',
  description:
    'The member with the fewest requests in flight, in proportion to its property loadbalance.weight ' +
    '(default: 1).',
  fields: {},
  read: () => ({}),
  build: () => members => {
    const weights = members.map(weightOf)
    let begin = 0
    return function * (load) {
      const offered = new Set<number>()
      while (offered.size < weights.length) {
        let least = -1
        for (let step = 0; step < weights.length; step++) {
          const member = (begin + step) % weights.length
          if (
            !offered.has(member) &&
            (least < 0 || load[member]! / weights[member]! < load[least]! / weights[least]!)
          ) { least = member }
        }
        begin = (least + 1) % weights.length
        offered.add(least)
        yield least
      }
    }
  }
})
