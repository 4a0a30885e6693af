import { clock } from '../../model/format.js'
import { isSignedIn, operator } from '../state/api.js'
import { signOut } from '../state/connection.js'
import { FindField } from './find-field.js'
import { Icon } from '../elements/icons.js'
import { isHelpOpen } from '../state/preferences.js'
import { connection, gateway, isConnected, now } from '../state/store.js'
import { toggleTheme } from '../state/theme.js'

const CONNECTIONS = {
  connecting: 'Connecting',
  live: 'Live',
  polling: 'Every 2 s',
  lost: 'No connection',
  stopping: 'Stopping',
  signIn: '',
  refused: ''
} as const

/** The find field, how the page is connected, and who uses it. */
export function TopBar () {
  const { kind } = connection.value
  const may = gateway.value?.mayChange
  const { by } = operator()
  return (
    <header class='top'>
      <FindField />
      <span class={`connection ${kind}`}>
        {CONNECTIONS[kind]}
        {isConnected.value && <span class='muted'> · {clock(now.value)}</span>}
      </span>
      <span class='muted role' title={may === true ? undefined : may}>
        {by !== undefined && `${by} · `}
        {may === true ? 'may change' : 'may only look'}
      </span>
      {isSignedIn() && (
        <button type='button' class='sign-out' aria-label='Sign out' onClick={signOut}>
          <Icon name='key' /> <span>Sign out</span>
        </button>
      )}
      <button
        type='button'
        class='plain help'
        aria-label='Keyboard'
        onClick={() => {
          isHelpOpen.value = true
        }}
      >
        <Icon name='keyboard' />
      </button>
      <button type='button' class='plain' aria-label='Light or dark' onClick={toggleTheme}>
        <Icon name='theme' />
      </button>
    </header>
  )
}
