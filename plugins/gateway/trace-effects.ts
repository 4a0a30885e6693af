import type { BindSession, Forward, ForwardOutcome } from '../../lib/contracts/flow.js'
import type { EffectHandlers } from '../../lib/pipeline/interpret.js'
import type { RequestTrace } from '../logging/request-trace.js'

/** A request whose way is traced, or not. */
interface Traced {
  readonly trace: RequestTrace | undefined
  readonly connectionReused: boolean | undefined
}

type SessionHandlers = Pick<EffectHandlers<Traced>, 'lookupSession' | 'bindSession' | 'prolongSession'>

/** The outcome of an attempt, which the trace of its request learns of. */
export async function tracedAttempt (
  pending: Promise<ForwardOutcome>,
  { origin }: Forward,
  client: Traced
): Promise<ForwardOutcome> {
  const end = client.trace!.begin(origin)
  const outcome = await pending
  end(outcome.kind === 'answered' ? 'response' : outcome.fault.code, client.connectionReused)
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
      const note = (index: number): number => {
        if (effect.member >= 0 && trace.session !== 'new') trace.session = decisionOf(effect, index)
        return index
      }
      return owner instanceof Promise ? owner.then(note) : note(owner)
    }
  }
}

const decisionOf = ({ member, expectedOwner }: BindSession, owner: number): 'bound' | 'new' | 'moved' => {
  if (owner !== member) return 'bound'
  return expectedOwner === undefined || expectedOwner < 0 ? 'new' : expectedOwner === member ? 'bound' : 'moved'
}
