import { batch } from '@preact/signals'
import type { JournalEntry, Snapshot } from '../../../admin/contract/live-protocol.js'
import {
  api,
  authorization,
  forgetCredentials,
  isApiError,
  isSignedIn,
  takeCredentials,
  type Credentials
} from './api.js'
import { afterInput } from './input-pause.js'
import { notify } from './notice.js'
import {
  connection,
  gateway,
  journal,
  onEntry,
  onHello,
  onNumbers,
  onPolled,
  onSnapshot,
  onStates,
  rows,
  type Gateway
} from './store.js'

const RETRY_MS = 4_000
/** Where a stream brings nothing for this long it is lost: the gateway sends a comment every 5 s. */
const SILENCE_MS = 12_000
/** Where a stream does not begin for this long, an intermediary buffers it: the page polls instead. */
const MAX_START_MS = 5_000
const POLL_MS = 2_000
/** After this many responses a stream is tried again. */
const POLLS = 30
/** A page that is hidden for this long needs no stream. */
const HIDDEN_MS = 60_000
/** Without any input for this long the page forgets its token. */
const IDLE_MS = 60 * 60_000
const LOOK_MS = 30_000
const WATCH_DELAY_MS = 400
const MAX_WATCHED = 200

let streamId: string | undefined
/** The id of the last event, by which a further stream resumes where the last one has ended. */
let lastEventId: string | undefined
let abort: AbortController | undefined
/** Ends the wait before the next attempt. */
let retry = (): void => {}

/** Signs in with a token. @returns undefined, or why it is refused */
export async function signIn (credentials: Credentials): Promise<string | undefined> {
  const refusal = await takeCredentials(credentials)
  if (refusal === undefined) void connect()
  return refusal
}

export function signOut (): void {
  forgetCredentials()
  void connect()
}

/** Connects again at once. */
export const retryNow = (): void => retry()

/** Keeps the page up to date until it is closed. Only one stream at a time. */
export async function connect (): Promise<void> {
  abort?.abort()
  const mine = (abort = new AbortController())
  while (!mine.signal.aborted) {
    const ended = await follow(mine.signal)
    if (mine.signal.aborted || ended === 'refused') return
    if (ended === 'keptBack' && (await poll(mine.signal))) continue
    if (mine.signal.aborted) return
    const since = connection.value.kind === 'lost' ? connection.value.since : Date.now()
    connection.value = { kind: 'lost', since, retryAt: Date.now() + RETRY_MS }
    await new Promise<void>(resolve => {
      retry = resolve
      setTimeout(resolve, RETRY_MS)
    })
  }
}

/** Reads one stream to its end. `keptBack`: it does not begin. */
async function follow (signal: AbortSignal): Promise<'ended' | 'refused' | 'keptBack'> {
  const start = new AbortController()
  try {
    gateway.value = await api<Gateway>('gateway')
    const timer = setTimeout(() => start.abort(), MAX_START_MS)
    const both = AbortSignal.any([signal, start.signal])
    const headers = { ...authorization(), ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) }
    const response = await fetch('../live', { signal: both, headers }).catch(error => {
      clearTimeout(timer)
      throw error
    })
    if (!response.ok || response.body === null) {
      clearTimeout(timer)
      return 'ended'
    }
    await read(response.body.getReader(), () => clearTimeout(timer))
    return start.signal.aborted ? 'keptBack' : 'ended'
  } catch (error) {
    if (start.signal.aborted) return 'keptBack'
    if (!isApiError(error) || error.status >= 500) return 'ended'
    connection.value =
      error.status === 401 || error.status === 429 ? { kind: 'signIn' } : { kind: 'refused', message: error.message }
    return 'refused'
  }
}

/** Reads the journal again. Entries that the stream has brought meanwhile stay. */
async function readJournal (): Promise<void> {
  const { list } = await api<{ list: readonly JournalEntry[] }>('events?limit=500')
  const last = list[0]?.sequence ?? 0
  journal.value = [...journal.value.filter(({ sequence }) => sequence > last), ...list]
}

/** Polls every 2 s, for a minute, where a stream is buffered. @returns false if the gateway cannot be reached */
async function poll (signal: AbortSignal): Promise<boolean> {
  try {
    for (let count = 0; count < POLLS && !signal.aborted; count++) {
      onPolled(await api<Snapshot>('live?once'))
      await readJournal()
      connection.value = { kind: 'polling' }
      await new Promise(resolve => setTimeout(resolve, POLL_MS))
    }
    return true
  } catch {
    return false
  }
}

async function read (reader: ReadableStreamDefaultReader<Uint8Array>, onStart: () => void): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const silence = setTimeout(() => {
      void reader.cancel()
    }, SILENCE_MS)
    const { value, done } = await reader.read().finally(() => clearTimeout(silence))
    if (done) return
    onStart()
    text += decoder.decode(value, { stream: true })
    const end = text.lastIndexOf('\n\n')
    if (end < 0) continue
    await afterInput()
    batch(() => text.slice(0, end).split('\n\n').forEach(handle))
    text = text.slice(end + 2)
  }
}

function handle (frame: string): void {
  const match = /^event: (\w+)\ndata: (.*)(?:\nid: (.*))?$/.exec(frame)
  if (match === null) return
  lastEventId = match[3] ?? lastEventId
  const data = JSON.parse(match[2]!)
  switch (match[1]) {
    case 'hello':
      streamId = data.live
      if (onHello(data)) notify('The gateway was restarted. What was switched by hand is forgotten.')
      if (data.resumed !== true) void readJournal().catch(() => {})
      break
    case 'snapshot':
      onSnapshot(data)
      connection.value = { kind: 'live' }
      watched = ''
      if (watchedRows.length === 0) watchRows(rows.value.map(row => row.endpoint.value.name))
      else watch()
      break
    case 'states':
      onStates(data)
      break
    case 'numbers':
      onNumbers(data)
      break
    case 'entry':
      onEntry(data)
      break
    case 'end':
      connection.value = { kind: 'stopping' }
  }
}

/** Lets the stream go while the page is hidden, and forgets the token after some time without input. */
export function followPresence (): void {
  let hidden: ReturnType<typeof setTimeout> | undefined
  let isDisconnected = false
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hidden)
    if (document.hidden) {
      hidden = setTimeout(() => {
        isDisconnected = true
        abort?.abort()
      }, HIDDEN_MS)
    } else if (isDisconnected) {
      isDisconnected = false
      void connect()
    }
  })
  let lastInput = Date.now()
  const noteInput = (): void => {
    lastInput = Date.now()
  }
  for (const event of ['pointerdown', 'keydown', 'wheel']) addEventListener(event, noteInput, { passive: true })
  setInterval(() => {
    const isOperator = isSignedIn() && gateway.value?.mayChange === true
    if (isOperator && Date.now() - lastInput > IDLE_MS) signOut()
  }, LOOK_MS)
}

let watched = ''
let watchedRows: readonly string[] = []
let watchedProxies: readonly string[] = []
let watchTimer: ReturnType<typeof setTimeout> | undefined

/** Requests the traffic of these endpoints, a moment later and once for several calls. */
export function watchRows (names: readonly string[]): void {
  watchedRows = names.slice(0, MAX_WATCHED)
  watch()
}

/** Requests the traffic of these proxies, likewise. */
export function watchProxies (names: readonly string[]): void {
  watchedProxies = names.slice(0, MAX_WATCHED)
  watch()
}

function watch (): void {
  const wanted = JSON.stringify({ endpoints: watchedRows, proxies: watchedProxies })
  if (wanted === watched) return
  watched = wanted
  clearTimeout(watchTimer)
  watchTimer = setTimeout(() => {
    if (streamId !== undefined) {
      void api(`live/${streamId}/watch`, 'PUT', { endpoints: watchedRows, proxies: watchedProxies }).catch(() => {
        watched = ''
      })
    }
  }, WATCH_DELAY_MS)
}
