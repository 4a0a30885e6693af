import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { LiveEndpoint, LiveGroup } from '../../admin/live-protocol.js'
import { isOut, reasonOf } from '../model/attention.js'
import { count, countdown, orDash, percent, plural, rate } from '../model/format.js'
import { windowOf, type RowWindow } from '../model/row-window.js'
import { watchRows } from './connection.js'
import { EndpointMenu } from './endpoint-menu.js'
import { GroupReadiness } from './group-readiness.js'
import { glyphOf, StateIcon, WORDS } from './icons.js'
import { linkTo, route, setQuery } from './route.js'
import { Sparkline } from './sparkline.js'
import { endpoints, groups, now, rows, rowsByName, type Row } from './store.js'

/** Up to so many rows, all are drawn: the search of the browser finds them. */
const ALL_DRAWN = 60
const COLUMNS = 9

/** Rows of the table: heads of groups with their members, then endpoints without a group. */
type Line =
  | { readonly kind: 'group'; readonly group: LiveGroup }
  | { readonly kind: 'endpoint'; readonly row: Row; readonly group: LiveGroup | undefined }

function linesOf (wanted: (endpoint: LiveEndpoint) => boolean): Line[] {
  const grouped = new Set<string>()
  const lines: Line[] = []
  for (const group of groups.value) {
    const own = group.members.flatMap(member => rowsByName.value.get(member) ?? [])
    for (const row of own) grouped.add(row.endpoint.value.name)
    const shown = own.filter(row => wanted(row.endpoint.value))
    if (shown.length === 0) continue
    lines.push({ kind: 'group', group })
    const sorted = shown.toSorted((a, b) => Number(isOut(b.endpoint.value)) - Number(isOut(a.endpoint.value)))
    for (const row of sorted) lines.push({ kind: 'endpoint', row, group })
  }
  for (const row of rows.value) {
    const { name } = row.endpoint.value
    if (!grouped.has(name) && wanted(row.endpoint.value)) lines.push({ kind: 'endpoint', row, group: undefined })
  }
  return lines
}

/** All groups and endpoints. Of a long table only the rows around what is seen are drawn. */
export function EndpointTable () {
  const { query } = route.value
  const [text, onlyOut] = [(query.get('q') ?? '').toLowerCase(), query.get('state') === 'out']
  const lines = linesOf(
    ({ name, address, state }) =>
      (!onlyOut || state !== 'active') && `${name} ${address}`.toLowerCase().includes(text)
  )
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
          <Table lines={lines} />
          )}
    </section>
  )
}

function Table ({ lines }: { lines: readonly Line[] }) {
  const isLong = lines.length > ALL_DRAWN
  const body = useRef<HTMLTableSectionElement>(null)
  const seen = useSeenRows(body, lines.length)
  const { from, to, above, below } = isLong ? seen : { from: 0, to: lines.length, above: 0, below: 0 }
  const drawn = lines.slice(from, to)
  watchRows(drawn.flatMap(line => (line.kind === 'endpoint' ? [line.row.endpoint.value.name] : [])))
  return (
    <div class='card scroll' tabIndex={0}>
      <table class={isLong ? 'long' : ''} aria-rowcount={lines.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
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
        <tbody ref={body}>
          <Gap height={above} />
          {drawn.map((line, at) =>
            line.kind === 'group'
              ? (
                <GroupHead key={`g ${line.group.name}`} group={line.group} index={from + at + 2} />
                )
              : (
                <EndpointRow key={`e ${line.group?.name ?? ''} ${line.row.i}`} row={line.row} index={from + at + 2} />
                )
          )}
          <Gap height={below} />
        </tbody>
      </table>
    </div>
  )
}

/** Stands for rows that are not drawn. */
const Gap = ({ height }: { height: number }) =>
  height === 0
    ? null
    : (
      <tr class='gap' aria-hidden='true'>
        <td colSpan={COLUMNS} style={{ height: `${height}px` }} />
      </tr>
      )

/** Which rows of a long table are near what is seen. All rows of it have the same height. */
function useSeenRows (body: { readonly current: HTMLElement | null }, count: number): RowWindow {
  const [seen, setSeen] = useState<RowWindow>(() => windowOf({ count, rowHeight: 0, top: 0, height: 0 }))
  const look = (): void => {
    const element = body.current
    if (element === null) return
    const rowHeight = element.querySelector<HTMLElement>('tr:not(.gap)')?.offsetHeight ?? 0
    const next = windowOf({ count, rowHeight, top: -element.getBoundingClientRect().top, height: innerHeight })
    setSeen(before =>
      before.from === next.from && before.to === next.to && before.below === next.below ? before : next
    )
  }
  useLayoutEffect(look, [count])
  useEffect(() => {
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    return () => {
      removeEventListener('scroll', look)
      removeEventListener('resize', look)
    }
  }, [count])
  return seen
}

function GroupHead ({ group, index }: { group: LiveGroup; index: number }) {
  const { sessions } = group
  return (
    <tr class='group' aria-rowindex={index}>
      <th colSpan={COLUMNS} scope='rowgroup'>
        <a href={linkTo('groups', group.name)}>
          <b>{group.name}</b>
        </a>
        <GroupReadiness group={group} />
        <span class='muted'>
          {group.kind}
          {sessions !== null && ` · ${plural(sessions.bound, 'session')} bound`}
        </span>
      </th>
    </tr>
  )
}

function EndpointRow ({ row, index }: { row: Row; index: number }) {
  const endpoint = row.endpoint.value
  const traffic = row.traffic.value
  const glyph = glyphOf(endpoint)
  const { cause } = reasonOf(endpoint)
  return (
    <tr aria-rowindex={index}>
      <td>
        <a href={`#/?endpoint=${encodeURIComponent(endpoint.name)}`}>
          <b>{endpoint.name}</b>
        </a>
        {endpoint.name.includes(endpoint.address) ? undefined : <span class='muted address'>{endpoint.address}</span>}
      </td>
      <td class={`state-${glyph}`}>
        <StateIcon state={glyph} /> {WORDS[glyph]}
        {endpoint.retryAt !== null && glyph !== 'half-open' && <Countdown retryAt={endpoint.retryAt} />}
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
