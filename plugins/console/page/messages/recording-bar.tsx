import { useState } from 'preact/hooks'
import type { RecordingView } from '../../../admin/messages/message-views.js'
import { count, countdown } from '../../model/format.js'
import { changeRecording, isPaused, togglePause, waiting } from './recording-store.js'
import { stopRecording } from '../state/recording.js'
import { now, proxies } from '../state/store.js'

const mebibytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1)

/** How far a recording is, with what pauses its list and what stops it. */
export function RecordingState ({ view }: { view: RecordingView }) {
  const { endsAt, count: kept, limit, bytes, maxBytes, dropped } = view
  return (
    <>
      <span class='recording'>
        <b class='bad'>Recording</b> <span role='timer'>{countdown((endsAt ?? 0) - now.value)} left</span>{' '}
        <span class='muted'>
          {count(kept)} of {count(limit)} · {mebibytes(bytes)} of {mebibytes(maxBytes)} MiB
          {dropped > 0 ? ` · ${count(dropped)} not kept` : ''}
        </span>
      </span>
      <button type='button' aria-pressed={isPaused.value} onClick={togglePause}>
        {isPaused.value ? `Continue the list (${count(waiting.value.length)} new)` : 'Pause the list'}
      </button>
      <button
        type='button'
        onClick={() => {
          void stopRecording()
        }}
      >
        Stop
      </button>
    </>
  )
}

const BODIES = [
  ['0', 'heads only'],
  ['1024', 'heads and 1 KiB of bodies'],
  ['4096', 'heads and 4 KiB of bodies'],
  ['16384', 'heads and 16 KiB of bodies']
] as const

/** Its form is the confirmation: for how long, which, and what is kept. */
export function StartForm () {
  const [minutes, setMinutes] = useState('5')
  const [only, setOnly] = useState('all')
  const [slowerThan, setSlowerThan] = useState('500')
  const [proxy, setProxy] = useState('')
  const [bytes, setBytes] = useState('4096')
  const start = (): void => {
    const isFailed = only === 'failed'
    const slow = isFailed && slowerThan !== '' ? { slowerThan: Number(slowerThan) } : {}
    const chosen = proxy === '' ? {} : { proxies: [proxy] }
    const body = { minutes: Number(minutes), only, bytes: Number(bytes), ...slow, ...chosen }
    void changeRecording('POST', 'recording', body)
  }
  return (
    <form
      class='card start stack'
      onSubmit={event => {
        event.preventDefault()
        start()
      }}
    >
      <h2>Nothing is recorded</h2>
      <p class='muted'>
        A recording keeps each attempt at an endpoint, and the heads and the first bytes of requests and responses, in
        the memory of the gateway: at most 2,000 messages or 8 MiB, 200 a second. Secrets are hidden before they are
        kept; bodies that cannot be read as text are not kept. It stops by itself, and who started it is an event.
      </p>
      <div class='fields'>
        <Choice label='For' value={minutes} onChoose={setMinutes} of={['5', '15', '60'].map(n => [n, `${n} min`])} />
        <Choice
          label='Of'
          value={proxy}
          onChoose={setProxy}
          of={[['', 'all proxies'], ...proxies.value.map(({ name }) => [name, name] as const)]}
        />
        <Choice label='Keep' value={bytes} onChoose={setBytes} of={BODIES} />
        <Choice
          label='Which messages'
          value={only}
          onChoose={setOnly}
          of={[
            ['all', 'all'],
            ['failed', 'those that failed over, got a fault, were slow, or whose client left']
          ]}
        />
        {only === 'failed' && (
          <label>
            Slow, in ms
            <input
              type='number'
              min='0'
              value={slowerThan}
              onInput={event => setSlowerThan(event.currentTarget.value)}
            />
          </label>
        )}
      </div>
      <div class='actions'>
        <button class='primary'>Start recording</button>
      </div>
    </form>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly of: readonly (readonly [value: string, label: string] | string[])[]
  readonly onChoose: (value: string) => void
}

const Choice = ({ label, value, of, onChoose }: ChoiceProps) => (
  <label>
    {label}
    <select value={value} onChange={event => onChoose(event.currentTarget.value)}>
      {of.map(([each, text]) => (
        <option key={each} value={each}>
          {text}
        </option>
      ))}
    </select>
  </label>
)
