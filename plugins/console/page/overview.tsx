import { useEffect, useRef, useState } from 'preact/hooks'
import { headline, isOut, endpointsOf, subline, type Attention, reasonOf } from '../model/attention.js'
import { clock, count, countdown, duration, orDash, percent, plural, rate } from '../model/format.js'
import type { LiveEndpoint, LiveGroup } from '../../admin/live-protocol.js'
import { watchRows } from './connection.js'
import { Actions, EndpointMenu } from './endpoint-menu.js'
import { glyphOf, StateIcon, WORDS } from './icons.js'
import { linkTo, route, setQuery } from './route.js'
import { Sparkline } from './sparkline.js'
import {
  attention,
  endpoints,
  endpointsByName,
  groups,
  groupsByName,
  history,
  now,
  rows,
  rowsByName,
  totals,
  type Row
} from './store.js'

const MOST_ATTENTION = 6
/** Rows that are drawn at once; more follow as they come into view. */
const CHUNK = 150

/** The answer to "how bad is it, what exactly, and everything else". */
export function Overview () {
  return (
    <>
      <header class='page-head'>
        <div>
          <h1 tabIndex={-1}>{headline(endpoints.value)}</h1>
          <p class='muted'>{subline(endpoints.value, attention.value)}</p>
        </div>
        <Totals />
      </header>
      <NeedsAttention />
      <Endpoints />
    </>
  )
}

function Totals () {
  const total = totals.value
  const past = history.value
  const tile = (label: string, value: string, unit: string, values: readonly number[], bad = false) => (
    <div class='tile'>
      <span class='label'>{label}</span>
      <span>
        <b>{value}</b> {unit}
      </span>
      <Sparkline values={values} length={300} label={`${label}, last 5 minutes`} tone={bad ? 'bad' : 'normal'} />
    </div>
  )
  return (
    <div class='tiles'>
      {tile(
        'Requests',
        total === undefined ? '–' : rate(total.requestsPerSecond),
        '/s',
        past.map(each => each.requestsPerSecond)
      )}
      {tile(
        'Errors',
        total === undefined ? '–' : percent(total.errors),
        '%',
        past.map(each => each.errors),
        true
      )}
      {tile(
        'p99',
        total === undefined ? '–' : orDash(total.p99, rate),
        'ms',
        past.map(each => each.p99 ?? 0)
      )}
      {tile(
        'In flight',
        total === undefined ? '–' : count(total.inFlight),
        '',
        past.map(each => each.inFlight)
      )}
      {tile(
        'Sessions',
        total === undefined ? '–' : count(total.sessions),
        '',
        past.map(each => each.sessions)
      )}
    </div>
  )
}

function NeedsAttention () {
  const all = attention.value
  if (all.length === 0) return null
  return (
    <section aria-labelledby='attention'>
      <h2 id='attention'>
        Needs attention <span class='badge'>{all.length}</span>
      </h2>
      <ul class='card attention'>
        {all.slice(0, MOST_ATTENTION).map(each => (
          <AttentionItem key={keyOf(each)} attention={each} />
        ))}
        {all.length > MOST_ATTENTION && <li class='muted'>and {all.length - MOST_ATTENTION} more</li>}
      </ul>
    </section>
  )
}

const keyOf = (each: Attention): string =>
  `${each.kind} ${each.kind === 'noMember' ? each.group.name : each.endpoint.name}`

const KINDS = {
  timeout: 'failing', unhealthy: 'out by its health checks', suspended: 'suspended', draining: 'draining'
} as const

function AttentionItem ({ attention: each }: { attention: Attention }) {
  if (each.kind === 'noMember') {
    const next = each.members.filter(({ retryAt }) => retryAt !== null).sort((a, b) => a.retryAt! - b.retryAt!)[0]
    const since = Math.max(...each.members.map(member => reasonOf(member).since ?? 0))
    const { cause } = reasonOf(next ?? each.members[0]!)
    return (
      <li class='state-noMember'>
        <StateIcon state='noMember' />
        <div>
          <b>{each.group.name}: no member available</b>
          <p>
            Clients get faults since {clock(since)} ({duration(now.value - since)}). {cause}.
          </p>
        </div>
        {next !== undefined && <Retry name={next.name} retryAt={next.retryAt!} duration={next.duration} />}
      </li>
    )
  }
  const { endpoint, group } = each
  const row = rowsByName.value.get(endpoint.name)
  const { cause, since } = reasonOf(endpoint)
  return (
    <li class={`state-${each.kind}`}>
      <StateIcon state={each.kind} />
      <div>
        <b>
          {endpoint.name} is {KINDS[each.kind]}
        </b>
        {group !== undefined && <span class='muted'> {group.name}</span>}
        <p>
          {cause === null
            ? each.kind === 'draining'
              ? 'Serves bound sessions only.'
              : ''
            : `${cause}.`}
          {since !== null && ` Since ${clock(since)} (${duration(now.value - since)}).`}
        </p>
      </div>
      {endpoint.retryAt !== null && (
        <Retry name={endpoint.name} retryAt={endpoint.retryAt} duration={endpoint.duration} />
      )}
      {row !== undefined && (
        <div class='actions'>
          <Actions endpoint={row.endpoint.value} />
        </div>
      )}
    </li>
  )
}

/** A ring that empties until the next retry. */
function Retry ({ name, retryAt, duration: length }: { name: string; retryAt: number; duration: number | null }) {
  const left = Math.max(0, retryAt - now.value)
  const share = length === null || length === 0 ? 0 : Math.min(1, left / length)
  return (
    <div class='retry' role='timer'>
      <svg viewBox='0 0 36 36' aria-hidden='true'>
        <circle cx='18' cy='18' r='15' class='track' />
        <circle
          cx='18'
          cy='18'
          r='15'
          class='rest'
          pathLength={1}
          stroke-dasharray={`${share} 1`}
          transform='rotate(-90 18 18)'
        />
      </svg>
      <span>
        <b>{countdown(left)}</b>
        <br />
        {left === 0 ? `the next message tries ${name}` : `retry at ${clock(retryAt)}`}
      </span>
    </div>
  )
}

/** Rows of the table: heads of groups with their members, then endpoints without a group. */
type Line =
  | {
    readonly kind: 'group'
    readonly group: LiveGroup
    readonly ready: number
    readonly all: readonly LiveEndpoint[]
  }
  | { readonly kind: 'endpoint'; readonly row: Row; readonly group: LiveGroup | undefined }

function linesOf (wanted: (endpoint: LiveEndpoint) => boolean): Line[] {
  const grouped = new Set<string>()
  const lines: Line[] = []
  for (const group of groups.value) {
    const own = group.members.flatMap(member => rowsByName.value.get(member) ?? [])
    for (const row of own) grouped.add(row.endpoint.value.name)
    const shown = own.filter(row => wanted(row.endpoint.value))
    if (shown.length === 0) continue
    const all = endpointsOf(group, endpointsByName.value, groupsByName.value)
    lines.push({ kind: 'group', group, ready: all.filter(({ ready }) => ready).length, all })
    const sorted = shown.toSorted((a, b) => Number(isOut(b.endpoint.value)) - Number(isOut(a.endpoint.value)))
    for (const row of sorted) lines.push({ kind: 'endpoint', row, group })
  }
  for (const row of rows.value) {
    const { name } = row.endpoint.value
    if (!grouped.has(name) && wanted(row.endpoint.value)) lines.push({ kind: 'endpoint', row, group: undefined })
  }
  return lines
}

function Endpoints () {
  const { query } = route.value
  const [text, onlyOut] = [(query.get('q') ?? '').toLowerCase(), query.get('state') === 'out']
  const lines = linesOf(
    ({ name, address, state }) =>
      (!onlyOut || state !== 'active') && `${name} ${address}`.toLowerCase().includes(text)
  )
  const [shown, setShown] = useState(CHUNK)
  const end = useRef<HTMLTableRowElement>(null)
  useEffect(() => {
    const observer = new IntersectionObserver(seen => {
      if (seen.some(each => each.isIntersecting)) setShown(most => most + CHUNK)
    })
    if (end.current !== null) observer.observe(end.current)
    return () => observer.disconnect()
  }, [lines.length > shown])
  const visible = lines.slice(0, shown)
  watchRows(visible.flatMap(line => (line.kind === 'endpoint' ? [line.row.endpoint.value.name] : [])))
  return (
    <section aria-labelledby='endpoints'>
      <div class='section-head'>
        <h2 id='endpoints'>Groups and endpoints</h2>
        <div class='segments' role='group' aria-label='Which endpoints'>
          <button type='button' aria-pressed={!onlyOut} onClick={() => setQuery({ state: undefined })}>
            All
          </button>
          <button type='button' aria-pressed={onlyOut} onClick={() => setQuery({ state: 'out' })}>
            Not active
          </button>
        </div>
        <input
          type='search'
          placeholder='Filter by name or address'
          aria-label='Filter by name or address'
          value={query.get('q') ?? ''}
          onInput={event => setQuery({ q: event.currentTarget.value })}
        />
      </div>
      {lines.length === 0
        ? (
          <p class='card empty'>
            {endpoints.value.length === 0 ? 'No endpoints yet.' : 'No endpoint matches the filter.'}
          </p>
          )
        : (
          <div class='card scroll' tabIndex={0}>
            <table aria-rowcount={lines.length + 1}>
              <thead>
                <tr>
                  <th>Endpoint</th>
                  <th>State</th>
                  <th class='number'>In flight</th>
                  <th class='number'>Req/s</th>
                  <th class='number'>p50 ms</th>
                  <th class='number'>p99 ms</th>
                  <th class='number'>Errors %</th>
                  <th class='number'>Last 5 min</th>
                  <th>
                    <span class='aside'>Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {visible.map(line =>
                  line.kind === 'group'
                    ? (
                      <GroupHead key={`g ${line.group.name}`} {...line} />
                      )
                    : (
                      <EndpointRow key={`e ${line.group?.name ?? ''} ${line.row.i}`} row={line.row} />
                      )
                )}
                {lines.length > shown && (
                  <tr ref={end}>
                    <td colSpan={9} class='muted'>
                      …
                    </td>
                  </tr>
                )}
              </tbody>
            </table>
          </div>
          )}
    </section>
  )
}

function GroupHead ({ group, ready, all }: { group: LiveGroup; ready: number; all: readonly LiveEndpoint[] }) {
  const { sessions } = group
  return (
    <tr class='group'>
      <th colSpan={9} scope='rowgroup'>
        <a href={linkTo('groups', group.name)}>
          <b>{group.name}</b>
        </a>
        <span class='bar' aria-hidden='true'>
          {all.slice(0, 24).map(each => (
            <i key={each.i} class={`state-${glyphOf(each)}`} />
          ))}
        </span>
        <span class={ready === 0 ? 'bad' : ready < all.length ? 'warn' : 'muted'}>
          {ready} of {all.length} ready
        </span>
        <span class='muted'>
          {group.kind}
          {sessions !== null && ` · ${plural(sessions.bound, 'session')} bound`}
        </span>
      </th>
    </tr>
  )
}

function EndpointRow ({ row }: { row: Row }) {
  const endpoint = row.endpoint.value
  const traffic = row.traffic.value
  const glyph = glyphOf(endpoint)
  const { cause } = reasonOf(endpoint)
  return (
    <tr>
      <td>
        <a href={`#/?endpoint=${encodeURIComponent(endpoint.name)}`}>
          <b>{endpoint.name}</b>
        </a>
        {endpoint.name.includes(endpoint.address) ? undefined : <span class='muted address'>{endpoint.address}</span>}
      </td>
      <td class={`state-${glyph}`}>
        <StateIcon state={glyph} /> {WORDS[glyph]}
        {endpoint.retryAt !== null && <Countdown retryAt={endpoint.retryAt} />}
        {cause !== null && <p class='cause'>{cause}</p>}
      </td>
      <td class='number'>{traffic === undefined ? '–' : count(traffic.inFlight)}</td>
      <td class='number'>{traffic === undefined ? '–' : rate(traffic.requestsPerSecond)}</td>
      <td class='number'>{orDash(traffic?.p50 ?? null, rate)}</td>
      <td class='number'>{orDash(traffic?.p99 ?? null, rate)}</td>
      <td class={`number ${(traffic?.errors ?? 0) > 0 ? 'bad' : ''}`}>
        {traffic === undefined ? '–' : percent(traffic.errors)}
      </td>
      <td class='number'>
        <Sparkline values={traffic?.steps ?? []} label={`Requests to ${endpoint.name}, last 5 minutes`} />
      </td>
      <td>
        <EndpointMenu endpoint={endpoint} />
      </td>
    </tr>
  )
}

const Countdown = ({ retryAt }: { retryAt: number }) => (
  <b class='countdown' role='timer'>
    {countdown(retryAt - now.value)}
  </b>
)
