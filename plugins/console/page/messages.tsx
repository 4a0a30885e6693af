import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import type { AttemptView, MessageDetail, MessageSummary, RecordingView } from '../../admin/message-views.js'
import { clock, count, countdown, plural } from '../model/format.js'
import { isFailed, messageFilter } from '../model/message-filter.js'
import { reasonsOf } from '../model/message-story.js'
import { api } from './connection.js'
import { messageOf } from './configuration-store.js'
import { Icon } from './icons.js'
import { route, setQuery } from './route.js'
import { gateway, now } from './store.js'
import { Reading } from './reading.js'

const POLL_MS = 1_000
const MAX_SHOWN = 200
const recording = signal<RecordingView | undefined>(undefined)
const messages = signal<readonly MessageSummary[]>([])
const failure = signal<string | undefined>(undefined)
const isPaused = signal(false)

async function poll (): Promise<void> {
  try {
    const after = messages.value[0]?.id ?? 0
    const path = `messages?after=${after}`
    const { recording: view, list } = await api<{ recording: RecordingView; list: readonly MessageSummary[] }>(path)
    recording.value = view
    failure.value = undefined
    if (view.count === 0) messages.value = []
    else if (!isPaused.value && list.length > 0) messages.value = [...list, ...messages.value].slice(0, 2_000)
  } catch (error) {
    failure.value = messageOf(error)
  }
}

async function change (method: 'POST' | 'DELETE', path: string, body?: object): Promise<void> {
  try {
    recording.value = await api<RecordingView>(path, method, body)
    if (path.includes('clear')) messages.value = []
  } catch (error) {
    failure.value = messageOf(error)
  }
}

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

function RecordingState ({ view }: { view: RecordingView }) {
  return (
    <>
      <span class='recording'>
        <b class='bad'>Recording</b> <span role='timer'>{countdown((view.endsAt ?? 0) - now.value)} left</span>{' '}
        <span class='muted'>
          {count(view.count)} of {count(view.limit)}
          {view.dropped > 0 ? ` · ${count(view.dropped)} not kept` : ''}
        </span>
      </span>
      <button
        type='button'
        aria-pressed={isPaused.value}
        onClick={() => {
          isPaused.value = !isPaused.value
        }}
      >
        {isPaused.value ? 'Continue the list' : 'Pause the list'}
      </button>
      <button
        type='button'
        onClick={() => {
          void change('DELETE', 'recording')
        }}
      >
        Stop
      </button>
    </>
  )
}

/** Its form is the confirmation: for how long, which, and what is kept. */
function StartForm () {
  const [minutes, setMinutes] = useState('5')
  const [only, setOnly] = useState('all')
  return (
    <form
      class='card start stack'
      onSubmit={event => {
        event.preventDefault()
        void change('POST', 'recording', { minutes: Number(minutes), only })
      }}
    >
      <h2>Nothing is recorded</h2>
      <p class='muted'>
        A recording keeps the heads of requests and responses and each attempt at an endpoint, in the memory of the
        gateway: at most 2,000 messages, 200 a second. Bodies are not kept; values of headers that may be secret are
        hidden before they are kept. It stops by itself.
      </p>
      <div class='fields'>
        <label>
          For
          <select value={minutes} onChange={event => setMinutes(event.currentTarget.value)}>
            {['5', '15', '60'].map(each => (
              <option key={each} value={each}>
                {each} min
              </option>
            ))}
          </select>
        </label>
        <label>
          Which messages
          <select value={only} onChange={event => setOnly(event.currentTarget.value)}>
            <option value='all'>all</option>
            <option value='failed'>those that failed over, got a fault, or whose client left</option>
          </select>
        </label>
      </div>
      <div class='actions'>
        <button class='primary'>Start recording</button>
      </div>
    </form>
  )
}

const CHIPS = [
  ['failed', 'Failed'],
  ['attempts:>1', 'Failed over'],
  ['status:5xx', 'Faults'],
  ['ms:>500', 'Slow']
] as const

function Inspector ({ view }: { view: RecordingView }) {
  const text = route.value.query.get('q') ?? ''
  const id = Number(route.value.query.get('id')) || undefined
  const all = messages.value.filter(messageFilter(text))
  return (
    <>
      <div class='section-head'>
        <input
          type='search'
          class='wide-input'
          aria-label='Filter messages'
          placeholder='proxy:Orders status:5xx attempts:>1 ms:>500'
          value={text}
          onInput={event => setQuery({ q: event.currentTarget.value })}
        />
        {CHIPS.map(([filter, label]) => (
          <button
            key={filter}
            type='button'
            class='chip'
            aria-pressed={text === filter}
            onClick={() => setQuery({ q: text === filter ? undefined : filter })}
          >
            {label}
          </button>
        ))}
        <span class='muted'>{count(all.length)} shown</span>
        {!view.isRunning && (
          <button
            type='button'
            onClick={() => {
              void change('DELETE', 'recording?clear')
            }}
          >
            Clear
          </button>
        )}
      </div>
      <div class='inspector card'>
        <ul class='message-list' tabIndex={0} aria-label='Messages'>
          {all.length === 0 && <li class='empty muted'>No message matches.</li>}
          {all.slice(0, MAX_SHOWN).map(each => (
            <MessageLine key={each.id} message={each} isChosen={each.id === id} />
          ))}
        </ul>
        {id === undefined ? <p class='empty muted'>Choose a message.</p> : <Detail key={id} id={id} />}
      </div>
    </>
  )
}

function MessageLine ({ message, isChosen }: { message: MessageSummary; isChosen: boolean }) {
  const { id, at, proxy, method, status, ms, attempts } = message
  return (
    <li>
      <button type='button' aria-current={isChosen ? 'true' : undefined} onClick={() => setQuery({ id: String(id) })}>
        <time>{clock(at)}</time>
        <span>
          <b>{method}</b> {proxy}
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
    {outcome === 'answered'
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

function Detail ({ id }: { id: number }) {
  const [detail, setDetail] = useState<MessageDetail>()
  const [problem, setProblem] = useState<string>()
  const [tab, setTab] = useState(0)
  useEffect(() => {
    void api<MessageDetail>(`messages/${id}`).then(setDetail, error => setProblem(messageOf(error)))
  }, [id])
  if (problem !== undefined) return <p class='empty muted'>{problem}</p>
  if (detail === undefined) {
    return <Reading />
  }
  const { proxy, method, path, at, attempts, hops } = detail
  const tabs = ['Request', ...attempts.map(({ endpoint }, index) => `${index + 1} ${endpoint}`)]
  const chosen = hops[tab - 1]
  return (
    <div class='message-detail'>
      <h2>
        {method} {proxy}
      </h2>
      <p class='muted'>
        {clock(at)} · <code>{path}</code> · {plural(attempts.length, 'attempt')}
      </p>
      <Waterfall detail={detail} />
      <section class='why'>
        <h3>Why it went there</h3>
        <ul>
          {reasonsOf(detail).map(({ kind, text }) => (
            <li key={text} class={kind === 'answered' ? '' : 'bad'}>
              <Icon name={kind === 'answered' ? 'check' : 'close'} /> <span>{text}</span>
            </li>
          ))}
        </ul>
      </section>
      <div class='tabs' role='tablist' aria-label='Heads'>
        {tabs.map((label, index) => (
          <button
            key={label}
            type='button'
            role='tab'
            id={`head-${index}`}
            aria-controls='heads'
            aria-selected={index === tab}
            onClick={() => setTab(index)}
          >
            {label}
          </button>
        ))}
      </div>
      <div role='tabpanel' id='heads' aria-labelledby={`head-${tab}`}>
        {chosen === undefined
          ? (
            <Head title={`${method} ${path}`} headers={detail.request.headers} />
            )
          : (
            <>
              <Head title={`Sent: ${method} ${chosen.path}`} headers={chosen.sent?.headers ?? []} />
              <Head
                title={`Received: ${attempts[tab - 1]!.status ?? attempts[tab - 1]!.cause ?? ''}`}
                headers={chosen.received?.headers ?? []}
              />
            </>
            )}
      </div>
    </div>
  )
}

const Head = ({ title, headers }: { title: string; headers: MessageDetail['request']['headers'] }) => (
  <div class='head'>
    <h3>
      <code>{title}</code>
    </h3>
    <dl>
      {headers.map(([name, value], at) => (
        <div key={`${at}`}>
          <dt>{name}</dt>
          <dd>
            {typeof value === 'string'
              ? value
              : (
                <span class='badge'>
                  <Icon name='key' /> {value.hidden === '' ? 'hidden' : `${value.hidden}, hidden`}
                </span>
                )}
          </dd>
        </div>
      ))}
    </dl>
  </div>
)

/** Attempts by time, from the start of the message to its end. */
function Waterfall ({ detail: { attempts, ms, status } }: { detail: MessageDetail }) {
  const total = Math.max(0.1, ms ?? 0, ...attempts.map(({ to, from }) => to ?? from))
  const bar = (label: string, from: number, to: number, tone: string, result: string) => (
    <tr key={`${label} ${from}`}>
      <th scope='row'>{label}</th>
      <td>
        <svg viewBox='0 0 100 4' preserveAspectRatio='none' aria-hidden='true'>
          <rect class='track' width='100' height='4' />
          <rect class={tone} x={(from / total) * 100} width={Math.max(1.5, ((to - from) / total) * 100)} height='4' />
        </svg>
      </td>
      <td class={tone === 'failed' ? 'bad' : ''}>{result}</td>
    </tr>
  )
  return (
    <table class='waterfall'>
      <caption class='aside'>Attempts by time</caption>
      <tbody>
        {attempts.map(({ endpoint, from, to, outcome, status: answered }) =>
          bar(
            endpoint,
            from,
            to ?? total,
            outcome === 'answered' ? 'answered' : 'failed',
            `${answered ?? outcome}, ${Math.round((to ?? total) - from)} ms`
          )
        )}
        {bar('for the client', 0, ms ?? total, 'client', `${status ?? 'left'}, ${Math.round(ms ?? total)} ms`)}
      </tbody>
    </table>
  )
}
