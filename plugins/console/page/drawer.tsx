import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { reasonOf } from '../model/attention.js'
import { clock, count, duration, orDash, percent, rate } from '../model/format.js'
import type { LiveEndpoint } from '../../admin/live-protocol.js'
import { ladderOf, stepOf } from '../model/suspension-ladder.js'
import { api } from './connection.js'
import { Actions } from './endpoint-menu.js'
import { glyphOf, Icon, StateIcon, WORDS } from './icons.js'
import { route, setQuery } from './route.js'
import { journal, now, rowsByName } from './store.js'

interface Detail {
  readonly groups: readonly string[]
  readonly suspension: Readonly<Record<string, unknown>>
  readonly responses: number
  readonly failures: number
}

const NOUNS: Readonly<Record<string, string>> = {
  initialDuration: 'First suspension, ms',
  progressionFactor: 'Factor of each further one',
  maximumDuration: 'Longest suspension, ms',
  retriesBeforeSuspension: 'Failures tolerated before suspension',
  retryDelay: 'Delay between these, ms'
}

/** One endpoint in detail, over whichever page is open. */
export function Drawer () {
  const { endpoint: name } = route.value
  const row = name === undefined ? undefined : rowsByName.value.get(name)
  const [detail, setDetail] = useState<Detail>()
  const state = row?.endpoint.value.state
  useEffect(() => {
    if (name === undefined) return
    api<Detail>(`endpoints/${encodeURIComponent(name)}`).then(setDetail, () => setDetail(undefined))
  }, [name, state])
  if (name === undefined) return null
  const close = (): void => setQuery({ endpoint: undefined })
  if (row === undefined) {
    return (
      <Frame title={name} onClose={close}>
        <p>No endpoint has this name now. A reload may have removed it.</p>
      </Frame>
    )
  }
  const endpoint = row.endpoint.value
  const traffic = row.traffic.value
  const { cause, since } = reasonOf(endpoint)
  const entries = journal.value.filter(entry => entry.endpoint === name).slice(0, 12)
  return (
    <Frame title={endpoint.name} onClose={close}>
      <p class={`state-${glyphOf(endpoint)}`}>
        <StateIcon state={glyphOf(endpoint)} /> <b>{WORDS[glyphOf(endpoint)]}</b>
        {since !== null && ` since ${clock(since)} (${duration(now.value - since)})`}
      </p>
      {cause !== null && <p>{cause}</p>}
      <div class='actions'>
        <Actions endpoint={endpoint} />
      </div>
      <dl>
        <div>
          <dt>Address</dt>
          <dd>{endpoint.address}</dd>
        </div>
        <div>
          <dt>Groups</dt>
          <dd>{detail === undefined ? '–' : detail.groups.join(', ') || 'none'}</dd>
        </div>
        <div>
          <dt>In flight</dt>
          <dd>{traffic === undefined ? '–' : count(traffic.inFlight)}</dd>
        </div>
        <div>
          <dt>Requests per second</dt>
          <dd>{traffic === undefined ? '–' : rate(traffic.requestsPerSecond)}</dd>
        </div>
        <div>
          <dt>p50, p99 (ms)</dt>
          <dd>
            {orDash(traffic?.p50 ?? null, rate)}, {orDash(traffic?.p99 ?? null, rate)}
          </dd>
        </div>
        <div>
          <dt>Errors</dt>
          <dd>{traffic === undefined ? '–' : `${percent(traffic.errors)} %`}</dd>
        </div>
        {detail !== undefined && (
          <div>
            <dt>Since the start</dt>
            <dd>
              {count(detail.responses)} responses, {count(detail.failures)} failures
            </dd>
          </div>
        )}
        {Object.entries(NOUNS).map(([key, noun]) =>
          detail?.suspension[key] === undefined
            ? undefined
            : (
              <div key={key}>
                <dt>{noun}</dt>
                <dd>{String(detail.suspension[key])}</dd>
              </div>
              )
        )}
      </dl>
      {detail !== undefined && <SuspensionLadder policy={detail.suspension} endpoint={endpoint} />}
      <h3>Events</h3>
      {entries.length === 0
        ? (
          <p class='muted'>No events since the gateway started.</p>
          )
        : (
          <ul class='events'>
            {entries.map(entry => (
              <li key={entry.n}>
                <time>{clock(entry.at)}</time> {entry.text}
              </li>
            ))}
          </ul>
          )}
    </Frame>
  )
}

/** Longer suspensions than this are "no limit". */
const NO_LIMIT_MS = 2 ** 50

/** How long each suspension in a row is, and at which one the endpoint stands. */
function SuspensionLadder ({ policy, endpoint }: { policy: Detail['suspension']; endpoint: LiveEndpoint }) {
  const text = (key: string): string | undefined => (policy[key] === undefined ? undefined : String(policy[key]))
  const maximum = Number(policy['maximumDuration'] ?? Infinity)
  const ladder = ladderOf(
    text('initialDuration'),
    text('progressionFactor'),
    maximum > NO_LIMIT_MS ? undefined : String(maximum)
  )
  if (ladder === undefined || (ladder.steps[0] ?? 0) > NO_LIMIT_MS) return null
  const at = endpoint.duration === null ? undefined : stepOf(ladder, endpoint.duration)
  return (
    <>
      <h3>Suspensions in a row</h3>
      <ol class='ladder'>
        {ladder.steps.map((length, index) => (
          <li key={length} aria-current={index === at ? 'step' : undefined}>
            {duration(length)}
          </li>
        ))}
      </ol>
      <p class='muted'>
        {ladder.then === 'longest' ? 'No further one is longer.' : ladder.then === 'each' ? 'All are as long.' : ''}
        {at !== undefined && ` Now: number ${at + 1}${at === ladder.steps.length - 1 ? ' or later' : ''}.`}
      </p>
    </>
  )
}

function Frame ({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  return (
    <aside
      class='drawer'
      aria-label={title}
      onKeyDown={event => {
        if (event.key === 'Escape') onClose()
      }}
    >
      <header>
        <h2>{title}</h2>
        <button type='button' class='plain' aria-label='Close' onClick={onClose}>
          <Icon name='close' />
        </button>
      </header>
      {children}
    </aside>
  )
}
