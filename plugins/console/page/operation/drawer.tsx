import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { outageOf } from '../../model/attention.js'
import { eventSentence } from '../../model/event-sentence.js'
import { clock, count, duration, orDash, percent, plural, rate } from '../../model/format.js'
import type { LiveEndpoint } from '../../../admin/contract/live-protocol.js'
import type { FilePosition } from '../../../../lib/explain/file-position.js'
import { stateTimelines } from '../../model/state-timelines.js'
import { ladderOf, stepOf } from '../../model/suspension-ladder.js'
import { api } from '../state/api.js'
import { Actions } from './endpoint-menu.js'
import { StateTimelines } from './events.js'
import { isTypedIn } from '../elements/focus.js'
import { glyphOf, Icon, StateIcon, WORDS } from '../elements/icons.js'
import { NameLinks } from './name-links.js'
import { SourceName } from './source-link.js'
import { Failures, type FailuresProps } from './failures.js'
import { linkTo, route, setQuery } from '../state/route.js'
import { Sparkline } from '../elements/sparkline.js'
import { endpoints, journal, now, rowsByName } from '../state/store.js'
import { UnknownName } from './unknown-name.js'

interface Detail extends FailuresProps {
  readonly groups: readonly string[]
  readonly suspension: Readonly<Record<string, unknown>>
  readonly responses: number
  readonly failures: number
  readonly at: FilePosition | null
}

/** Failures are read again this often while the drawer is open. */
const READ_MS = 3_000

const NOUNS: Readonly<Record<string, string>> = {
  initialDuration: 'First suspension, ms',
  progressionFactor: 'Factor of each further one',
  maximumDuration: 'Longest suspension, ms',
  retriesBeforeSuspension: 'Failures tolerated before suspension',
  retryDelay: 'Delay between these, ms'
}

/** One endpoint in detail, over whichever page is open. */
export function Drawer () {
  const { endpoint: name } = route.value
  const row = name === undefined ? undefined : rowsByName.value.get(name)
  const [detail, setDetail] = useState<Detail>()
  const state = row?.endpoint.value.state
  useEffect(() => {
    if (name === undefined) return
    const read = (): void => {
      if (document.hidden) return
      api<Detail>(`endpoints/${encodeURIComponent(name)}`).then(setDetail, () => setDetail(undefined))
    }
    read()
    const timer = setInterval(read, READ_MS)
    return () => clearInterval(timer)
  }, [name, state])
  if (name === undefined) return null
  const close = (): void => setQuery({ endpoint: undefined })
  if (row === undefined) {
    return (
      <Frame key={name} title={name} onClose={close}>
        <UnknownName kind='endpoint' name={name} known={endpoints.value.map(each => each.name)} />
      </Frame>
    )
  }
  const endpoint = row.endpoint.value
  const traffic = row.traffic.value
  const { cause, since } = outageOf(endpoint)
  const entries = journal.value.filter(entry => entry.endpoint === name).slice(0, 12)
  return (
    <Frame key={name} title={name} onClose={close}>
      <p class={`state-${glyphOf(endpoint)}`}>
        <StateIcon state={glyphOf(endpoint)} /> <b>{WORDS[glyphOf(endpoint)]}</b>
        {since !== null && ` since ${clock(since)} (${duration(now.value - since)})`}
      </p>
      {cause !== null && <p>{cause}</p>}
      <div class='actions'>
        <Actions endpoint={endpoint} />
      </div>
      <dl>
        <div>
          <dt>Address</dt>
          <dd>{endpoint.address}</dd>
        </div>
        {detail !== undefined && detail.at !== null && (
          <div>
            <dt>Configured in</dt>
            <dd>
              <SourceName position={detail.at} />
            </dd>
          </div>
        )}
        <div>
          <dt>Groups</dt>
          <dd>{detail === undefined ? '–' : <GroupLinks names={detail.groups} />}</dd>
        </div>
        <div>
          <dt>In flight</dt>
          <dd>{traffic === undefined ? '–' : count(traffic.inFlight)}</dd>
        </div>
        <div>
          <dt>Sessions</dt>
          <dd>{orDash(traffic?.sessions ?? null, count)}</dd>
        </div>
        <div>
          <dt>Requests per second</dt>
          <dd>{traffic === undefined ? '–' : rate(traffic.requestsPerSecond)}</dd>
        </div>
        <div>
          <dt>p50, p99 (ms)</dt>
          <dd>
            {orDash(traffic?.p50 ?? null, rate)}, {orDash(traffic?.p99 ?? null, rate)}
          </dd>
        </div>
        <div>
          <dt>Errors</dt>
          <dd>{traffic === undefined ? '–' : `${percent(traffic.errors)} %`}</dd>
        </div>
        {detail !== undefined && (
          <div>
            <dt>Since the start</dt>
            <dd>
              {plural(detail.responses, 'response')}, {plural(detail.failures, 'failure')}
            </dd>
          </div>
        )}
        {Object.entries(NOUNS).map(([key, noun]) =>
          detail?.suspension[key] === undefined
            ? undefined
            : (
              <div key={key}>
                <dt>{noun}</dt>
                <dd>{String(detail.suspension[key])}</dd>
              </div>
              )
        )}
      </dl>
      {detail !== undefined && <SuspensionLadder policy={detail.suspension} endpoint={endpoint} />}
      {detail !== undefined && <Failures {...detail} />}
      {traffic !== undefined && (
        <>
          <h3>Requests, last 5 minutes</h3>
          <Sparkline values={traffic.steps} seconds={5} label={`Requests to ${name}`} />
        </>
      )}
      <h3>States, last hour</h3>
      <StatesOf name={name} />
      <h3>Events</h3>
      {entries.length === 0
        ? (
          <p class='muted'>No events since the gateway started.</p>
          )
        : (
          <ul class='events'>
            {entries.map(entry => (
              <li key={entry.sequence}>
                <time>{clock(entry.at)}</time> {eventSentence(entry)}
              </li>
            ))}
          </ul>
          )}
    </Frame>
  )
}

const GroupLinks = ({ names }: { names: readonly string[] }) =>
  names.length === 0
    ? <>none</>
    : <NameLinks names={names} hrefOf={name => linkTo('groups', name, 'members')} />

const HOUR_MS = 3_600_000

function StatesOf ({ name }: { name: string }) {
  const start = now.value - HOUR_MS
  const timelines = stateTimelines(journal.value, start, now.value).filter(({ endpoint }) => endpoint === name)
  return timelines.length === 0
    ? <p class='muted'>It has not changed.</p>
    : <StateTimelines timelines={timelines} start={start} end={now.value} />
}

/** Longer suspensions than this are "no limit". */
const NO_LIMIT_MS = 2 ** 50

/** How long each suspension in a row is, and at which one the endpoint is. */
function SuspensionLadder ({ policy, endpoint }: { policy: Detail['suspension']; endpoint: LiveEndpoint }) {
  const text = (key: string): string | undefined => (policy[key] === undefined ? undefined : String(policy[key]))
  const maximum = Number(policy['maximumDuration'] ?? Infinity)
  const ladder = ladderOf(
    text('initialDuration'),
    text('progressionFactor'),
    maximum > NO_LIMIT_MS ? undefined : String(maximum)
  )
  if (ladder === undefined || (ladder.steps[0] ?? 0) > NO_LIMIT_MS) return null
  const at = endpoint.duration === null ? undefined : stepOf(ladder, endpoint.duration)
  return (
    <>
      <h3>Suspensions in a row</h3>
      <ol class='ladder'>
        {ladder.steps.map((length, index) => (
          <li key={length} aria-current={index === at ? 'step' : undefined}>
            {duration(length)}
          </li>
        ))}
      </ol>
      <p class='muted'>
        {ladder.then === 'longest' ? 'No further one is longer.' : ladder.then === 'each' ? 'All are as long.' : ''}
        {at !== undefined && ` Now: number ${at + 1}${at === ladder.steps.length - 1 ? ' or later' : ''}.`}
      </p>
    </>
  )
}

/** Takes the focus unless the operator types meanwhile, and gives it back if it still has it. */
function Frame ({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const frame = useRef<HTMLElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    const before = document.activeElement
    const drawer = frame.current
    if (!isTypedIn(before)) heading.current?.focus({ preventScroll: true })
    const onKey = ({ key, defaultPrevented }: KeyboardEvent): void => {
      if (key !== 'Escape' || defaultPrevented) return
      if (document.querySelector('dialog[open], :popover-open') === null) onClose()
    }
    addEventListener('keydown', onKey)
    return () => {
      removeEventListener('keydown', onKey)
      const hasFocus = drawer?.contains(document.activeElement) === true
      if (hasFocus && before instanceof HTMLElement && before !== document.body) before.focus({ preventScroll: true })
    }
  }, [])
  return (
    <aside ref={frame} class='drawer' aria-label={title}>
      <header>
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <button type='button' class='plain' aria-label='Close' onClick={onClose}>
          <Icon name='close' />
        </button>
      </header>
      {children}
    </aside>
  )
}
