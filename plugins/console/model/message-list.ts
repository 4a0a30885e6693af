import type { MessageSummary } from '../../admin/messages/message-views.js'

/** Messages among the newest that are read again while an attempt of theirs is on its way. */
const MAX_AGAIN = 200

/** Two lists as one, newest first and each message once. Of two with one id, the first list has the newer. */
export function mergedMessages (
  fresh: readonly MessageSummary[],
  kept: readonly MessageSummary[],
  limit: number
): readonly MessageSummary[] {
  const byId = new Map([...kept, ...fresh].map(each => [each.id, each]))
  return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, limit)
}

/** The id after which messages are read: what is known stays, save messages with an attempt on its way. */
export function lastSettled (known: readonly MessageSummary[]): number {
  const newest = known[0]?.id ?? 0
  const recent = known.slice(0, MAX_AGAIN)
  const pending = recent.findLast(({ attempts }) => attempts.some(({ outcome }) => outcome === 'pending'))
  return pending === undefined ? newest : pending.id - 1
}
