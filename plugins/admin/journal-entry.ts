import type { StateChange } from '../../lib/state/registry.js'
import { redactUrl } from '../logging/redact.js'
import type { Entry } from './live-protocol.js'

/** A change of state as an entry of the journal. */
export function entryOf ({ endpoint, from, to }: StateChange): Omit<Entry, 'n' | 'at'> {
  const name = redactUrl(endpoint.name)
  const isOut = to.state === 'suspended' || to.state === 'timeout'
  return {
    level: isOut ? 'warn' : 'info',
    kind: 'state',
    text: `${name} is ${to.state}${isOut ? `: ${to.cause}` : ''}`,
    endpoint: name,
    from: from.state,
    to: to.state,
    ...(isOut && { cause: to.cause, retryAt: to.retryAt })
  }
}
