import { reasonOf, type Attention, type RecordingEnd } from '../model/attention.js'
import { clock, countdown, duration } from '../model/format.js'
import { Actions } from './endpoint-menu.js'
import { Icon, StateIcon } from './icons.js'
import { stopRecording } from './recording.js'
import { linkTo } from './route.js'
import { attention, now, rowsByName } from './store.js'

const MOST_ATTENTION = 6
const MOST_PROXIES = 3

/** What needs an operator, the worst first. */
export function NeedsAttention () {
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

function keyOf (each: Attention): string {
  if (each.kind === 'recording') return each.kind
  return `${each.kind} ${each.kind === 'noMember' ? each.group.name : each.endpoint.name}`
}

function AttentionItem ({ attention: each }: { attention: Attention }) {
  if (each.kind === 'recording') return <RecordingItem {...each.recording} />
  return each.kind === 'noMember' ? <NoMemberItem {...each} /> : <EndpointItem {...each} />
}

function RecordingItem ({ endsAt, by }: RecordingEnd) {
  return (
    <li class='state-recording'>
      <Icon name='messages' />
      <div>
        <b>Messages are recorded</b>
        <p>
          {by !== null && `Started by ${by}. `}
          {endsAt !== null && (
            <>
              Ends at {clock(endsAt)} (<span role='timer'>{countdown(endsAt - now.value)}</span> left).
            </>
          )}
        </p>
      </div>
      <div class='actions'>
        <button
          type='button'
          onClick={() => {
            void stopRecording()
          }}
        >
          Stop recording
        </button>
      </div>
    </li>
  )
}

function NoMemberItem ({ group, members }: Extract<Attention, { kind: 'noMember' }>) {
  const next = members.filter(({ retryAt }) => retryAt !== null).sort((a, b) => a.retryAt! - b.retryAt!)[0]
  const since = Math.max(...members.map(member => reasonOf(member).since ?? 0))
  const { cause } = reasonOf(next ?? members[0]!)
  return (
    <li class='state-noMember'>
      <StateIcon state='noMember' />
      <div>
        <b>{group.name}: no member available</b>
        <p>
          Clients get faults since {clock(since)} ({duration(now.value - since)}). {cause}.
          {group.proxies.length > 0 && (
            <>
              {' '}
              Used by <ProxyLinks names={group.proxies} />.
            </>
          )}
        </p>
      </div>
      {next !== undefined && <Retry retryAt={next.retryAt!} duration={next.duration} />}
    </li>
  )
}

/** `A, B, C and 2 more`. */
function ProxyLinks ({ names }: { names: readonly string[] }) {
  return (
    <>
      {names.slice(0, MOST_PROXIES).map((name, index) => (
        <span key={name}>
          {index > 0 && ', '}
          <a href={linkTo('proxies', name)}>{name}</a>
        </span>
      ))}
      {names.length > MOST_PROXIES && ` and ${names.length - MOST_PROXIES} more`}
    </>
  )
}

const KINDS = {
  timeout: 'failing',
  unhealthy: 'out by its health checks',
  suspended: 'suspended',
  'half-open': 'half-open: the next message tries it',
  draining: 'draining'
} as const

function EndpointItem ({ kind, endpoint, group }: Exclude<Attention, { kind: 'noMember' | 'recording' }>) {
  const row = rowsByName.value.get(endpoint.name)
  const { cause, since } = reasonOf(endpoint)
  return (
    <li class={`state-${kind}`}>
      <StateIcon state={kind} />
      <div>
        <b>
          {endpoint.name} is{' '}
          {kind === 'half-open' && endpoint.trialInFlight ? 'half-open: a message tries it' : KINDS[kind]}
        </b>
        {group !== undefined && <span class='muted'> {group.name}</span>}
        <p>
          {cause === null ? (kind === 'draining' ? 'Serves bound sessions only.' : '') : `${cause}.`}
          {since !== null && ` Since ${clock(since)} (${duration(now.value - since)}).`}
        </p>
      </div>
      {endpoint.retryAt !== null && kind !== 'half-open' && (
        <Retry retryAt={endpoint.retryAt} duration={endpoint.duration} />
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
function Retry ({ retryAt, duration: length }: { retryAt: number; duration: number | null }) {
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
        retry at {clock(retryAt)}
      </span>
    </div>
  )
}
