import { signal } from '@preact/signals'
import type { LiveEndpoint } from '../../../admin/contract/live-protocol.js'
import { plural } from '../../model/format.js'
import { api, messageOf, operator } from '../state/api.js'
import { notify } from '../state/notice.js'
import { rowsByName } from '../state/store.js'

export type Switch = 'on' | 'off' | 'draining'

/** An action that waits for its confirmation. */
export interface Pending {
  readonly status: Exclude<Switch, 'on'>
  /** Of the endpoint, or of the group whose endpoints they are. */
  readonly name: string
  readonly endpoints: readonly LiveEndpoint[]
}

/** Whether the endpoints are those of a group; else it is one endpoint, with the name that is given. */
export const isOfGroup = ({ name, endpoints }: Pick<Pending, 'name' | 'endpoints'>): boolean =>
  endpoints.length !== 1 || endpoints[0]!.name !== name

export const pending = signal<Pending | undefined>(undefined)
/** Names of endpoints whose switch is not seen yet: they are not switched again meanwhile. */
export const switching = signal<ReadonlySet<string>>(new Set())

const DONE = { on: 'switched on', off: 'switched off', draining: 'draining' } as const
/** How long a switch is waited for, in milliseconds. */
const MAX_WAIT_MS = 3_000
const LOOK_MS = 50

/** Switches an endpoint, provided that its state is still the one that the page shows. */
export const switchEndpoint = async (endpoint: LiveEndpoint, status: Switch): Promise<void> =>
  await switchAll(endpoint.name, [endpoint], status)

/** Switches endpoints, each provided that its state is still the one that the page shows. @param name of them all */
export async function switchAll (name: string, endpoints: readonly LiveEndpoint[], status: Switch): Promise<void> {
  pending.value = undefined
  const switched: LiveEndpoint[] = []
  try {
    for (const endpoint of endpoints) {
      await switchOne(endpoint, status)
      switched.push(endpoint)
    }
    const isFinal = status === 'on' && undoOf(switched, status) === undefined
    const all = `${name}: ${plural(endpoints.length, 'endpoint')}`
    const what = `${isOfGroup({ name, endpoints }) ? all : `${name} is`} ${DONE[status]}.`
    notify(isFinal ? `${what} The suspension cannot be put back.` : what, undoOf(switched, status))
  } catch (error) {
    notify(messageOf(error), undoOf(switched, status), true)
  }
}

async function switchOne ({ name, state }: LiveEndpoint, status: Switch): Promise<void> {
  switching.value = new Set([...switching.value, name])
  try {
    await api(`endpoints/${encodeURIComponent(name)}`, 'POST', { status, if: state, ...operator() })
    void release(name, state)
  } catch (error) {
    unlock(name)
    throw error
  }
}

/** An endpoint can be switched again when the page shows its new state, or after some time. */
async function release (name: string, before: LiveEndpoint['state']): Promise<void> {
  const until = performance.now() + MAX_WAIT_MS
  while (performance.now() < until && rowsByName.value.get(name)?.endpoint.value.state === before) {
    await new Promise(resolve => setTimeout(resolve, LOOK_MS))
  }
  unlock(name)
}

function unlock (name: string): void {
  switching.value = new Set([...switching.value].filter(each => each !== name))
}

/** What puts the earlier states back; a suspension cannot be put back. */
function undoOf (endpoints: readonly LiveEndpoint[], status: Switch): (() => void) | undefined {
  const restorable = endpoints.filter(endpoint => undoSteps(endpoint.state, status).length > 0)
  if (restorable.length === 0) return undefined
  return () => {
    void restoreStates(restorable, status)
  }
}

/** An endpoint that is off is switched on before it drains. */
function undoSteps (before: LiveEndpoint['state'], status: Switch): readonly Switch[] {
  if (before === 'off') return ['off']
  if (before === 'draining') return status === 'off' ? ['on', 'draining'] : ['draining']
  return status === 'on' ? [] : ['on']
}

async function restoreStates (endpoints: readonly LiveEndpoint[], status: Switch): Promise<void> {
  try {
    for (const endpoint of endpoints) {
      let shown: Switch = status
      for (const next of undoSteps(endpoint.state, status)) {
        await switchOne({ ...endpoint, state: shown === 'on' ? 'active' : shown }, next)
        shown = next
      }
    }
    notify(endpoints.length === 1 ? `${endpoints[0]!.name} is as it was.` : 'All are as they were.')
  } catch (error) {
    notify(messageOf(error), undefined, true)
  }
}
