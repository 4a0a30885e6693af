import type { Entry } from '../../admin/live-protocol.js'
import {
  connection,
  gateway,
  journal,
  onEntry,
  onHello,
  onNumbers,
  onSnapshot,
  onStates,
  rows,
  type Gateway
} from './store.js'
import { notify } from './notice.js'

const RETRY_MS = 4_000
/** Where a stream brings nothing for this long it is lost: the gateway sends a comment every 5 s. */
const SILENCE_MS = 12_000
const WATCH_DELAY_MS = 400
const MAX_WATCHED = 200
const KEPT_TOKEN = 'proxy-services-token'

let token = sessionStorage.getItem(KEPT_TOKEN) ?? undefined
let streamId: string | undefined
let abort: AbortController | undefined

export interface ApiError {
  readonly status: number
  readonly message: string
}

/** One request to the admin API, which lies one level above the page. @throws ApiError */
export async function api<T> (path: string, method = 'GET', body?: unknown): Promise<T> {
  const response = await fetch(`../${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' })
    },
    ...(body !== undefined && { body: JSON.stringify(body) })
  })
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T
  const { Error: message = `HTTP ${response.status}` } = (await response.json().catch(() => ({}))) as {
    Error?: string
  }
  const error: ApiError = { status: response.status, message }
  throw error
}

export const isApiError = (error: unknown): error is ApiError =>
  typeof error === 'object' && error !== null && 'status' in error && 'message' in error

/** Why a request to the admin API failed. */
export const messageOf = (error: unknown): string =>
  isApiError(error) ? error.message : 'The gateway cannot be reached.'

/** Signs in with a token. @returns undefined, or why it is refused */
export async function signIn (given: string, keep: boolean): Promise<string | undefined> {
  const before = token
  token = given
  try {
    await api('gateway')
  } catch (error) {
    token = before
    return isApiError(error) ? error.message : 'the gateway cannot be reached'
  }
  if (keep) sessionStorage.setItem(KEPT_TOKEN, given)
  void connect()
  return undefined
}

export function signOut (): void {
  token = undefined
  sessionStorage.removeItem(KEPT_TOKEN)
  void connect()
}

/** Keeps the page up to date until it is closed. Only one stream at a time. */
export async function connect (): Promise<void> {
  abort?.abort()
  const mine = (abort = new AbortController())
  while (!mine.signal.aborted) {
    const ended = await follow(mine.signal)
    if (mine.signal.aborted || ended === 'refused') return
    if (connection.value.kind !== 'lost') connection.value = { kind: 'lost', since: Date.now() }
    await new Promise(resolve => setTimeout(resolve, RETRY_MS))
  }
}

/** Reads one stream to its end. */
async function follow (signal: AbortSignal): Promise<'ended' | 'refused'> {
  try {
    gateway.value = await api<Gateway>('gateway')
    const response = await fetch('../live', {
      signal,
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }) }
    })
    if (!response.ok || response.body === null) return 'ended'
    if (journal.value.length === 0) {
      journal.value = (await api<{ list: readonly Entry[] }>('events?limit=200')).list
    }
    await read(response.body.getReader())
    return 'ended'
  } catch (error) {
    if (!isApiError(error) || error.status >= 500) return 'ended'
    connection.value =
      error.status === 401 || error.status === 429 ? { kind: 'signIn' } : { kind: 'refused', message: error.message }
    return 'refused'
  }
}

async function read (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const silence = setTimeout(() => {
      void reader.cancel()
    }, SILENCE_MS)
    const { value, done } = await reader.read().finally(() => clearTimeout(silence))
    if (done) return
    text += decoder.decode(value, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      handle(text.slice(0, end))
      text = text.slice(end + 2)
    }
  }
}

function handle (frame: string): void {
  const match = /^event: (\w+)\ndata: (.*)$/.exec(frame)
  if (match === null) return
  const data = JSON.parse(match[2]!)
  switch (match[1]) {
    case 'hello':
      streamId = data.live
      if (onHello(data)) notify('The gateway was restarted. What was switched by hand is forgotten.')
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
    case 'bye':
      connection.value = { kind: 'stopping' }
  }
}

let watched = ''
let watchedRows: readonly string[] = []
let watchedProxies: readonly string[] = []
let watchTimer: ReturnType<typeof setTimeout> | undefined

/** Asks for the traffic of these endpoints, a moment later and once for several calls. */
export function watchRows (names: readonly string[]): void {
  watchedRows = names.slice(0, MAX_WATCHED)
  watch()
}

/** Asks for the traffic of these proxies, likewise. */
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
