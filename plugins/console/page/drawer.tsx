import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { reasonOf } from '../model/attention.js'
import { clock, count, duration, orDash, percent, rate } from '../model/format.js'
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
