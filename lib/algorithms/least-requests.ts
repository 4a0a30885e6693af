import { algorithm } from '../contracts/kind.js'
import { weightOf } from './weight.js'

/** The member with the fewest messages in flight, for its weight; among equals they take turns. */
export const leastRequests = algorithm({
  name: 'leastRequests',
  description: 'The member with the fewest messages in flight in proportion to its property loadbalance.weight (1 unless told).',
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
          if (!offered.has(member) && (least < 0 || load[member]! / weights[member]! < load[least]! / weights[least]!)) least = member
        }
        begin = (least + 1) % weights.length
        offered.add(least)
        yield least
      }
    }
  }
})
