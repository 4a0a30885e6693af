import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import type { LiveEndpoint, LiveGroup } from '../../../admin/contract/live-protocol.js'
import { pending, switchAll, switchEndpoint, switching } from './actions.js'
import { Icon } from '../elements/icons.js'
import { copyText } from '../elements/copy-text.js'
import { linkTo } from '../state/route.js'
import { endpointsIn, gateway, isConnected } from '../state/store.js'

/** The actions of one endpoint: a menu in its row. */
export const EndpointMenu = ({ endpoint }: { endpoint: LiveEndpoint }) => (
  <Menu id={`menu-${endpoint.index}`} name={endpoint.name}>
    {close => (
      <>
        <Actions endpoint={endpoint} onChosen={close} />
        <Links name={endpoint.name} onChosen={close} />
      </>
    )}
  </Menu>
)

/** The actions of all endpoints of a group. */
export const GroupMenu = ({ group }: { group: LiveGroup }) => (
  <Menu id={`menu-of ${group.name}`} name={group.name}>
    {close => <GroupActions group={group} onChosen={close} />}
  </Menu>
)

interface MenuProps {
  readonly id: string
  readonly name: string
  readonly children: (close: () => void) => ComponentChildren
}

function Menu ({ id, name, children }: MenuProps) {
  const popover = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const close = (): void => popover.current?.hidePopover()
  const place = (event: Pick<ToggleEvent, 'newState'>): void => {
    const menu = popover.current!
    if (event.newState !== 'open') return
    const { right, bottom } = button.current!.getBoundingClientRect()
    menu.style.left = `${Math.max(8, right - menu.offsetWidth)}px`
    menu.style.top = `${Math.min(bottom + 4, innerHeight - menu.offsetHeight - 8)}px`
    menu.querySelector<HTMLElement>('button, a')?.focus()
  }
  return (
    <>
      <button ref={button} type='button' class='plain' aria-label={`Actions of ${name}`} popovertarget={id}>
        <Icon name='more' />
      </button>
      <div ref={popover} id={id} popover='auto' class='menu' onToggle={place}>
        {children(close)}
      </div>
    </>
  )
}

/** What leads to the events and the messages of an endpoint, and its name for the command. */
const Links = ({ name, onChosen }: { name: string; onChosen: () => void }) => (
  <>
    <a class='button' href={`${linkTo('events')}?of=${encodeURIComponent(name)}`} onClick={onChosen}>
      Its events
    </a>
    <a class='button' href={`${linkTo('messages')}?q=${encodeURIComponent(`endpoint:${name}`)}`} onClick={onChosen}>
      Its messages
    </a>
    <button
      type='button'
      onClick={() => {
        onChosen()
        void copyText(name, 'The name is copied.')
      }}
    >
      Copy its name
    </button>
  </>
)

function GroupActions ({ group, onChosen }: { group: LiveGroup; onChosen: () => void }) {
  const may = isConnected.value ? gateway.value?.mayChange : 'Not connected.'
  if (may !== true) return <p class='locked'>{may ?? 'Not connected.'}</p>
  const all = endpointsIn(group)
  const choice = (label: string, endpoints: readonly LiveEndpoint[], act: () => void) => (
    <button
      type='button'
      disabled={endpoints.length === 0 || endpoints.some(({ name }) => switching.value.has(name))}
      onClick={() => {
        onChosen()
        act()
      }}
    >
      {label}
    </button>
  )
  const out = all.filter(canBeTried)
  const byHand = all.filter(({ state }) => state === 'off' || state === 'draining')
  const drainable = all.filter(({ state }) => state !== 'off' && state !== 'draining')
  const notOff = all.filter(({ state }) => state !== 'off')
  const { name } = group
  return (
    <>
      {choice('Try all now', out, () => {
        void switchAll(name, out, 'on')
      })}
      {choice('Switch on all', byHand, () => {
        void switchAll(name, byHand, 'on')
      })}
      {choice('Drain all…', drainable, () => {
        pending.value = { status: 'draining', name, endpoints: drainable }
      })}
      {choice('Switch off all…', notOff, () => {
        pending.value = { status: 'off', name, endpoints: notOff }
      })}
    </>
  )
}

interface ActionsProps {
  readonly endpoint: LiveEndpoint
  /** Present: the actions are those of a menu. */
  readonly onChosen?: () => void
  /** Whether those are left out that help least where an endpoint is out. Default: false */
  readonly isBrief?: boolean
}

/** The actions that the state of an endpoint allows. They wait until an earlier one is seen, and keep the focus. */
export function Actions ({ endpoint, onChosen, isBrief = false }: ActionsProps) {
  const may = gateway.value?.mayChange
  if (!isConnected.value) return onChosen === undefined ? null : <p class='locked'>Not connected.</p>
  if (may !== true) return <p class='locked'>{may ?? 'Not connected.'}</p>
  const { name, state } = endpoint
  const isLocked = switching.value.has(name)
  const choice = (label: string, act: () => void) => (
    <button
      key={label}
      type='button'
      aria-disabled={isLocked}
      onClick={() => {
        if (isLocked) return
        onChosen?.()
        act()
      }}
    >
      {label}
    </button>
  )
  const switchOnLabel = SWITCH_ON_LABELS[state]
  return (
    <>
      {switchOnLabel !== undefined &&
        choice(switchOnLabel, () => {
          void switchEndpoint(endpoint, 'on')
        })}
      {!isBrief &&
        state !== 'off' &&
        state !== 'draining' &&
        choice('Drain…', () => {
          pending.value = { status: 'draining', name, endpoints: [endpoint] }
        })}
      {state !== 'off' &&
        choice('Switch off…', () => {
          pending.value = { status: 'off', name, endpoints: [endpoint] }
        })}
    </>
  )
}

const TRY = 'Try it now'
/** What switching on means, by state. */
const SWITCH_ON_LABELS: Readonly<Record<LiveEndpoint['state'], string | undefined>> = {
  active: undefined,
  timeout: TRY,
  suspended: TRY,
  'half-open': TRY,
  off: 'Switch on',
  draining: 'Stop draining'
}

/** Whether switching an endpoint on tries it; what an operator has switched off or drains is not tried. */
export const canBeTried = ({ state }: Pick<LiveEndpoint, 'state'>): boolean => SWITCH_ON_LABELS[state] === TRY
