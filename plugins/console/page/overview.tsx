import { headline, subline } from '../model/attention.js'
import { count, orDash, percent, rate } from '../model/format.js'
import { EndpointTable } from './endpoint-table.js'
import { NeedsAttention } from './needs-attention.js'
import { Sparkline } from './sparkline.js'
import { attention, endpoints, history, totals } from './store.js'

/** How bad it is, what exactly, and everything else. */
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
      <Sparkline values={values} length={300} seconds={1} label={label} tone={bad ? 'bad' : 'normal'} />
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
