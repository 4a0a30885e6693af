import type { EndpointState } from '../../lib/state/endpoint-state.js'
import type { StateChange } from '../../lib/state/registry.js'
import { redactUrl } from '../../lib/message/redact-url.js'
import type { Entry } from './live-protocol.js'
import type { ReloadEntry } from './project/reload-history.js'

/**
 * A change of state as an entry of the journal.
 * @param sessions bound sessions of the endpoint; undefined: its groups keep none
 */
export function entryOf ({ endpoint, from, to }: StateChange, sessions?: number): Omit<Entry, 'n' | 'at'> {
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
export function entryOfHealthCheck ({ name, checked }: EndpointState): Omit<Entry, 'n' | 'at'> {
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

const REASONS: Readonly<Record<string, string>> = { start: 'The gateway started', tried: 'A configuration is tried' }

/** A reload of the configuration as an entry of the journal. */
export function entryOfReload ({
  reason,
  outcome,
  problems,
  error,
  added,
  removed
}: ReloadEntry): Omit<Entry, 'n' | 'at'> {
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
