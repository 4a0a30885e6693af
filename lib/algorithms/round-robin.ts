import { algorithm } from '../contracts/kind.js'

/**
 * Offers each member once, starting behind the last one that was offered. If none accepts, the pointer moves on by one.
 * @see Apache Synapse, RoundRobin
 */
export const roundRobin = algorithm({
  name: 'roundRobin',
  aliases: ['RoundRobin', 'org.apache.synapse.endpoints.algorithms.RoundRobin'],
  description: 'Members in strict rotation; members that are not ready are skipped.',
  fields: {},
  read: () => ({}),
  build:
    () =>
      ({ length: size }) => {
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
