import type { Reply } from './history.js'
import { SESSION, type Service } from './services.js'
import { grouped } from './timeline.js'

/** Where the sessions were. */
export interface Affinity {
  /** Replies to orders of sessions that were bound then: a back-end had answered before, and not too long ago. */
  readonly bound: ReadonlySet<Reply>
  /** Answers that came from another place than the session was bound to, with what came before. */
  readonly moves: readonly (readonly [before: Reply, reply: Reply])[]
  /** Sessions that two orders opened at once. */
  readonly openings: readonly (readonly [Reply, Reply])[]
  /** How often a session was somewhere else once it had, or may have, expired. */
  readonly expired: number
}

export const answeredBy = ({ got }: Reply): string | undefined =>
  got.kind === 'answer' || got.kind === 'broken' ? got.from : undefined

/** The place of a service that answered, or -1. */
export const placeIn = (service: Service, members: readonly string[], reply: Reply): number =>
  service.places.findIndex(place => place.includes(members.indexOf(answeredBy(reply) ?? '')))

/** Follows each session from order to order. Two orders that open one together say where it is only if they agree. */
export function affinityOf (
  replies: readonly Reply[],
  serviceOf: (reply: Reply) => Service,
  members: readonly string[]
): Affinity {
  const bound = new Set<Reply>()
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
    let home: Reply | undefined
    if (first?.session!.together && second?.session!.together) {
      openings.push([first, second])
      if (place(first) >= 0 && place(first) === place(second)) home = first.sent < second.sent ? first : second
      ordered.splice(0, 2)
    }
    for (const reply of ordered) {
      // A cookie of the gateway itself is written anew only once a quarter of its time is over.
      const isBound = home !== undefined && reply.ended - home.sent <= (SESSION * 3) / 4
      if (isBound) bound.add(reply)
      if (place(reply) < 0) continue
      if (home !== undefined && place(home) !== place(reply)) {
        if (isBound) moves.push([home, reply])
        else expired++
      }
      home = reply
    }
  }
  return { bound, moves, openings, expired }
}
