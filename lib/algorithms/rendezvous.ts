import { halfSipHash } from '../state/half-sip-hash.js'
import { algorithm } from '../contracts/kind.js'
import { roundRobin } from './round-robin.js'
import { weightOf } from './weight.js'

/**
 * A session's id and a member's name, hashed together, say how much that member wants that session; the one that wants it most is the
 * first (highest random weight; Thaler and Ravishankar, 1998). All gateways with the same configuration come to the same order without
 * talking, and when a member goes only its own sessions go elsewhere. Messages without an id are offered in rotation.
 */
export const rendezvous = algorithm({
  name: 'rendezvous',
  description: 'By the id of the session, so that several gateways agree without talking; in proportion to loadbalance.weight (1 unless told). Without an id: round robin.',
  fields: {},
  read: () => ({}),
  build: (config, tools) => members => {
    const rotation = roundRobin.build(config, tools)(members)
    const hash = new Int32Array(2)
    const hashed = (text: string, a: number, b: number): [number, number] => {
      halfSipHash(text, [a, b], hash)
      return [hash[0]!, hash[1]!]
    }
    const all = members.map((each, member) => ({ member, weight: weightOf(each), seed: hashed(each.name, 0, 0) }))
    /** The smaller, the more it is wanted: waiting times with the weight as their rate. */
    const distance = (key: string, { seed: [a, b], weight }: typeof all[number]): number => {
      const [high, low] = hashed(key, a, b)
      return -Math.log(((high >>> 0) * 2 ** 21 + (low >>> 11) + 0.5) / 2 ** 53) / weight
    }
    return (load, key) => key === undefined
      ? rotation(load, key)
      : all.map(each => ({ member: each.member, distance: distance(key, each) })).sort((a, b) => a.distance - b.distance).map(({ member }) => member)
  }
})
