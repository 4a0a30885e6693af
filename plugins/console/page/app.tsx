import { computed, effect } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { headline, isHalfOpen, isOut } from '../model/attention.js'
import { ConfigurationPage } from './configuration/configuration.js'
import { loadConfiguration } from './state/configuration-store.js'
import { ConfirmSwitch } from './operation/confirm-switch.js'
import { ConnectionBand } from './shell/connection-band.js'
import { Drawer } from './operation/drawer.js'
import { Events } from './operation/events.js'
import { GroupList } from './operation/group-list.js'
import { KeyboardHelp } from './shell/keyboard-help.js'
import { LazyExplain, LazyGroup, LazyMessages, LazyProxy, LazySessions } from './lazy-pages.js'
import { Navigation } from './shell/navigation.js'
import { notice, undo } from './state/notice.js'
import { Overview } from './operation/overview.js'
import { hasAnnouncements } from './state/preferences.js'
import { Loading } from './elements/loading.js'
import { ProxyList } from './proxy/proxy-list.js'
import { readRecording } from './state/recording.js'
import { isWall, route } from './state/route.js'
import { SignIn } from './shell/sign-in.js'
import { attention, connection, endpoints, gateway, isConnected, journal } from './state/store.js'
import { showTabIcon } from './shell/tab-icon.js'
import { TopBar } from './shell/top-bar.js'
import { UnconfirmedBand } from './shell/unconfirmed-band.js'

const VIEWS = {
  overview: Overview,
  groups: GroupList,
  proxies: ProxyList,
  messages: LazyMessages,
  sessions: LazySessions,
  configuration: ConfigurationPage,
  events: Events,
  explain: LazyExplain
} as const
/** Pages of one group or proxy. */
const DETAIL_VIEWS = { groups: LazyGroup, proxies: LazyProxy } as const

/** Groups without an available member, by name. */
const groupsWithoutMember = computed(() =>
  attention.value.flatMap(each => (each.kind === 'noMember' ? [each.group.name] : [])))

effect(() => {
  const out = endpoints.value.filter(isOut).length
  document.title = `${out > 0 ? `(${out} out) ` : ''}${gateway.value?.name ?? 'gateway'} · Proxy Services`
  const isSomeOut = out > 0 || endpoints.value.some(isHalfOpen)
  showTabIcon(groupsWithoutMember.value.length > 0 ? 'noMember' : isSomeOut ? 'out' : 'available')
})

export function App () {
  const state = connection.value
  // Reloads and unconfirmed configurations are entries of the journal: each brings the configuration up to date.
  const reloads = journal.value.find(({ kind }) => kind === 'reload' || kind === 'unconfirmed')?.sequence
  useEffect(() => {
    if (isConnected.value) void loadConfiguration()
  }, [reloads, isConnected.value])
  const recordings = journal.value.find(({ kind }) => kind === 'recording')?.sequence
  const maySee = gateway.value?.maySee === true
  useEffect(() => {
    if (isConnected.value) void readRecording(maySee)
  }, [recordings, isConnected.value, maySee])
  if (state.kind === 'signIn') return <SignIn />
  if (state.kind === 'refused') {
    return (
      <main class='alone'>
        <div class='card'>
          <h1>Not allowed</h1>
          <p>{state.message}</p>
        </div>
      </main>
    )
  }
  const { page, name } = route.value
  const View = (page === 'groups' || page === 'proxies') && name !== undefined ? DETAIL_VIEWS[page] : VIEWS[page]
  return (
    <div class={`frame ${isConnected.value ? '' : 'stale'} ${isWall.value ? 'wall' : ''}`}>
      {!isWall.value && <Navigation />}
      <div class='content'>
        {!isWall.value && <TopBar />}
        <ConnectionBand />
        <UnconfirmedBand />
        <main>
          {state.kind === 'connecting'
            ? <Loading />
            : (
              <View />
              )}
        </main>
      </div>
      <Drawer />
      <ConfirmSwitch />
      <KeyboardHelp />
      <NoticeLine />
      <Announcements />
    </div>
  )
}

/** Changes of states are collected for this long before they are read aloud, in milliseconds. */
const COLLECT_MS = 3_000

/** What is read aloud when states change; a component of its own, since it is drawn with each change. */
function Announcements () {
  const text = headline(endpoints.value)
  const [announced, announce] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => announce(text), COLLECT_MS)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <>
      <p class='aside' role='status'>
        {hasAnnouncements.value && announced}
      </p>
      <p class='aside' role='alert'>
        {hasAnnouncements.value && groupsWithoutMember.value.map(name => `${name}: no member available. `)}
      </p>
    </>
  )
}

function NoticeLine () {
  const shown = notice.value
  return (
    <div class='notice' role='status'>
      {shown !== undefined && (
        <p class={shown.isError === true ? 'bad' : ''}>
          {shown.text}{' '}
          {shown.undo !== undefined && (
            <button type='button' onClick={undo}>
              Undo
            </button>
          )}
        </p>
      )}
    </div>
  )
}
