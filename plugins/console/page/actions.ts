import { signal } from '@preact/signals'
import type { LiveEndpoint } from '../../admin/live-protocol.js'
import { api, messageOf } from './connection.js'
import { notify } from './notice.js'

export type Switch = 'on' | 'off' | 'draining'

/** An action that waits for its confirmation. */
export interface Pending {
  readonly status: Exclude<Switch, 'on'>
  readonly endpoint: LiveEndpoint
}

export const pending = signal<Pending | undefined>(undefined)

const DONE = { on: 'is switched on', off: 'is switched off', draining: 'is draining' } as const

/** Switches an endpoint, provided that its state is still the one that the page shows. */
export async function switchEndpoint (endpoint: LiveEndpoint, status: Switch): Promise<void> {
  pending.value = undefined
  try {
    await api(`endpoints/${encodeURIComponent(endpoint.name)}`, 'POST', { status, if: endpoint.state })
    notify(`${endpoint.name} ${DONE[status]}.`, undoOf(endpoint, status))
  } catch (error) {
    notify(messageOf(error), undefined, true)
  }
}

/** What puts the earlier state back; a suspension cannot be put back. */
function undoOf (endpoint: LiveEndpoint, status: Switch): (() => void) | undefined {
  const back = wayBack(endpoint.state, status)
  if (back.length === 0) return undefined
  return () => {
    void switchBack(endpoint, [status, ...back])
  }
}

/** An endpoint that is off is switched on before it drains. */
function wayBack (before: LiveEndpoint['state'], status: Switch): readonly Switch[] {
  if (before === 'off') return ['off']
  if (before === 'draining') return status === 'off' ? ['on', 'draining'] : ['draining']
  return status === 'on' ? [] : ['on']
}

async function switchBack (endpoint: LiveEndpoint, states: readonly Switch[]): Promise<void> {
  for (const [at, next] of states.slice(1).entries()) {
    const shown = states[at]!
    await switchEndpoint({ ...endpoint, state: shown === 'on' ? 'active' : shown }, next)
  }
}
