import type { BindSession, Forward, ForwardOutcome } from '../../lib/contracts/flow.js'
import type { EffectHandlers } from '../../lib/pipeline/interpret.js'
import type { RequestTrace } from '../logging/request-trace.js'
import type { RequestSpan } from '../tracing/tracing.js'
import type { RecordedMessage } from './recorded-message.js'

/** A request whose session is traced, or not. */
interface Traced {
  readonly trace: RequestTrace | undefined
}

/** A request and what observes its attempts, if anything does. */
interface Observed extends Traced {
  readonly span: RequestSpan | undefined
  readonly recorded: RecordedMessage | undefined
  readonly connectionReused: boolean | undefined
}

export const isObserved = ({ trace, span, recorded }: Observed): boolean =>
  trace !== undefined || span !== undefined || recorded !== undefined

type SessionHandlers = Pick<EffectHandlers<Traced>, 'lookupSession' | 'bindSession' | 'prolongSession' | 'noteSession'>

/** Sends a message, and reports the attempt and its outcome to what observes its request. */
export async function observedAttempt<C extends Observed> (
  forward: Forward,
  client: C,
  send: (forward: Forward, client: C) => Promise<ForwardOutcome>
): Promise<ForwardOutcome> {
  const { trace, span, recorded } = client
  const end = trace?.begin(forward.origin)
  const attempt = span?.attempt(forward)
  const sent = attempt?.forward ?? forward
  const pending = attempt === undefined ? send(sent, client) : attempt.run(() => send(sent, client))
  recorded?.attempt(sent, pending)
  const outcome = await pending
  end?.(outcome.kind === 'answered' ? 'response' : outcome.fault.code, client.connectionReused)
  attempt?.end(outcome, client.connectionReused)
  return outcome
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
      const { trace } = client
      if (trace === undefined) return owner
      trace.sessionKind = effect.group.sessionKind
      const note = (index: number | undefined): number | undefined => {
        if (index !== undefined) trace.session ??= 'bound'
        return index
      }
      return owner instanceof Promise ? owner.then(note) : note(owner)
    },
    bindSession (effect, client) {
      const owner = handlers.bindSession(effect, client)
      const { trace } = client
      if (trace === undefined) return owner
      trace.sessionKind = effect.group.sessionKind
      const note = (index: number): number => {
        if (effect.member >= 0 && trace.session !== 'new') trace.session = decisionOf(effect, index)
        return index
      }
      return owner instanceof Promise ? owner.then(note) : note(owner)
    },
    noteSession ({ group, decision }, { trace }) {
      if (trace === undefined) return
      trace.sessionKind = group.sessionKind
      trace.session = decision
    }
  }
}

const decisionOf = ({ member, expectedOwner }: BindSession, owner: number): 'bound' | 'new' | 'moved' => {
  if (owner !== member) return 'bound'
  return expectedOwner === undefined || expectedOwner < 0 ? 'new' : expectedOwner === member ? 'bound' : 'moved'
}
