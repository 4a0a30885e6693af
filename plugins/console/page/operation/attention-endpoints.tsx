import type { LiveGroup } from '../../../admin/contract/live-protocol.js'
import { isOut, outageOf, type Attention, type Watched } from '../../model/attention.js'
import { clock, count, duration, ordinal, plural, shortCountdown } from '../../model/format.js'
import { pending, switchAll, switching } from './actions.js'
import { Actions, canBeTried } from './endpoint-menu.js'
import { StateIcon } from '../elements/icons.js'
import { ProxyLinks } from './name-links.js'
import { linkTo } from '../state/route.js'
import { ShareBar } from '../elements/share-bar.js'
import { endpointsIn, gateway, isConnected, journal, now, rowsByName } from '../state/store.js'

/** Endpoints and groups that need an operator. */

/** A group without a member that accepts messages. */
export function NoMemberItem ({ group, members }: Extract<Attention, { kind: 'noMember' }>) {
  const next = members.filter(({ retryAt }) => retryAt !== null).sort((a, b) => a.retryAt! - b.retryAt!)[0]
  const since = Math.max(...members.map(member => outageOf(member).since ?? 0))
  const { cause } = outageOf(next ?? members[0]!)
  const all = members.flatMap(({ name }) => rowsByName.value.get(name)?.endpoint.value ?? [])
  const tried = all.filter(canBeTried)
  return (
    <li class='state-noMember'>
      <StateIcon state='noMember' />
      <div>
        <b>{group.name}: no member available</b>{' '}
        <span class='muted'>
          {members.filter(isOut).length} of {members.length} out
        </span>
        <p>
          Clients{' '}
          {group.proxies.length > 0 && (
            <>
              of <ProxyLinks names={group.proxies} />{' '}
            </>
          )}
          get faults since {clock(since)} ({duration(now.value - since)}). {cause}.
        </p>
      </div>
      {next !== undefined && <Retry retryAt={next.retryAt!} duration={next.duration} what={`${next.name} is tried`} />}
      <div class='actions'>
        {isConnected.value && gateway.value?.mayChange === true && tried.length > 0 && (
          <button
            type='button'
            disabled={tried.some(({ name }) => switching.value.has(name))}
            onClick={() => {
              void switchAll(group.name, tried, 'on')
            }}
          >
            Try all now
          </button>
        )}
        <a class='button' href={linkTo('groups', group.name, 'members')}>
          Open
        </a>
      </div>
    </li>
  )
}

const KINDS = {
  timeout: 'failing',
  unhealthy: 'out by its health checks',
  suspended: 'suspended',
  'half-open': 'half-open: the next message tries it'
} as const

/** What becomes of sessions whose member is out. */
const BOUND = { strict: 'wait for it.', redispatch: 'move to another member with their next messages.' } as const

type EndpointAttention = Extract<Attention, { endpoint: unknown }>

/** An endpoint that is out, fails, or is half-open. */
export function EndpointItem ({ kind, endpoint, group }: EndpointAttention) {
  if (kind === 'draining') return null
  const row = rowsByName.value.get(endpoint.name)
  const sessions = row?.traffic.value?.sessions ?? 0
  const { cause, since } = outageOf(endpoint)
  return (
    <li class={`state-${kind}`}>
      <StateIcon state={kind} />
      <div>
        <b>
          {endpoint.name} is{' '}
          {kind === 'half-open' && endpoint.trialInFlight ? 'half-open: a message tries it' : KINDS[kind]}
        </b>
        {group !== undefined && <OfGroup group={group} />}
        <p>
          {cause === null ? '' : `${cause}.`}
          {since !== null && ` Since ${clock(since)} (${duration(now.value - since)}).`}
          {kind === 'suspended' && ` ${suspensionOf(endpoint)}`}
          {kind === 'timeout' && ` ${failuresLeft(endpoint)}`}
          {sessions > 0 && (
            <>
              {' '}
              <b>{plural(sessions, 'session')}</b> {BOUND[group?.onLost ?? 'strict']}
            </>
          )}
        </p>
      </div>
      {endpoint.retryAt !== null && kind !== 'half-open' && (
        <Retry retryAt={endpoint.retryAt} duration={endpoint.duration} what='a message tries it' />
      )}
      {row !== undefined && gateway.value?.mayChange === true && (
        <div class='actions'>
          <Actions endpoint={row.endpoint.value} isBrief />
        </div>
      )}
    </li>
  )
}

/** `Suspended for 20 s.`, `2nd suspension in a row, now for 40 s.` */
function suspensionOf ({ suspensionsInRow, duration: length }: Watched): string {
  if (length === null) return ''
  return suspensionsInRow > 1
    ? `${ordinal(suspensionsInRow)} suspension in a row, now for ${duration(length)}.`
    : `Suspended for ${duration(length)}.`
}

/** `2 more failures and it is suspended.` */
const failuresLeft = ({ retriesLeft }: Watched): string =>
  retriesLeft === null ? '' : `${plural(retriesLeft + 1, 'more failure')} and it is suspended.`

/** The group of an endpoint, and how many of it are ready. */
function OfGroup ({ group }: { group: LiveGroup }) {
  const all = endpointsIn(group)
  const ready = all.filter(each => each.ready).length
  return (
    <span class='muted'>
      {' '}
      <a href={linkTo('groups', group.name)}>{group.name}</a> · {ready} of {all.length} ready
    </span>
  )
}

/** How far a drain is, and what ends it when nothing is left. */
export function DrainingItem ({ endpoint, group }: EndpointAttention) {
  const row = rowsByName.value.get(endpoint.name)
  const { sessions = null, inFlight } = row?.traffic.value ?? {}
  const { since } = endpoint
  const began = journal.value.find(each => each.endpoint === endpoint.name && each.to === 'draining')?.sessions
  const ofAll = began !== undefined && began > 0 && sessions !== null && sessions <= began ? ` of ${count(began)}` : ''
  const isOver = inFlight === 0 && (sessions ?? 0) === 0
  return (
    <li class='state-draining'>
      <StateIcon state='draining' />
      <div>
        <b>{endpoint.name} is draining</b>
        {group !== undefined && <OfGroup group={group} />}
        <p>
          {sessions === null
            ? 'It accepts no new messages. '
            : `${count(sessions)}${ofAll} sessions remain${sessions === 0 ? '' : ', which it serves'}. `}
          {inFlight !== undefined && `${count(inFlight)} in flight. `}
          {since !== null && `Since ${clock(since)} (${duration(now.value - since)}).`}
        </p>
      </div>
      {ofAll !== '' && (
        <ShareBar
          role='progressbar'
          value={began! - (sessions ?? 0)}
          max={began!}
          label={`Sessions that have left ${endpoint.name}`}
        />
      )}
      {row !== undefined && gateway.value?.mayChange === true && (
        <div class='actions'>
          {isOver && isConnected.value
            ? (
              <button
                type='button'
                class='primary'
                onClick={() => {
                  pending.value = { status: 'off', name: endpoint.name, endpoints: [row.endpoint.value] }
                }}
              >
                Nothing is left: switch off…
              </button>
              )
            : <Actions endpoint={row.endpoint.value} />}
        </div>
      )}
    </li>
  )
}

interface RetryProps {
  readonly retryAt: number
  readonly duration: number | null
  /** What happens then. */
  readonly what: string
}

/** A ring that empties until the next retry. */
function Retry ({ retryAt, duration: length, what }: RetryProps) {
  const left = Math.max(0, retryAt - now.value)
  const share = length === null || length === 0 ? 0 : Math.min(1, left / length)
  return (
    <div class='retry' role='timer'>
      <span class='ring'>
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
        <b>{shortCountdown(left)}</b>
      </span>
      <span>
        {what}
        <br />
        at {clock(retryAt)}
      </span>
    </div>
  )
}
