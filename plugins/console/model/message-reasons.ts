import type { AttemptView, MessageSummary } from '../../admin/messages/message-views.js'

/** One sentence of why a message went where it went. */
export interface Reason {
  readonly kind: 'session' | 'passed' | 'trial' | 'failed' | 'answered' | 'stops' | 'left'
  readonly text: string
}

type MessageNote = MessageSummary['notes'][number]

const ms = (value: number): string => `${Math.round(value * 10) / 10} ms`

/** Why a message went where it went: its session, each endpoint that was passed over or tried, what the client got. */
export function reasonsOf (message: MessageSummary): Reason[] {
  const { attempts, moreAttempts, notes, status, ms: total, hasLeft, fault } = message
  const last = attempts.length - 1
  const steps = [
    ...notes.map(note => ({ at: note.at, reasons: [reasonOfNote(note, message)] })),
    ...attempts.map((attempt, index) => ({ at: attempt.from, reasons: [reasonOfAttempt(attempt, index < last)] }))
  ]
  // Equal instants keep their order: notes come before the attempts that follow them.
  const reasons = steps.sort((a, b) => a.at - b.at).flatMap(step => step.reasons)
  if (moreAttempts > 0) reasons.push({ kind: 'stops', text: `${moreAttempts} more attempts are not kept.` })
  if (attempts.length === 0) reasons.push({ kind: 'stops', text: 'The message was sent to no endpoint.' })
  if (fault !== null) {
    reasons.push({ kind: 'failed', text: `The gateway responded itself: ${fault.reason} (${fault.code}).` })
  }
  if (hasLeft) reasons.push({ kind: 'left', text: 'The client disconnected before its response was complete.' })
  else if (status !== null) {
    reasons.push({
      kind: status >= 500 ? 'failed' : 'answered',
      text: `The client got ${status} after ${ms(total ?? 0)}.`
    })
  }
  return reasons
}

function reasonOfNote (note: MessageNote, { session }: MessageSummary): Reason {
  const name = session === null ? 'The session' : `The session ${session}`
  switch (note.kind) {
    case 'passed':
      return { kind: 'passed', text: `${note.endpoint} was passed over: ${note.reason}.` }
    case 'trial':
      return { kind: 'trial', text: `${note.endpoint} was half-open: this message was its trial.` }
    case 'session':
      return {
        kind: 'session',
        text:
          note.member === null
            ? `${name} was bound to no member of ${note.group}: the group chose one.`
            : `${name} was bound to ${note.member}.`
      }
    case 'bound':
      return { kind: 'session', text: `${name} is bound to ${note.member} from here on.` }
  }
}

function reasonOfAttempt (
  { endpoint, outcome, status, from, to, cause, code }: AttemptView,
  isRetried: boolean
): Reason {
  const duration = to === null ? '' : ` after ${ms(to - from)}`
  const next = isRetried ? ' The next member was tried.' : ''
  if (outcome === 'pending') return { kind: 'stops', text: `${endpoint} has not responded.` }
  if (outcome !== 'answered') {
    const what = `${endpoint}: ${cause ?? 'no response'}${code === null ? '' : ` (${code})`}${duration}.`
    return { kind: 'failed', text: what + next }
  }
  const responded = `${endpoint} responded with ${status}${duration}`
  return isRetried
    ? { kind: 'failed', text: `${responded}, which counts as a failure there.${next}` }
    : { kind: 'answered', text: `${responded}.` }
}
