import { reasonOfDecision } from '../../../lib/balancing/decisions.js'
import type { BindSession, Forward, ForwardOutcome, NoteDecisions } from '../../../lib/contracts/flow.js'
import type { EffectHandlers } from '../../../lib/pipeline/interpret.js'
import type { RequestTrace } from '../../logging/request-trace.js'
import type { RequestSpan } from '../../tracing/tracing.js'
import type { UpstreamObserver } from '../../http/upstream/upstream-observer.js'
import type { MessageCapture } from '../../recording/message-capture.js'

/** A request whose session is traced, or not. */
interface Traced {
  readonly trace: RequestTrace | undefined
  readonly recorded: MessageCapture | undefined
}

/** A request and what observes its attempts, if anything does. */
interface Observed extends Traced {
  readonly span: RequestSpan | undefined
  readonly connectionReused: boolean | undefined
}

export const isObserved = ({ trace, span }: Observed): boolean => trace !== undefined || span !== undefined

type SessionHandlers = Pick<EffectHandlers<Traced>, 'lookupSession' | 'bindSession' | 'prolongSession' | 'noteSession'>

/** Sends a message, and reports the attempt and its outcome to what observes its request. */
export function observedAttempt<C extends Observed> (
  forward: Forward,
  client: C,
  send: (forward: Forward, client: C) => Promise<ForwardOutcome>
): Promise<ForwardOutcome> {
  const { trace, span } = client
  const end = trace?.begin(forward.origin)
  const attempt = span?.attempt(forward)
  const sent = attempt?.forward ?? forward
  const pending = attempt === undefined ? send(sent, client) : attempt.run(() => send(sent, client))
  return pending.then(outcome => {
    end?.(outcome.kind === 'answered' ? 'response' : outcome.fault.code, client.connectionReused)
    attempt?.end(outcome, client.connectionReused)
    return outcome
  })
}

/** Sends a message with what captures the attempt. */
export function capturedAttempt (
  forward: Forward,
  message: MessageCapture,
  send: (attempt: UpstreamObserver | undefined) => Promise<ForwardOutcome>
): Promise<ForwardOutcome> {
  const attempt = message.attempt(forward)
  const pending = send(attempt)
  if (attempt !== undefined) void pending.then(outcome => attempt.settle(outcome), () => {})
  return pending
}

/** Adds to a captured message why it was not sent to endpoints. */
export function noteDecisions ({ decisions }: NoteDecisions, { recorded }: Traced): void {
  if (recorded === undefined) return
  for (const each of decisions) {
    const { kind, endpoint: { name } } = each
    if (kind === 'trial') recorded.trial(name)
    else recorded.passed(name, reasonOfDecision(each, Date.now()))
  }
}

/**
 * The same handlers, with the decision about a session in the trace of its request. A session that begins with this
 * request stays `new` when the request fails over.
 */
export function tracedSessions (handlers: SessionHandlers): SessionHandlers {
  return {
    ...handlers,
    lookupSession (effect, client) {
      const owner = handlers.lookupSession(effect, client)
      const { trace, recorded } = client
      if (trace === undefined && recorded === undefined) return owner
      const { group, id } = effect
      if (trace !== undefined) trace.sessionKind = group.sessionKind
      const note = (number: number | undefined): number | undefined => {
        if (number !== undefined && trace !== undefined) trace.session ??= 'bound'
        recorded?.sessionFound(group.name, id, number === undefined ? undefined : group.memberIds[number])
        return number
      }
      return owner instanceof Promise ? owner.then(note) : note(owner)
    },
    bindSession (effect, client) {
      const owner = handlers.bindSession(effect, client)
      const { trace, recorded } = client
      if (trace === undefined && recorded === undefined) return owner
      const { group, id } = effect
      if (trace !== undefined) trace.sessionKind = group.sessionKind
      const note = (number: number): number => {
        if (effect.memberNumber < 0) return number
        if (trace !== undefined && trace.session !== 'new') trace.session = decisionOf(effect, number)
        const member = group.memberIds[number]
        if (member !== undefined) recorded?.sessionBound(group.name, id, member)
        return number
      }
      return owner instanceof Promise ? owner.then(note) : note(owner)
    },
    noteSession ({ group, decision, memberIndex }, { trace, recorded }) {
      if (trace !== undefined) {
        trace.sessionKind = group.sessionKind
        trace.session = decision
      }
      const name = group.members[memberIndex]
      if (recorded === undefined || name === undefined) return
      if (decision === 'bound') recorded.sessionFound(group.name, undefined, name)
      else recorded.sessionBound(group.name, undefined, name)
    }
  }
}

const decisionOf = ({ memberNumber, expectedOwner }: BindSession, owner: number): 'bound' | 'new' | 'moved' => {
  if (owner !== memberNumber) return 'bound'
  return expectedOwner === undefined || expectedOwner < 0 ? 'new' : expectedOwner === memberNumber ? 'bound' : 'moved'
}
