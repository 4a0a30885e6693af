import type { MessageSummary } from '../../admin/message-views.js'

/** One sentence of why a message went where it went. */
export interface Reason {
  readonly kind: 'failed' | 'answered' | 'stops' | 'left'
  readonly text: string
}

const ms = (value: number): string => `${Math.round(value * 10) / 10} ms`

/** Why a message went where it went: each attempt, then what the client got. */
export function reasonsOf ({ attempts, status, ms: total, hasLeft }: MessageSummary): Reason[] {
  const reasons = attempts.map(({ endpoint, outcome, status: answered, from, to, cause, code }, at): Reason => {
    const duration = to === null ? '' : ` after ${ms(to - from)}`
    if (outcome === 'answered') {
      return { kind: 'answered', text: `${endpoint} responded with ${answered}${duration}.` }
    }
    if (outcome === 'pending') return { kind: 'stops', text: `${endpoint} has not responded.` }
    const what = `${endpoint}: ${cause ?? 'no response'}${code === null ? '' : ` (${code})`}${duration}.`
    return { kind: 'failed', text: at < attempts.length - 1 ? `${what} The next member was tried.` : what }
  })
  if (attempts.length === 0) reasons.push({ kind: 'stops', text: 'The message was sent to no endpoint.' })
  if (hasLeft) reasons.push({ kind: 'left', text: 'The client disconnected before its response was complete.' })
  else if (status !== null) {
    reasons.push({
      kind: status >= 500 ? 'failed' : 'answered',
      text: `The client got ${status} after ${ms(total ?? 0)}.`
    })
  }
  return reasons
}
