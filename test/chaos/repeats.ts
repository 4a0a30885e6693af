import type { History, Reply } from './history.js'
import { grouped } from './timeline.js'

/** What may be said of an order. */
export interface Rules {
  readonly members: readonly string[]
  readonly once: (reply: Reply) => boolean
  readonly streamed: (reply: Reply) => boolean
  readonly isBound: (reply: Reply) => boolean
  readonly hasFailed: (reply: Reply, member: string) => boolean
  /** Whether the back-end broke connections meanwhile. A message that meets several suspends the first alone. */
  readonly wasUnwell: (reply: Reply, member: string) => boolean
  /** An answer that begins within so many milliseconds was seen: no client had given up yet. */
  readonly soon: number
}

/**
 * Orders that were taken more than once. That is so where the back-end that had taken it failed before its answer
 * began, and the order may be repeated; then it is within the rule, and counted only.
 * A back-end that broke connections gets an order once more at once, where that of the first time was a reused one: its
 * session stays.
 */
export function repeats (
  { replies, sights }: History,
  { members, once, streamed, isBound, hasFailed, wasUnwell, soon }: Rules
): { outside: string[]; within: number } {
  const seen = grouped(
    sights.filter(({ what }) => what === 'taken' || what === 'cut'),
    ({ id }) => id
  )
  const outside: string[] = []
  let within = 0
  for (const reply of replies) {
    const own = seen.get(reply.order.id) ?? []
    const takers = own.filter(({ what }) => what === 'taken')
    if (takers.length < 2) continue
    const names = takers.map(({ from }) => from)
    const tried = names.filter((name, at) => name !== names[at - 1])
    const again = names.filter((name, at) => name === names[at - 1])
    const left = (name: string): boolean => hasFailed(reply, name) || wasUnwell(reply, name)
    const begun = Math.min(
      ...own.filter(({ what, at }) => what === 'cut' && at <= reply.sent + soon).map(({ at }) => at)
    )
    const reasons: Readonly<Record<string, boolean>> = {
      'it must not be repeated': once(reply),
      'it had been streamed': streamed(reply),
      'its session was bound': tried.length > 1 && isBound(reply),
      'the same one twice': new Set(tried).size < tried.length || new Set(again).size < again.length,
      'the same one twice, and it was well': again.some(name => !wasUnwell(reply, name)),
      // Also one that failed before it took the order.
      'no back-end had failed': tried.length > 1 && !members.some(name => hasFailed(reply, name)),
      'one that was left was well': tried.filter(left).length < tried.length - 1,
      'an answer had begun': takers.some(({ at }) => at > begun)
    }
    const why = Object.keys(reasons).filter(reason => reasons[reason])
    if (why.length === 0) within++
    else {
      outside.push(
        `${reply.order.service} ${reply.order.id}, ${reply.bytes} bytes, sent at ${reply.sent}, taken by ${takers.map(({ from, at }) => `${from} at ${at}`).join(', ')}: ${why.join(', ')}`
      )
    }
  }
  return { outside, within }
}
