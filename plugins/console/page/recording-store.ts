import { computed, signal } from '@preact/signals'
import type { MessageSummary, RecordingView } from '../../admin/message-views.js'
import { messageFilter } from '../model/message-filter.js'
import { messageOf } from './configuration-store.js'
import { api } from './connection.js'
import { route, setQuery } from './route.js'
import { recording } from './store.js'

/** Messages that the page keeps: as many as the gateway. */
const MAX_KEPT = 2_000

export const failure = signal<string | undefined>(undefined)
export const isPaused = signal(false)
/** Whether the filter is applied. */
export const isFilterOn = signal(true)
const listed = signal<readonly MessageSummary[]>([])
/** Messages that have come while the list was paused. */
export const waiting = signal<readonly MessageSummary[]>([])

export const filterText = computed(() => route.value.query.get('q') ?? '')
const filter = computed(() => messageFilter(filterText.value))
/** Why the filter means nothing: then all messages are shown. */
export const filterProblem = computed(() => (isFilterOn.value ? filter.value.problem : undefined))
export const shown = computed(() => {
  const { value: parsed } = filter
  return !isFilterOn.value || parsed.problem !== undefined ? listed.value : listed.value.filter(parsed.test)
})

export const setFilter = (text: string): void => setQuery({ q: text === '' ? undefined : text })

/** Reads what is new. */
export async function poll (): Promise<void> {
  try {
    const after = waiting.value[0]?.id ?? listed.value[0]?.id ?? 0
    const { recording: view, list } = await api<{ recording: RecordingView; list: readonly MessageSummary[] }>(
      `messages?after=${after}`
    )
    recording.value = view
    failure.value = undefined
    if (view.count === 0) forget()
    else if (list.length > 0) waiting.value = [...list, ...waiting.value].slice(0, MAX_KEPT)
    if (!isPaused.value) takeWaiting()
  } catch (error) {
    failure.value = messageOf(error)
  }
}

/** Shows what has come while the list was paused. */
function takeWaiting (): void {
  if (waiting.value.length === 0) return
  listed.value = [...waiting.value, ...listed.value].slice(0, MAX_KEPT)
  waiting.value = []
}

export function togglePause (): void {
  isPaused.value = !isPaused.value
  if (!isPaused.value) takeWaiting()
}

/** Starts, stops or clears the recording. */
export async function changeRecording (method: 'POST' | 'DELETE', path: string, body?: object): Promise<void> {
  try {
    recording.value = await api<RecordingView>(path, method, body)
    if (path.includes('clear')) forget()
  } catch (error) {
    failure.value = messageOf(error)
  }
}

function forget (): void {
  listed.value = []
  waiting.value = []
}
