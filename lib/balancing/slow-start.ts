import type { MemberOrder } from '../contracts/algorithm.js'
import type { BuildContext } from '../contracts/build-context.js'

/**
 * Gives a member that came back or joined its share gradually: where the order offers it, it is taken with a
 * probability that grows from 0 to 1. Otherwise it is offered after all other members, so that no member is left out;
 * of several such members any may come first.
 * @param readySince when a member came back or joined; -Infinity: it has been there from the start
 * @param time how long the share grows, in milliseconds
 */
export const withSlowStart = (
  order: MemberOrder,
  readySince: (member: number) => number,
  time: number,
  { now, random }: Pick<BuildContext, 'now' | 'random'>
): MemberOrder =>
  function * (load, key) {
    const deferred: number[] = []
    for (const member of order(load, key)) {
      const age = now() - readySince(member)
      if (age >= time || random() * time < age) yield member
      else deferred.push(member)
    }
    if (deferred.length === 0) return
    const first = Math.floor(random() * deferred.length)
    yield * deferred.slice(first)
    yield * deferred.slice(0, first)
  }
