import type { GatewayStatus } from '../../../admin/contract/live-protocol.js'
import type { Attention, GatewayTrouble, RecordingEnd, RefusedReload } from '../../model/attention.js'
import { clock, count, countdown, percent, plural } from '../../model/format.js'
import { DrainingItem, EndpointItem, NoMemberItem } from './attention-endpoints.js'
import { Icon } from '../elements/icons.js'
import { stopRecording } from '../state/recording.js'
import { linkTo } from '../state/route.js'
import { attention, now } from '../state/store.js'

const MOST_ATTENTION = 6

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
  switch (each.kind) {
    case 'recording':
    case 'reload':
      return each.kind
    case 'gateway':
      return each.what
    case 'noMember':
      return `${each.kind} ${each.group.name}`
    default:
      return `${each.kind} ${each.endpoint.name}`
  }
}

function AttentionItem ({ attention: each }: { attention: Attention }) {
  switch (each.kind) {
    case 'recording':
      return <RecordingItem {...each.recording} />
    case 'reload':
      return <ReloadItem {...each.reload} />
    case 'gateway':
      return <GatewayItem {...each} />
    case 'noMember':
      return <NoMemberItem {...each} />
    case 'draining':
      return <DrainingItem {...each} />
    default:
      return <EndpointItem {...each} />
  }
}

function ReloadItem ({ at, reason, problems, runsSince }: RefusedReload) {
  return (
    <li class='state-timeout'>
      <Icon name='configuration' />
      <div>
        <b>The last reload was refused</b> <span class='muted'>{reason}</span>
        <p>
          {problems > 0 && `${plural(problems, 'problem')}, `}at {clock(at)}. What was read at {clock(runsSince)} runs.
        </p>
      </div>
      <div class='actions'>
        <a class='button' href={linkTo('configuration')}>
          Show the problems
        </a>
      </div>
    </li>
  )
}

const TROUBLES: Readonly<Record<GatewayTrouble, readonly [title: string, text: (of: GatewayStatus) => string]>> = {
  store: [
    'Sessions are not shared: the session store does not respond',
    ({ store }) => {
      const since = store?.since == null ? '' : ` since ${clock(store.since)}`
      const cause = store?.cause == null ? '' : ` ${store.cause}.`
      const times = plural(store?.fallbacks ?? 0, 'time')
      return `This gateway uses its own tables${since}: ${times} since the start.${cause}`
    }
  ],
  evicted: [
    'Sessions are evicted before they end',
    ({ evicted }) => `${count(evicted)} in the last minute: there are more than the limit, or clients invent ids.`
  ],
  denied: [
    'Bodies have no room in the buffers',
    ({ denied }) => `${count(denied)} in the last minute: such a message is not sent again where an endpoint fails.`
  ],
  busy: ['The gateway is busy', ({ busy }) => `Its process has worked for ${percent(busy)} % of the last minute.`]
}

function GatewayItem ({ what, gateway }: Extract<Attention, { kind: 'gateway' }>) {
  const [title, text] = TROUBLES[what]
  return (
    <li class='state-timeout'>
      <Icon name='warning' />
      <div>
        <b>{title}</b>
        <p>{text(gateway)}</p>
      </div>
    </li>
  )
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
