import type { Reply } from './history.js'
import { SESSION_TIMEOUT_MS, type Service } from './services.js'
import { grouped } from './timeline.js'

/** Where the sessions were. */
export interface Affinity {
  /** Until when the session of an order was bound: a back-end had responded before, and not too long ago. */
  readonly boundUntil: ReadonlyMap<Reply, number>
  /** Responses from another place than the session was bound to, each with the reply before. */
  readonly moves: readonly (readonly [before: Reply, reply: Reply])[]
  /** Sessions that two orders opened at once. */
  readonly openings: readonly (readonly [Reply, Reply])[]
  /** How often a session moved once it had, or may have, expired. */
  readonly expired: number
}

export const respondedBy = ({ result }: Reply): string | undefined =>
  result.kind === 'response' || result.kind === 'truncated' ? result.from : undefined

/** The place of a service that responded, or -1. */
export const placeIn = (service: Service, members: readonly string[], reply: Reply): number =>
  service.places.findIndex(place => place.includes(members.indexOf(respondedBy(reply) ?? '')))

/** Follows each session from order to order. Two orders that open one together bind it only if they agree. */
export function affinityOf (
  replies: readonly Reply[],
  serviceOf: (reply: Reply) => Service,
  members: readonly string[]
): Affinity {
  const boundUntil = new Map<Reply, number>()
  const moves: [Reply, Reply][] = []
  const openings: [Reply, Reply][] = []
  let expired = 0
  for (const own of grouped(
    replies.filter(({ session }) => session !== undefined),
    ({ session }) => session!.id
  ).values()) {
    const place = (reply: Reply): number => placeIn(serviceOf(reply), members, reply)
    const ordered = own.sort((a, b) => a.session!.nth - b.session!.nth)
    const [first, second] = ordered
    let owner: Reply | undefined
    if (first?.session!.together && second?.session!.together) {
      openings.push([first, second])
      if (place(first) >= 0 && place(first) === place(second)) owner = first.sent < second.sent ? first : second
      ordered.splice(0, 2)
    }
    for (const reply of ordered) {
      // A cookie of the gateway itself is renewed only after a quarter of its time.
      const until = owner === undefined ? -Infinity : owner.sent + (SESSION_TIMEOUT_MS * 3) / 4
      boundUntil.set(reply, until)
      if (place(reply) < 0) continue
      if (owner !== undefined && place(owner) !== place(reply)) {
        if (reply.ended <= until) moves.push([owner, reply])
        else expired++
      }
      owner = reply
    }
  }
  return { boundUntil, moves, openings, expired }
}
