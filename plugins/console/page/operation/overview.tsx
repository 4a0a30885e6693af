import type { Numbers } from '../../../admin/contract/live-protocol.js'
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

type Total = Numbers['total']

interface Tile {
  readonly label: string
  readonly shown: (total: Total) => string
  readonly unit: string
  /** The value that its chart draws. */
  readonly drawn: (total: Total) => number
  /** The least value that fills the height of its chart. */
  readonly least: number
  readonly tone?: 'normal' | 'bad'
}

const TILES: readonly Tile[] = [
  {
    label: 'Requests',
    shown: ({ requestsPerSecond }) => rate(requestsPerSecond),
    unit: '/s',
    drawn: ({ requestsPerSecond }) => requestsPerSecond,
    least: 1
  },
  {
    label: 'Errors',
    shown: ({ errors }) => percent(errors),
    unit: '%',
    drawn: ({ errors }) => errors,
    least: 0.05,
    tone: 'bad'
  },
  { label: 'p99', shown: ({ p99 }) => orDash(p99, rate), unit: 'ms', drawn: ({ p99 }) => p99 ?? 0, least: 10 },
  {
    label: 'In flight',
    shown: ({ inFlight }) => count(inFlight),
    unit: '',
    drawn: ({ inFlight }) => inFlight,
    least: 10
  },
  {
    label: 'Sessions',
    shown: ({ sessions }) => count(sessions),
    unit: '',
    drawn: ({ sessions }) => sessions,
    least: 10
  }
]

function Totals () {
  const total = totals.value
  const past = history.value
  return (
    <div class='tiles'>
      {TILES.map(({ label, shown, unit, drawn, least, tone = 'normal' }) => (
        <div key={label} class='tile'>
          <span class='label'>{label}</span>
          <span>
            <b>{total === undefined ? '–' : shown(total)}</b> {unit}
          </span>
          <Sparkline {...CHART} values={past.map(drawn)} least={least} label={label} tone={tone} />
        </div>
      ))}
    </div>
  )
}
