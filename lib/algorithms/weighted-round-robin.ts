import { algorithm } from '../contracts/kind.js'
import { rotate } from './weighted-rotation.js'
import { weightOf } from './weight.js'

/**
 * Weights 1, 2, 3 give A B B C C C, in the order of the configuration. Members that are not ready are skipped, unlike
 * in the engine.
 * @see Apache Synapse, WeightedRoundRobin
 */
export const weightedRoundRobin = algorithm({
  name: 'weightedRoundRobin',
  aliases: ['WeightedRoundRobin', 'org.apache.synapse.endpoints.algorithms.WeightedRoundRobin'],
  description:
    'Members in rotation, each as many times in a row as its property loadbalance.weight sets (default: 1).',
  fields: {},
  read: () => ({}),
  build: () => members => rotate(members.map((each, member) => ({ member, share: weightOf(each) })))
})
