import type { EndpointState } from '../../../lib/state/endpoint-state.js'
import type { MembersChange, StateChange } from '../../../lib/state/registry.js'
import { redactUrl } from '../../../lib/message/redact-url.js'
import type { StoreState } from '../../session-stores/store-health.js'
import type { NewEntry } from '../contract/live-protocol.js'
import type { ReloadEntry } from '../project/reload-history.js'

/**
 * A change of state as an entry of the journal.
 * @param sessions bound sessions of the endpoint; undefined: its groups keep none
 */
export function entryOf ({ endpoint, from, to }: StateChange, sessions?: number): NewEntry {
  const name = redactUrl(endpoint.name)
  const isOut = to.state === 'suspended' || to.state === 'timeout'
  const isDraining = to.state === 'draining' && sessions !== undefined
  const more = isOut ? `: ${to.cause}` : isDraining ? `: ${sessions} session${sessions === 1 ? '' : 's'} bound` : ''
  return {
    level: isOut ? 'warn' : 'info',
    kind: 'state',
    text: `${name} is ${to.state}${more}`,
    endpoint: name,
    from: from.state,
    to: to.state,
    ...(isDraining && { sessions }),
    ...(isOut && { cause: to.cause, retryAt: to.retryAt })
  }
}

/** Health checks that take an endpoint out, or back, as an entry of the journal. */
export function entryOfHealthCheck ({ name, checked }: EndpointState): NewEntry {
  const endpoint = redactUrl(name)
  return checked?.isPassing === false
    ? {
        level: 'warn',
        kind: 'state',
        text: `${endpoint} is out by its health checks: ${checked.cause}`,
        endpoint,
        ...(checked.cause !== undefined && { cause: checked.cause })
      }
    : { level: 'info', kind: 'state', text: `${endpoint} passes its health checks again`, endpoint }
}

/** Members that joined or left a group as an entry of the journal. */
export function entryOfMembers ({ group, joined, left }: MembersChange): NewEntry {
  const changes = [...joined.map(name => `+${redactUrl(name)}`), ...left.map(name => `-${redactUrl(name)}`)]
  return { level: 'info', kind: 'members', text: `Members of ${redactUrl(group)}: ${listed(changes)}` }
}

const MAX_LISTED = 10

/** Of a long list the begin, and how many follow. */
const listed = (texts: readonly string[]): string => texts.length <= MAX_LISTED
  ? texts.join(' ')
  : `${texts.slice(0, MAX_LISTED).join(' ')} and ${texts.length - MAX_LISTED} more`

/** A session store that works, or does not any more, as an entry of the journal. */
export const entryOfStore = ({ cause }: StoreState): NewEntry =>
  cause === null
    ? { level: 'info', kind: 'store', text: 'Sessions are shared with other gateways' }
    : {
        level: 'warn',
        kind: 'store',
        text: `Sessions are not shared: the session store does not respond: ${cause}`,
        cause
      }

const REASONS: Readonly<Record<string, string>> = {
  start: 'The gateway started',
  tried: 'An unconfirmed configuration runs'
}

/** A reload of the configuration as an entry of the journal. */
export function entryOfReload ({
  reason,
  outcome,
  problems,
  error,
  added,
  removed
}: ReloadEntry): NewEntry {
  if (outcome === 'refused') {
    const count = problems.length
    const why = error ?? `${count} problem${count === 1 ? '' : 's'}`
    return {
      level: 'error',
      kind: 'reload',
      text: `Reload refused (${reason}): ${why}; the previous configuration runs`
    }
  }
  const changes = [...added.map(name => `+${name}`), ...removed.map(name => `-${name}`)].join(' ')
  const what = REASONS[reason] ?? `Configuration reloaded (${reason})`
  return {
    level: 'info',
    kind: reason === 'start' ? 'start' : 'reload',
    text: changes === '' ? what : `${what}: ${changes}`
  }
}
