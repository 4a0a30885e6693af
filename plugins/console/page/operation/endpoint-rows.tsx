import type { LiveGroup } from '../../../admin/contract/live-protocol.js'
import { outageOf } from '../../model/attention.js'
import { count, countdown, orDash, percent, plural, rate } from '../../model/format.js'
import { kindLabel } from '../../model/proxy-flow.js'
import type { Sort } from '../../model/table-lines.js'
import { EndpointMenu, GroupMenu } from './endpoint-menu.js'
import { GroupReadiness } from './group-readiness.js'
import { glyphOf, Icon, StateIcon, WORDS } from '../elements/icons.js'
import { ProxyLinks } from './name-links.js'
import { linkTo, setQuery } from '../state/route.js'
import { Sparkline } from '../elements/sparkline.js'
import { now, sessionsOf, type Row } from '../state/store.js'

export interface TableColumn {
  readonly label: string
  /** Undefined: it cannot be sorted by. */
  readonly sort?: Sort
}

/** The columns of the table; one with the actions follows. */
export const COLUMNS: readonly TableColumn[] = [
  { label: 'Endpoint', sort: 'name' },
  { label: 'State', sort: 'state' },
  { label: 'In flight', sort: 'inFlight' },
  { label: 'Sessions', sort: 'sessions' },
  { label: 'Req/s', sort: 'requestsPerSecond' },
  { label: 'p50 ms', sort: 'p50' },
  { label: 'p99 ms', sort: 'p99' },
  { label: 'Errors %', sort: 'errors' },
  { label: 'Last 5 min' }
]

/** How deep a line is in groups, as a class: deeper ones than three are drawn alike. */
const levelOf = (depth: number): string => (depth === 0 ? '' : `level-${Math.min(depth, 3)}`)

/** The head of a group. */
export function GroupHead ({ group, depth, index }: { group: LiveGroup; depth: number; index: number }) {
  const sessions = sessionsOf(group)
  return (
    <tr class='group' role='row' aria-rowindex={index}>
      <th colSpan={COLUMNS.length} scope='rowgroup' role='rowheader' class={levelOf(depth)}>
        <a href={linkTo('groups', group.name)}>
          <b>{group.name}</b>
        </a>
        <GroupReadiness group={group} />
        <span class='muted kind'>
          {kindLabel(group.kind)}
          {group.algorithmKind !== null && ` · ${kindLabel(group.algorithmKind)}`}
          {group.sessionKind !== null && ` · ${kindLabel(group.sessionKind)}`}
          {sessions !== undefined && ` · ${plural(sessions.bound, 'session')} bound`}
        </span>
        {group.proxies.length > 0 && (
          <span class='used-by'>
            <Icon name='proxies' />
            <span class='aside'>used by </span>
            <ProxyLinks names={group.proxies} />
          </span>
        )}
      </th>
      <td role='cell'>
        <GroupMenu group={group} />
      </td>
    </tr>
  )
}

/** One endpoint. */
export function EndpointRow ({ row, depth, index }: { row: Row; depth: number; index: number }) {
  const endpoint = row.endpoint.value
  const traffic = row.traffic.value
  const glyph = glyphOf(endpoint)
  const { cause } = outageOf(endpoint)
  return (
    <tr role='row' aria-rowindex={index}>
      <td role='cell' class={levelOf(depth)}>
        <a href={`#/?endpoint=${encodeURIComponent(endpoint.name)}`} onClick={openEndpoint(endpoint.name)}>
          <b>{endpoint.name}</b>
        </a>
        {endpoint.name.includes(endpoint.address)
          ? undefined
          : (
            <span class='muted address' title={endpoint.address}>
              {hostOf(endpoint.address)}
            </span>
            )}
      </td>
      <td role='cell' class={`state-${glyph}`}>
        <StateIcon state={glyph} /> <span class='word'>{WORDS[glyph]}</span>
        {endpoint.retryAt !== null && glyph !== 'half-open' && <Countdown retryAt={endpoint.retryAt} />}
        {cause !== null && <p class='cause'>{cause}</p>}
      </td>
      <td role='cell' class='number' data-label='In flight'>
        {traffic === undefined ? '–' : count(traffic.inFlight)}
      </td>
      <td role='cell' class='number' data-label='Sessions'>{orDash(traffic?.sessions ?? null, count)}</td>
      <td role='cell' class='number' data-label='Req/s'>
        {traffic === undefined ? '–' : rate(traffic.requestsPerSecond)}
      </td>
      <td role='cell' class='number' data-label='p50 ms'>{orDash(traffic?.p50 ?? null, rate)}</td>
      <td role='cell' class='number' data-label='p99 ms'>{orDash(traffic?.p99 ?? null, rate)}</td>
      <td role='cell' class={`number ${(traffic?.errors ?? 0) > 0 ? 'bad' : ''}`} data-label='Errors %'>
        {traffic === undefined ? '–' : percent(traffic.errors)}
      </td>
      <td role='cell' class='number chart'>
        <Sparkline
          values={traffic?.steps ?? []}
          seconds={5}
          label={`Requests to ${endpoint.name}`}
          tone={glyph === 'suspended' || glyph === 'unhealthy' ? 'bad' : 'normal'}
        />
      </td>
      <td role='cell'>
        <EndpointMenu endpoint={endpoint} />
      </td>
    </tr>
  )
}

/** Host and port of an address; the whole of what is no URL. The whole address is shown on hover and in the drawer. */
const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host || address : address)

/** Opens the drawer on the page that is shown: its filter stays. */
const openEndpoint = (name: string) => (event: MouseEvent): void => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  setQuery({ endpoint: name })
}

const Countdown = ({ retryAt }: { retryAt: number }) => (
  <b class='countdown' role='timer'>
    {countdown(retryAt - now.value)}
  </b>
)
