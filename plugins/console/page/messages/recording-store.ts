import { computed, signal } from '@preact/signals'
import type { MessageSummary, RecordingView } from '../../../admin/messages/message-views.js'
import { messageFilter } from '../../model/message-filter.js'
import { lastSettled, mergedMessages } from '../../model/message-list.js'
import { api, messageOf, operator } from '../state/api.js'
import { route, setQuery } from '../state/route.js'
import { recording } from '../state/store.js'

/** Messages that the page keeps: as many as the gateway. */
const MAX_KEPT = 2_000
/** Messages of one response of the gateway. */
const PAGE = 200

export const failure = signal<string | undefined>(undefined)
export const isPaused = signal(false)
/** Whether the filter is applied. */
export const isFilterOn = signal(true)
/** Messages as they are listed, whatever the filter is. */
export const listed = signal<readonly MessageSummary[]>([])
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

let isPolling = false

/** Reads what is new, and what was on its way; once at a time. */
export async function poll (): Promise<void> {
  if (isPolling) return
  isPolling = true
  try {
    const list = await readAfter(lastSettled([...waiting.value, ...listed.value]))
    failure.value = undefined
    if (recording.value?.count === 0) forget()
    else if (list.length > 0) take(list)
    if (!isPaused.value) takeWaiting()
  } catch (error) {
    failure.value = messageOf(error)
  } finally {
    isPolling = false
  }
}

/** Reads back from the newest message, in as many requests as that takes. */
async function readAfter (after: number): Promise<readonly MessageSummary[]> {
  const found: MessageSummary[] = []
  for (let before = ''; found.length < MAX_KEPT; before = `&before=${found.at(-1)!.id}`) {
    const { recording: view, list } = await api<{ recording: RecordingView; list: readonly MessageSummary[] }>(
      `messages?after=${after}${before}`
    )
    recording.value = view
    found.push(...list)
    if (list.length < PAGE) break
  }
  return found
}

/** Messages that are shown change where they are; others wait. */
function take (list: readonly MessageSummary[]): void {
  const shownIds = new Set(listed.value.map(({ id }) => id))
  listed.value = mergedMessages(list.filter(({ id }) => shownIds.has(id)), listed.value, MAX_KEPT)
  waiting.value = mergedMessages(list.filter(({ id }) => !shownIds.has(id)), waiting.value, MAX_KEPT)
}

/** Shows what has come while the list was paused. */
function takeWaiting (): void {
  if (waiting.value.length === 0) return
  listed.value = mergedMessages(waiting.value, listed.value, MAX_KEPT)
  waiting.value = []
}

export function togglePause (): void {
  isPaused.value = !isPaused.value
  if (!isPaused.value) takeWaiting()
}

/** Starts, stops or clears the recording. */
export async function changeRecording (method: 'POST' | 'DELETE', path: string, body?: object): Promise<void> {
  try {
    recording.value = await api<RecordingView>(path, method, body && { ...body, ...operator() })
    if (path.includes('clear')) forget()
  } catch (error) {
    failure.value = messageOf(error)
  }
}

function forget (): void {
  listed.value = []
  waiting.value = []
}
