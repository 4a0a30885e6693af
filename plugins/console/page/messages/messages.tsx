import { useEffect, useState } from 'preact/hooks'
import type { AttemptView, MessageSummary, RecordingView } from '../../../admin/messages/message-views.js'
import { clockWithMs, count } from '../../model/format.js'
import { isFailed } from '../../../recording/failed-message.js'
import { FILTER_TERMS } from '../../model/message-filter.js'
import { Icon } from '../elements/icons.js'
import { MessageDetails } from './message-details.js'
import { RecordingState, StartForm } from './recording-bar.js'
import {
  changeRecording, failure, filterProblem, filterText, isFilterOn, listed, poll, setFilter, shown
} from './recording-store.js'
import { route, setQuery } from '../state/route.js'
import { gateway, recording } from '../state/store.js'

const POLL_MS = 1_000
/** Messages that are drawn at first, and with each further step. */
const STEP = 200

/** What each back-end received and responded, message by message. */
export default function MessagesPage () {
  const maySee = gateway.value?.maySee
  useEffect(() => {
    if (maySee !== true) return
    void poll()
    const timer = setInterval(() => {
      if (!document.hidden) void poll()
    }, POLL_MS)
    return () => clearInterval(timer)
  }, [maySee])
  const view = recording.value
  return (
    <>
      <div class='section-head'>
        <h1 tabIndex={-1}>Messages</h1>
        {view?.isRunning === true && <RecordingState view={view} />}
      </div>
      {maySee !== true && (
        <p class='card note'>
          <Icon name='key' /> {maySee}
        </p>
      )}
      {failure.value !== undefined && (
        <p class='card note warning' role='alert'>
          {failure.value}
        </p>
      )}
      {maySee === true &&
        view !== undefined &&
        (view.isRunning || view.count > 0 ? <Inspector view={view} /> : <StartForm />)}
    </>
  )
}

const CHIPS = [
  ['failed', 'Failed'],
  ['attempts:>1', 'Failed over'],
  ['status:5xx', 'Faults'],
  ['ms:>500', 'Slow']
] as const

function Inspector ({ view }: { view: RecordingView }) {
  const id = Number(route.value.query.get('id')) || undefined
  const all = shown.value
  const [limit, setLimit] = useState(STEP)
  return (
    <>
      <FilterBar view={view} />
      <div class='inspector card'>
        <MessageList
          messages={all.slice(0, limit)}
          chosen={id}
          onMore={all.length > limit ? () => setLimit(limit + STEP) : undefined}
        />
        {id === undefined
          ? <p class='empty muted'>Choose a message.</p>
          : <MessageDetails key={id} id={id} summary={listed.value.find(each => each.id === id)} />}
      </div>
    </>
  )
}

function FilterBar ({ view }: { view: RecordingView }) {
  const [isHelpOpen, setHelpOpen] = useState(false)
  const text = filterText.value
  const problem = filterProblem.value
  useEffect(() => {
    const toggle = (event: KeyboardEvent): void => {
      // The key, not its character: with Alt it writes another one on some keyboards.
      if (!event.altKey || event.code !== 'KeyF') return
      event.preventDefault()
      isFilterOn.value = !isFilterOn.value
    }
    addEventListener('keydown', toggle)
    return () => removeEventListener('keydown', toggle)
  }, [])
  return (
    <>
      <div class='section-head'>
        <input
          type='search'
          class='wide-input'
          aria-label='Filter messages'
          aria-invalid={problem !== undefined}
          aria-describedby='filter-problem'
          placeholder='proxy:Orders status:5xx attempts:>1 ms:>500'
          value={text}
          onInput={event => setFilter(event.currentTarget.value)}
        />
        <button
          type='button'
          aria-pressed={isFilterOn.value}
          aria-keyshortcuts='Alt+F'
          title='Alt F'
          onClick={() => {
            isFilterOn.value = !isFilterOn.value
          }}
        >
          Filter {isFilterOn.value ? 'on' : 'off'}
        </button>
        {CHIPS.map(([filter, label]) => (
          <button
            key={filter}
            type='button'
            class='chip'
            aria-pressed={text === filter}
            onClick={() => setFilter(text === filter ? '' : filter)}
          >
            {label}
          </button>
        ))}
        <button type='button' aria-expanded={isHelpOpen} onClick={() => setHelpOpen(!isHelpOpen)}>
          Help
        </button>
        <span class='muted'>{count(shown.value.length)} shown</span>
        {!view.isRunning && (
          <button
            type='button'
            onClick={() => {
              void changeRecording('DELETE', 'recording?clear')
            }}
          >
            Clear
          </button>
        )}
      </div>
      <p id='filter-problem' class={problem === undefined ? 'aside' : 'warning'} role='status'>
        {problem === undefined ? '' : `${problem} All messages are shown.`}
      </p>
      {isHelpOpen && (
        <dl class='card filter-help'>
          {FILTER_TERMS.map(([term, meaning]) => (
            <div key={term}>
              <dt>
                <code>{term}</code>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  )
}

interface MessageListProps {
  readonly messages: readonly MessageSummary[]
  readonly chosen: number | undefined
  /** Shows further messages; undefined: there are none. */
  readonly onMore: (() => void) | undefined
}

/** One stop for Tab: arrows go from message to message. */
function MessageList ({ messages, chosen, onMore }: MessageListProps) {
  const stop = messages.some(({ id }) => id === chosen) ? chosen : messages[0]?.id
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key]
    if (step === undefined || !(event.currentTarget instanceof HTMLElement)) return
    event.preventDefault()
    const buttons = [...event.currentTarget.querySelectorAll('button')]
    const at = buttons.findIndex(each => each === document.activeElement)
    buttons[Math.min(buttons.length - 1, Math.max(0, at + step))]?.focus()
  }
  return (
    <ul class='message-list' aria-label='Messages' onKeyDown={move}>
      {messages.length === 0 && <li class='empty muted'>No message matches.</li>}
      {messages.map(each => (
        <MessageLine key={each.id} message={each} isChosen={each.id === chosen} isStop={each.id === stop} />
      ))}
      {onMore !== undefined && (
        <li>
          <button type='button' tabIndex={-1} onClick={onMore}>
            <span />
            <span>Show {STEP} more</span>
          </button>
        </li>
      )}
    </ul>
  )
}

interface MessageLineProps {
  readonly message: MessageSummary
  readonly isChosen: boolean
  readonly isStop: boolean
}

function MessageLine ({ message, isChosen, isStop }: MessageLineProps) {
  const { id, at, proxy, method, operation, status, ms, attempts, worker } = message
  return (
    <li>
      <button
        type='button'
        tabIndex={isStop ? 0 : -1}
        aria-current={isChosen ? 'true' : undefined}
        onClick={() => setQuery({ id: String(id) })}
      >
        <time>{clockWithMs(at)}</time>
        <span>
          <b>{operation ?? method}</b> <span class='muted'>{proxy}</span>
          {worker !== null && <span class='muted'> · worker {worker}</span>}
          <span class='hops'>
            {attempts.length === 0
              ? (
                <span class='muted'>no endpoint</span>
                )
              : (
                  attempts.map((each, index) => <AttemptLabel key={`${index}`} attempt={each} isFirst={index === 0} />)
                )}
          </span>
        </span>
        <span class={isFailed({ ...message, attempts: [] }) ? 'bad number' : 'number'}>{status ?? 'left'}</span>
        <span class='number muted'>{ms === null ? '–' : `${Math.round(ms)} ms`}</span>
      </button>
    </li>
  )
}

const AttemptLabel = ({ attempt: { endpoint, outcome }, isFirst }: { attempt: AttemptView; isFirst: boolean }) => (
  <>
    {!isFirst && ' → '}
    {outcome === 'answered' || outcome === 'pending'
      ? (
        <span class='muted'>{endpoint}</span>
        )
      : (
        <span class='bad'>
          <Icon name='close' />
          <span class='aside'>failed: </span>
          <s>{endpoint}</s>
        </span>
        )}
  </>
)
