import { Component } from 'preact'
import { useState } from 'preact/hooks'
import type { JournalEntry } from '../../../admin/contract/live-protocol.js'
import { eventSentence } from '../../model/event-sentence.js'
import { clock, duration, plural } from '../../model/format.js'
import { stateTimelines, type StateTimeline } from '../../model/state-timelines.js'
import { copyText } from '../elements/copy-text.js'
import { Icon, WORDS } from '../elements/icons.js'
import { ShowMore, STEP } from '../elements/show-more.js'
import { route, setQuery } from '../state/route.js'
import { journal, now } from '../state/store.js'

const HOURS = [1, 6, 24] as const
const KINDS = [
  ['state', 'States'],
  ['switch', 'Switches by hand'],
  ['session', 'Sessions'],
  ['reload', 'Reloads'],
  ['unconfirmed', 'Unconfirmed configurations'],
  ['recording', 'Recordings'],
  ['try', 'Messages tried'],
  ['members', 'Members'],
  ['store', 'Session store'],
  ['start', 'Starts']
] as const
const LEVELS = [
  ['warn', 'Warnings and errors'],
  ['error', 'Errors']
] as const
const RANK = { info: 0, warn: 1, error: 2 } as const
const MAX_TIMELINES = 30

/** What has happened, newest first; above it, the states of each endpoint that changed. */
export function Events () {
  const { query } = route.value
  const text = (query.get('q') ?? '').toLowerCase()
  const [kind, level, of] = [query.get('kind'), query.get('level') ?? 'info', query.get('of')]
  const rank = RANK[level as keyof typeof RANK] ?? 0
  const entries = journal.value.filter(
    entry =>
      entry.text.toLowerCase().includes(text) &&
      (kind === null || entry.kind === kind) &&
      (of === null || entry.endpoint === of) &&
      RANK[entry.level] >= rank
  )
  return (
    <>
      <div class='section-head'>
        <h1 tabIndex={-1}>Events</h1>
        <input
          type='search'
          placeholder='Filter'
          aria-label='Filter events'
          value={query.get('q') ?? ''}
          onInput={event => setQuery({ q: event.currentTarget.value })}
        />
        <Choice name='kind' label='Kind' all='All kinds' options={KINDS} />
        <Choice name='level' label='Level' all='All levels' options={LEVELS} />
        {of !== null && (
          <button type='button' class='chip' aria-pressed='true' onClick={() => setQuery({ of: undefined })}>
            {of} <Icon name='close' />
          </button>
        )}
        <button
          type='button'
          onClick={() => {
            void copyText(
              entries.map(entry => `${new Date(entry.at).toISOString()} ${eventSentence(entry)}`).join('\n'),
              'Copied.'
            )
          }}
        >
          Copy as text
        </button>
      </div>
      <States of={of === null ? undefined : [of]} />
      <EntryList entries={entries} />
    </>
  )
}

/** What has happened to a group and its endpoints. @param names of these */
export function EventsOf ({ names }: { names: readonly string[] }) {
  const wanted = new Set(names)
  const isAbout = ({ endpoint, text }: JournalEntry): boolean =>
    endpoint === undefined ? names.some(name => text.includes(name)) : wanted.has(endpoint)
  return (
    <>
      <States of={names} />
      <EntryList entries={journal.value.filter(isAbout)} />
    </>
  )
}

function EntryList ({ entries }: { entries: readonly JournalEntry[] }) {
  const [limit, setLimit] = useState(STEP)
  if (entries.length === 0) {
    return (
      <p class='card empty'>
        {journal.value.length === 0
          ? 'Nothing has happened since the gateway started.'
          : 'No event matches the filter.'}
      </p>
    )
  }
  return (
    <div class='card'>
      <ul class='events'>
        {entries.slice(0, limit).map(entry => (
          <EntryRow key={entry.sequence} entry={entry} />
        ))}
      </ul>
      <ShowMore count={entries.length} limit={limit} show={setLimit} />
    </div>
  )
}

/** An entry never changes: it is drawn once. */
class EntryRow extends Component<{ readonly entry: JournalEntry }> {
  override shouldComponentUpdate ({ entry }: { readonly entry: JournalEntry }): boolean {
    return entry !== this.props.entry
  }

  override render ({ entry }: { readonly entry: JournalEntry }) {
    const { at, level, by, remote, missed } = entry
    return (
      <li class={`level-${level}`}>
        <time dateTime={new Date(at).toISOString()} title={new Date(at).toISOString()}>
          {clock(at)}
        </time>
        <span>{eventSentence(entry)}</span>
        {by !== undefined && <span class='muted'>said to be {by}</span>}
        {remote !== undefined && <span class='muted'>from {remote}</span>}
        {missed !== undefined && <span class='muted'>and {plural(missed, 'event')} before it</span>}
      </li>
    )
  }
}

/**
 * The states of each endpoint that changed in the window, as a component of its own: it is drawn each second.
 * @param of only these endpoints. Default: all
 */
function States ({ of }: { of: readonly string[] | undefined }) {
  const hours = Number(route.value.query.get('hours')) || 1
  const start = now.value - hours * 3_600_000
  const timelines = stateTimelines(journal.value, start, now.value).filter(
    ({ endpoint }) => of === undefined || of.includes(endpoint)
  )
  return (
    <section aria-labelledby='timelines'>
      <div class='section-head'>
        <h2 id='timelines'>States</h2>
        <div class='segments' role='group' aria-label='Window'>
          {HOURS.map(each => (
            <button
              key={each}
              type='button'
              aria-pressed={hours === each}
              onClick={() => setQuery({ hours: String(each) })}
            >
              {each} h
            </button>
          ))}
        </div>
      </div>
      {timelines.length === 0
        ? <p class='card empty'>No endpoint has changed its state in this time.</p>
        : <StateTimelines timelines={timelines} start={start} end={now.value} />}
    </section>
  )
}

interface ChoiceProps {
  readonly name: string
  readonly label: string
  readonly all: string
  readonly options: readonly (readonly [string, string])[]
}

const Choice = ({ name, label, all, options }: ChoiceProps) => (
  <select
    aria-label={label}
    value={route.value.query.get(name) ?? ''}
    onChange={event => setQuery({ [name]: event.currentTarget.value })}
  >
    <option value=''>{all}</option>
    {options.map(([value, shown]) => (
      <option key={value} value={value}>
        {shown}
      </option>
    ))}
  </select>
)

interface StateTimelinesProps {
  readonly timelines: readonly StateTimeline[]
  readonly start: number
  readonly end: number
}

/** A timeline for each endpoint: its states in a window of time. */
export function StateTimelines ({ timelines, start, end }: StateTimelinesProps) {
  const share = (instant: number): number => ((instant - start) / (end - start)) * 1000
  return (
    <ul class='card timelines'>
      {timelines.slice(0, MAX_TIMELINES).map(({ endpoint, spans }) => (
        <li key={endpoint}>
          <button type='button' class='plain' onClick={() => setQuery({ of: endpoint })}>
            {endpoint}
          </button>
          <svg viewBox='0 0 1000 10' preserveAspectRatio='none' role='img' aria-label={sentenceOf(spans)}>
            {spans.map(({ state, from, to }) => (
              <rect
                key={from}
                class={`span-${state}`}
                x={share(from)}
                width={Math.max(2, share(to) - share(from))}
                y={state === 'active' ? 3 : 0}
                height={state === 'active' ? 4 : 10}
              >
                <title>{`${WORDS[state]} from ${clock(from)} to ${clock(to)}`}</title>
              </rect>
            ))}
          </svg>
        </li>
      ))}
      {timelines.length > MAX_TIMELINES && <li class='muted'>and {timelines.length - MAX_TIMELINES} more</li>}
    </ul>
  )
}

/** The chart in words. */
const sentenceOf = (spans: StateTimeline['spans']): string =>
  spans.map(({ state, from, to }) => `${WORDS[state]} for ${duration(to - from)}`).join(', then ')
