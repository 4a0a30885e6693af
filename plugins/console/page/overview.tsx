import { headline, subline, type Attention, reasonOf } from '../model/attention.js'
import { clock, count, countdown, duration, orDash, percent, rate } from '../model/format.js'
import { Actions } from './endpoint-menu.js'
import { EndpointTable } from './endpoint-table.js'
import { StateIcon } from './icons.js'
import { Sparkline } from './sparkline.js'
import { attention, endpoints, history, now, rowsByName, totals } from './store.js'

const MOST_ATTENTION = 6
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
      <EndpointTable />
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
