import { useState } from 'preact/hooks'
import type { LiveEndpoint } from '../../../admin/contract/live-protocol.js'
import { count, listed } from '../../model/format.js'
import { isOfGroup, pending, switchAll, type Pending } from './actions.js'
import { Dialog } from '../elements/dialog.js'
import { endpointsIn, groups, rowsByName } from '../state/store.js'

const TEXTS = {
  draining: {
    verb: 'Drain',
    text: 'New sessions go to other members. Bound sessions are served until they end or the endpoint is switched off.'
  },
  off: { verb: 'Switch off', text: 'The endpoint receives no messages until it is switched on.' }
} as const
/** Names that are listed. */
const MAX_LISTED = 8

/** Requires confirmation before endpoints are drained or switched off, and shows what that means now. */
export function ConfirmSwitch () {
  const wanted = pending.value
  return wanted === undefined ? null : <Confirmation key={`${wanted.status} ${wanted.name}`} wanted={wanted} />
}

function Confirmation ({ wanted: { status, name, endpoints: chosen } }: { wanted: Pending }) {
  const [typed, setTyped] = useState('')
  const endpoints = chosen.map(each => rowsByName.value.get(each.name)?.endpoint.value ?? each)
  const { verb, text } = TEXTS[status]
  const remaining = othersOf(endpoints)
  const endsService = status === 'off' && remaining.length === 0
  const isGroup = isOfGroup({ name, endpoints })
  const close = (): void => {
    pending.value = undefined
  }
  return (
    <Dialog title={`${verb} ${isGroup ? `all of ${name}` : name}?`} onClose={close}>
      <form
        class='stack'
        onSubmit={event => {
          event.preventDefault()
          if (!endsService || typed === name) void switchAll(name, endpoints, status)
        }}
      >
        <p>{text}</p>
        <dl>
          {isGroup && (
            <div>
              <dt>Endpoints</dt>
              <dd>{listed(endpoints.map(each => each.name), MAX_LISTED)}</dd>
            </div>
          )}
          <div>
            <dt>Requests in flight</dt>
            <dd>{sumOf(endpoints, 'inFlight')}</dd>
          </div>
          <div>
            <dt>Sessions bound here</dt>
            <dd>{sumOf(endpoints, 'sessions')}</dd>
          </div>
          <div>
            <dt>Other members that accept messages</dt>
            <dd>{remaining.length === 0 ? 'none' : listed(remaining, MAX_LISTED)}</dd>
          </div>
        </dl>
        {remaining.length === 0 && (
          <p class='warning'>No other member is available: clients{ofProxies(endpoints)} get faults.</p>
        )}
        {endsService && (
          <label>
            Type {name} to confirm
            <input autocomplete='off' spellcheck={false} value={typed} onInput={e => setTyped(e.currentTarget.value)} />
          </label>
        )}
        <footer>
          <button type='button' onClick={close}>
            Cancel
          </button>
          <button class={endsService ? 'danger' : 'primary'} disabled={endsService && typed !== name}>
            {verb}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}

/** A sum of what is known; `–` if nothing is. */
function sumOf (endpoints: readonly LiveEndpoint[], number: 'inFlight' | 'sessions'): string {
  const values = endpoints.flatMap(({ name }) => rowsByName.value.get(name)?.traffic.value?.[number] ?? [])
  return values.length === 0 ? '–' : count(values.reduce((sum, value) => sum + value, 0))
}

/** The groups that endpoints belong to, each with all endpoints in it. */
const groupsOf = (names: ReadonlySet<string>) =>
  groups.value
    .map(group => ({ group, all: endpointsIn(group) }))
    .filter(({ all }) => all.some(({ name }) => names.has(name)))

/** ` of A, B`: the proxies that send messages to the groups of endpoints; empty where these are in no group. */
function ofProxies (endpoints: readonly LiveEndpoint[]): string {
  const names = new Set(endpoints.map(({ name }) => name))
  const proxies = new Set(groupsOf(names).flatMap(({ group }) => group.proxies))
  return proxies.size === 0 ? '' : ` of ${listed([...proxies], MAX_LISTED)}`
}

/** Ready members of the groups that endpoints belong to, without these. */
function othersOf (endpoints: readonly LiveEndpoint[]): string[] {
  const names = new Set(endpoints.map(({ name }) => name))
  const others = groupsOf(names).flatMap(({ all }) => all.filter(({ name, ready }) => !names.has(name) && ready))
  return [...new Set(others.map(({ name }) => name))]
}
