import { endpointsOf } from '../model/attention.js'
import { count } from '../model/format.js'
import { pending, switchEndpoint } from './actions.js'
import { Dialog } from './dialog.js'
import { endpointsByName, groups, groupsByName, rowsByName } from './store.js'

const TEXTS = {
  draining: {
    verb: 'Drain',
    text: 'New sessions go to other members. Bound sessions are served until they end or the endpoint is switched off.'
  },
  off: { verb: 'Switch off', text: 'The endpoint receives no messages until it is switched on.' }
} as const

/** Asks before an endpoint is drained or switched off, with what that means now. */
export function ConfirmSwitch () {
  const wanted = pending.value
  if (wanted === undefined) return null
  const { status } = wanted
  const endpoint = rowsByName.value.get(wanted.endpoint.name)?.endpoint.value ?? wanted.endpoint
  const inFlight = rowsByName.value.get(endpoint.name)?.traffic.value?.inFlight
  const { verb, text } = TEXTS[status]
  const remaining = othersOf(endpoint.name)
  const close = (): void => {
    pending.value = undefined
  }
  return (
    <Dialog title={`${verb} ${endpoint.name}?`} onClose={close}>
      <p>{text}</p>
      <dl>
        <div>
          <dt>Requests in flight</dt>
          <dd>{inFlight === undefined ? '–' : count(inFlight)}</dd>
        </div>
        <div>
          <dt>Other members that accept messages</dt>
          <dd>{remaining.length === 0 ? 'none' : remaining.join(', ')}</dd>
        </div>
      </dl>
      {remaining.length === 0 && <p class='warning'>No other member is available: clients get faults.</p>}
      <footer>
        <button type='button' onClick={close}>
          Cancel
        </button>
        <button
          type='button'
          class={status === 'off' && remaining.length === 0 ? 'danger' : 'primary'}
          onClick={() => {
            void switchEndpoint(endpoint, status)
          }}
        >
          {verb}
        </button>
      </footer>
    </Dialog>
  )
}

/** Ready members of the groups that an endpoint belongs to, without itself. */
function othersOf (name: string): string[] {
  const others = groups.value
    .filter(group => group.members.includes(name))
    .flatMap(group => endpointsOf(group, endpointsByName.value, groupsByName.value))
    .filter(endpoint => endpoint.name !== name && endpoint.ready)
  return [...new Set(others.map(endpoint => endpoint.name))]
}
