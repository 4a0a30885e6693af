import { algorithm } from '../contracts/kind.js'

/**
 * Each member once, beginning behind the last one that anybody looked at. Where nobody was taken the turn moves on by one
 * (Apache Synapse, RoundRobin).
 */
export const roundRobin = algorithm({
  name: 'roundRobin',
  aliases: ['RoundRobin', 'org.apache.synapse.endpoints.algorithms.RoundRobin'],
  description: 'Members in strict rotation; those that are not ready are passed over.',
  fields: {},
  read: () => ({}),
  build: () => ({ length: size }) => {
    let cursor = 0
    return function * () {
      const seen: boolean[] = []
      for (let left = size; left > 0;) {
        const index = cursor
        cursor = (cursor + 1) % size
        if (seen[index]) continue
        seen[index] = true
        left--
        yield index
      }
      cursor = (cursor + 1) % size
    }
  }
})
