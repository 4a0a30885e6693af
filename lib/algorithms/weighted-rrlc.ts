import { algorithm } from '../contracts/kind.js'
import { rotate } from './weighted-rotation.js'
import { numericProperty, weightOf } from './weight.js'

const ROUNDS = 'loadbalance.weightedRRLC.roundsPerRecal'

/**
 * Weighted round robin whose weights follow the load: after each round (or as many rounds as the property
 * `loadbalance.weightedRRLC.roundsPerRecal` of the group sets) a member that carries less than its share is offered
 * more, a member that carries more is offered less, between `loadbalance.weight.min` (default: weight - 2) and
 * `loadbalance.weight.max` (default: weight + 2). Heavier members come first. Members that are not ready are skipped.
 *
 * The arithmetic is that of the engine, with two differences. The load of a member is the number of requests that this
 * group has in flight there, not the number of open connections to its host, which its pass-through transport does not
 * report. It is compared with the present load of all members, not with the sum of all loads since the start.
 * @see Apache Synapse, WeightedRRLCAlgorithm
 */
export const weightedRRLC = algorithm({
  name: 'weightedRRLC',
  aliases: ['WeightedRRLCAlgorithm', 'org.apache.synapse.endpoints.algorithms.WeightedRRLCAlgorithm'],
  description: 'Weighted round robin whose weights (loadbalance.weight, default: 1) follow the requests in flight.',
  fields: {},
  read: () => ({}),
  build: () => members => {
    const turns = members
      .map((each, member) => {
        const weight = weightOf(each)
        const least = numericProperty(each, 'loadbalance.weight.min', Math.max(0, weight - 2), 0)
        const most = numericProperty(each, 'loadbalance.weight.max', weight + 2, 1)
        return { member, weight, least, most, share: weight }
      })
      .sort((a, b) => b.weight - a.weight)
    const weights = turns.reduce((sum, { weight }) => sum + weight, 0)
    const rounds = members[0] === undefined ? 1 : numericProperty(members[0], ROUNDS, 1, 1)
    let round = 0
    return rotate(turns, load => {
      if (++round < rounds) return
      round = 0
      const total = load.reduce((sum, each) => sum + each, 0)
      if (total === 0) return
      for (const turn of turns) {
        const missing = turn.weight / weights - load[turn.member]! / total
        // Halves are rounded down.
        const share = turn.weight + Math.ceil(missing * total - 0.5)
        turn.share = missing < 0 ? Math.max(turn.least, share) : Math.min(turn.most, share)
      }
    })
  }
})
