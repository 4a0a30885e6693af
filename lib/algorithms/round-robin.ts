import { algorithm } from '../contracts/kind.js'

/**
 * Offers as many members as there are, starting after the last one that was offered. If none accepts, the pointer
 * moves on by one.
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
          for (let count = 0; count < size; count++) {
            const member = cursor
            cursor = (cursor + 1) % size
            yield member
          }
          cursor = (cursor + 1) % size
        }
      }
})
