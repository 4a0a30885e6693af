import { useRef } from 'preact/hooks'
import type { LiveEndpoint } from '../../admin/live-protocol.js'
import { pending, switchEndpoint } from './actions.js'
import { Icon } from './icons.js'
import { gateway } from './store.js'

/** The actions of one endpoint: a menu in its row. */
export function EndpointMenu ({ endpoint }: { endpoint: LiveEndpoint }) {
  const popover = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const id = `menu-${endpoint.i}`
  const close = (): void => popover.current?.hidePopover()
  const place = (event: Pick<ToggleEvent, 'newState'>): void => {
    const menu = popover.current!
    if (event.newState !== 'open') return
    const { right, bottom } = button.current!.getBoundingClientRect()
    menu.style.left = `${Math.max(8, right - menu.offsetWidth)}px`
    menu.style.top = `${Math.min(bottom + 4, innerHeight - menu.offsetHeight - 8)}px`
    menu.querySelector('button')?.focus()
  }
  return (
    <>
      <button ref={button} type='button' class='plain' aria-label={`Actions of ${endpoint.name}`} popovertarget={id}>
        <Icon name='more' />
      </button>
      <div ref={popover} id={id} popover='auto' class='menu' onToggle={place}>
        <Actions endpoint={endpoint} onChosen={close} />
      </div>
    </>
  )
}

/** The actions that the state of an endpoint allows. */
export function Actions ({ endpoint, onChosen }: { endpoint: LiveEndpoint; onChosen?: () => void }) {
  const may = gateway.value?.mayChange
  if (may !== true) return <p class='locked'>{may ?? 'Not connected.'}</p>
  const { state } = endpoint
  const act = (action: () => void) => (): void => {
    onChosen?.()
    action()
  }
  const on =
    state === 'off'
      ? 'Switch on'
      : state === 'draining'
        ? 'Stop draining'
        : state === 'active'
          ? undefined
          : 'Try it now'
  return (
    <>
      {on !== undefined && (
        <button
          type='button'
          onClick={act(() => {
            void switchEndpoint(endpoint, 'on')
          })}
        >
          {on}
        </button>
      )}
      {state !== 'off' && state !== 'draining' && (
        <button
          type='button'
          onClick={act(() => {
            pending.value = { status: 'draining', endpoint }
          })}
        >
          Drain…
        </button>
      )}
      {state !== 'off' && (
        <button
          type='button'
          onClick={act(() => {
            pending.value = { status: 'off', endpoint }
          })}
        >
          Switch off…
        </button>
      )}
    </>
  )
}
