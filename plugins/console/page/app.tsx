import { computed, effect } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { headline, isHalfOpen, isOut } from '../model/attention.js'
import { clock, duration } from '../model/format.js'
import { ConfigurationPage } from './configuration.js'
import { errorCount, isChanged, loadConfiguration, problems } from './configuration-store.js'
import { signOut } from './connection.js'
import { ConfirmSwitch } from './confirm-switch.js'
import { Drawer } from './drawer.js'
import { Icon } from './icons.js'
import { LazyExplain, LazyGroup, LazyMessages, LazyProxy, LazySessions } from './lazy-pages.js'
import { Events } from './events.js'
import { Groups, Proxies } from './lists.js'
import { notice, undo } from './notice.js'
import { Overview } from './overview.js'
import { isWall, linkTo, route, type Page } from './route.js'
import { SignIn } from './sign-in.js'
import { attention, connection, endpoints, gateway, journal, now } from './store.js'
import { showTabIcon } from './tab-icon.js'
import { toggleTheme } from './theme.js'
import { TrialBand } from './trial-band.js'
import { Reading } from './reading.js'
import { readRecording } from './recording.js'

const NAVIGATION: readonly (readonly [Page, string])[] = [
  ['overview', 'Overview'],
  ['groups', 'Groups'],
  ['proxies', 'Proxies'],
  ['messages', 'Messages'],
  ['sessions', 'Sessions'],
  ['configuration', 'Configuration'],
  ['events', 'Events'],
  ['explain', 'Explain']
]

const VIEWS = {
  overview: Overview,
  groups: Groups,
  proxies: Proxies,
  messages: LazyMessages,
  sessions: LazySessions,
  configuration: ConfigurationPage,
  events: Events,
  explain: LazyExplain
} as const
/** Pages of one of a kind. */
const ONE = { groups: LazyGroup, proxies: LazyProxy } as const

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
  // Reloads and trials are entries of the journal: each brings the configuration up to date.
  const reloads = journal.value.find(({ kind }) => kind === 'reload' || kind === 'trial')?.n
  useEffect(() => {
    if (state.kind === 'live') void loadConfiguration()
  }, [reloads, state.kind])
  const recordings = journal.value.find(({ kind }) => kind === 'recording')?.n
  const maySee = gateway.value?.maySee === true
  useEffect(() => {
    if (state.kind === 'live') void readRecording(maySee)
  }, [recordings, state.kind, maySee])
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
  const View = (page === 'groups' || page === 'proxies') && name !== undefined ? ONE[page] : VIEWS[page]
  return (
    <div class={`frame ${state.kind === 'live' ? '' : 'stale'} ${isWall.value ? 'wall' : ''}`}>
      {!isWall.value && <Navigation />}
      <div class='content'>
        {!isWall.value && <TopBar />}
        <Band />
        <TrialBand />
        <main>
          {state.kind === 'connecting'
            ? <Reading />
            : (
              <View />
              )}
        </main>
      </div>
      <Drawer />
      <ConfirmSwitch />
      <NoticeLine />
      <Announcements />
    </div>
  )
}

/** What is read aloud when states change; a component of its own, since it is drawn with each change. */
function Announcements () {
  return (
    <>
      <p class='aside' role='status'>
        {headline(endpoints.value)}
      </p>
      <p class='aside' role='alert'>
        {groupsWithoutMember.value.map(name => `${name}: no member available. `)}
      </p>
    </>
  )
}

/** Errors in the changes of this page, or problems of what runs. */
function ProblemBadge () {
  const count = isChanged.value ? errorCount.value : problems.value.length
  return count === 0
    ? null
    : (
      <span class='badge warn'>
        {count}
        <span class='aside'> problems</span>
      </span>
      )
}

function Navigation () {
  const { page } = route.value
  const { name, version, startedAt } = gateway.value ?? {}
  return (
    <nav aria-label='Pages'>
      <p class='brand'>Proxy Services</p>
      <ul>
        {NAVIGATION.map(([each, label]) => (
          <li key={each}>
            <a href={linkTo(each)} aria-current={each === page ? 'page' : undefined}>
              <Icon name={each} /> {label}
              {each === 'configuration' && <ProblemBadge />}
            </a>
          </li>
        ))}
      </ul>
      <dl>
        <div>
          <dt>Gateway</dt>
          <dd>{name ?? '–'}</dd>
        </div>
        <div>
          <dt>Version</dt>
          <dd>{version ?? '–'}</dd>
        </div>
        <div>
          <dt>Runs for</dt>
          <dd>{startedAt === undefined ? '–' : duration(now.value - startedAt)}</dd>
        </div>
      </dl>
    </nav>
  )
}

function TopBar () {
  const { kind } = connection.value
  const may = gateway.value?.mayChange
  return (
    <header class='top'>
      <span class={`connection ${kind}`}>
        {kind === 'live' ? 'Live' : kind === 'connecting' ? 'Connecting' : 'Not connected'}
        {kind === 'live' && <span class='muted'> · {clock(now.value)}</span>}
      </span>
      <span class='muted' title={may === true ? undefined : may}>
        {may === true ? 'may change' : 'may only look'}
      </span>
      {may === true && (
        <button type='button' onClick={signOut}>
          <Icon name='key' /> Sign out
        </button>
      )}
      <button type='button' class='plain' aria-label='Light or dark' onClick={toggleTheme}>
        <Icon name='theme' />
      </button>
    </header>
  )
}

/** Says when the page is not up to date. */
function Band () {
  const state = connection.value
  if (state.kind === 'lost') {
    return (
      <p class='band' role='alert'>
        No connection to the gateway since {clock(state.since)}. The page shows the state of that moment, and tries
        again.
      </p>
    )
  }
  return state.kind === 'stopping'
    ? (
      <p class='band' role='alert'>
        The gateway is stopping.
      </p>
      )
    : null
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
