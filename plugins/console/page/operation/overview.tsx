import { headline, subline } from '../../model/attention.js'
import { count, orDash, percent, rate } from '../../model/format.js'
import { EndpointTable } from './endpoint-table.js'
import { NeedsAttention } from './needs-attention.js'
import { Sparkline } from '../elements/sparkline.js'
import { attention, endpoints, history, totals } from '../state/store.js'

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

/** Each second of the last five minutes is known; the greatest of each five is drawn. */
const CHART = { length: 300, seconds: 1, perPoint: 5 } as const

function Totals () {
  const total = totals.value
  const past = history.value
  const tile = (label: string, value: string, unit: string, values: readonly number[], least: number) => (
    <div class='tile'>
      <span class='label'>{label}</span>
      <span>
        <b>{value}</b> {unit}
      </span>
      <Sparkline {...CHART} values={values} least={least} label={label} tone={label === 'Errors' ? 'bad' : 'normal'} />
    </div>
  )
  return (
    <div class='tiles'>
      {tile(
        'Requests',
        total === undefined ? '–' : rate(total.requestsPerSecond),
        '/s',
        past.map(each => each.requestsPerSecond),
        1
      )}
      {tile(
        'Errors',
        total === undefined ? '–' : percent(total.errors),
        '%',
        past.map(each => each.errors),
        0.05
      )}
      {tile(
        'p99',
        total === undefined ? '–' : orDash(total.p99, rate),
        'ms',
        past.map(each => each.p99 ?? 0),
        10
      )}
      {tile(
        'In flight',
        total === undefined ? '–' : count(total.inFlight),
        '',
        past.map(each => each.inFlight),
        10
      )}
      {tile(
        'Sessions',
        total === undefined ? '–' : count(total.sessions),
        '',
        past.map(each => each.sessions),
        10
      )}
    </div>
  )
}
