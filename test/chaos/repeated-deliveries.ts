import type { History, Reply } from './history.js'
import { grouped, type Period } from './timeline.js'

/** What is known about orders and back-ends. */
export interface RepeatContext {
  readonly members: readonly string[]
  readonly once: (reply: Reply) => boolean
  readonly streamed: (reply: Reply) => boolean
  /** Whether the session of an order was bound at a time. */
  readonly isBound: (reply: Reply, at: number) => boolean
  /** Whether the endpoint of the back-end for the service of an order failed in a period. */
  readonly hasFailed: (reply: Reply, member: string, period: Period) => boolean
  /** Whether the back-end broke connections meanwhile. A message that fails at several suspends the first alone. */
  readonly hadFault: (member: string, period: Period) => boolean
  /** A response that begins within this time reaches the client, in milliseconds: none has timed out yet. */
  readonly soon: number
}

export interface RepeatedDeliveries {
  /** Orders that must never be sent again, or not so. */
  readonly forbidden: readonly string[]
  /** Orders that were sent again without a failure before, as far as times say: a late process blurs them. */
  readonly unexplained: readonly string[]
  readonly allowed: number
}

/**
 * Finds orders that were delivered more than once. That is allowed, and counted only, where the back-end that had the
 * order failed before its response began, and the order may be sent again. A back-end that broke connections gets an
 * order once more where the first connection was a reused one: the session stays there.
 */
export function repeatedDeliveries (
  { replies, observations }: History,
  { members, once, streamed, isBound, hasFailed, hadFault, soon }: RepeatContext
): RepeatedDeliveries {
  const seen = grouped(
    observations.filter(({ kind }) => kind === 'taken' || kind === 'truncated'),
    ({ id }) => id
  )
  const forbidden: string[] = []
  const unexplained: string[] = []
  let allowed = 0
  for (const reply of replies) {
    const own = seen.get(reply.order.id) ?? []
    const takers = own.filter(({ kind }) => kind === 'taken')
    if (takers.length < 2) continue
    const names = takers.map(({ from }) => from)
    const tried = names.filter((name, at) => name !== names[at - 1])
    const again = names.filter((name, at) => name === names[at - 1])
    // The gateway learns that a client has left later than the client leaves, and delivers its order meanwhile.
    const period = { from: reply.sent, to: Math.max(reply.ended, ...takers.map(({ at }) => at)) }
    const left = (name: string): boolean => hasFailed(reply, name, period) || hadFault(name, period)
    const begun = Math.min(
      ...own.filter(({ kind, at }) => kind === 'truncated' && at <= reply.sent + soon).map(({ at }) => at)
    )
    const reasonsAgainst: Readonly<Record<string, boolean>> = {
      'the service sends unsent messages only': once(reply),
      'its body was streamed': streamed(reply),
      'its session was bound': tried.length > 1 && isBound(reply, period.to),
      'the same back-end more than twice': new Set(tried).size < tried.length || new Set(again).size < again.length,
      'a response had begun': takers.some(({ at }) => at > begun)
    }
    const causesMissing: Readonly<Record<string, boolean>> = {
      'the same back-end twice, and it had no fault': again.some(name => !hadFault(name, period)),
      // Includes back-ends that failed before they received the order.
      'no back-end had failed before': tried.length > 1 && !members.some(name => hasFailed(reply, name, period)),
      'a back-end that was left had no fault': tried.filter(left).length < tried.length - 1
    }
    const [against, missing] = [trueOf(reasonsAgainst), trueOf(causesMissing)]
    const line = `${reply.order.service} ${reply.order.id}, ${reply.bytes} bytes, sent at ${reply.sent}, taken by ` +
      `${takers.map(({ from, at }) => `${from} at ${at}`).join(', ')}: ${[...against, ...missing].join(', ')}`
    if (against.length > 0) forbidden.push(line)
    else if (missing.length > 0) unexplained.push(line)
    else allowed++
  }
  return { forbidden, unexplained, allowed }
}

const trueOf = (reasons: Readonly<Record<string, boolean>>): string[] =>
  Object.keys(reasons).filter(reason => reasons[reason])
