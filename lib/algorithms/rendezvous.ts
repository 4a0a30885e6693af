import { halfSipHash } from '../state/half-sip-hash.js'
import { algorithm } from '../contracts/kind.js'
import { roundRobin } from './round-robin.js'
import { weightOf } from './weight.js'

/**
 * Orders members by a hash of the session id and the name of the member: the highest weight comes first. All gateways
 * with the same configuration agree on the order without communication, and when a member is removed only its own
 * sessions move. Messages without an id rotate.
 * @see Thaler and Ravishankar, Using Name-Based Mappings to Increase Hit Rates, 1998
 */
export const rendezvous = algorithm({
  name: 'rendezvous',
  description:
    'By the id of the session, so that several gateways agree without communication; in proportion to ' +
    'loadbalance.weight (default: 1). Without an id: round robin.',
  fields: {},
  read: () => ({}),
  build: (config, context) => members => {
    const rotation = roundRobin.build(config, context)(members)
    const hash = new Int32Array(2)
    const hashed = (text: string, a: number, b: number): [number, number] => {
      halfSipHash(text, [a, b], hash)
      return [hash[0]!, hash[1]!]
    }
    const all = members.map((each, member) => ({ member, weight: weightOf(each), seed: hashed(each.name, 0, 0) }))
    /** The smallest comes first: an exponential variate whose rate is the weight. */
    const distance = (key: string, { seed: [a, b], weight }: (typeof all)[number]): number => {
      const [high, low] = hashed(key, a, b)
      return -Math.log(((high >>> 0) * 2 ** 21 + (low >>> 11) + 0.5) / 2 ** 53) / weight
    }
    return (load, key) =>
      key === undefined
        ? rotation(load, key)
        : all
          .map(each => ({ member: each.member, distance: distance(key, each) }))
          .sort((a, b) => a.distance - b.distance)
          .map(({ member }) => member)
  }
})
