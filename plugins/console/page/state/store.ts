import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals'
import type {
  EndpointTraffic,
  GroupSessionsNow,
  JournalEntry,
  GatewayStatus,
  Hello,
  LiveEndpoint,
  LiveGroup,
  LiveProxy,
  LiveSessions,
  Numbers,
  ProxyTrafficNow,
  Snapshot,
  States
} from '../../../admin/contract/live-protocol.js'
import type { RecordingView } from '../../../admin/messages/message-views.js'
import { attentionOf, endpointsOf, type RefusedReload } from '../../model/attention.js'
import { endpointAt, nextRetry } from '../../model/endpoint-at.js'

/** What the page knows of the gateway. Each endpoint has signals of its own, so that one change draws one row. */
export interface Row {
  readonly index: number
  /** As the gateway has reported it last. */
  readonly reported: Signal<LiveEndpoint>
  /** As it is now. */
  readonly endpoint: ReadonlySignal<LiveEndpoint>
  readonly traffic: Signal<EndpointTraffic | undefined>
}

export interface Gateway {
  readonly name: string
  readonly version: string
  readonly startedAt: number
  readonly phase: 'starting' | 'ready' | 'draining'
  /** True, or why changes are not possible. */
  readonly mayChange: true | string
  /** True, or why sources are not shown. */
  readonly maySee: true | string
  /** True, or why the configuration cannot be changed. */
  readonly mayEdit: true | string
}

/** How the page is connected. `polling`: the stream is kept back. Instants of `lost` are by the page's clock. */
export type Connection =
  | { readonly kind: 'connecting' | 'live' | 'polling' | 'signIn' | 'stopping' }
  | { readonly kind: 'lost'; readonly since: number; readonly retryAt: number }
  | { readonly kind: 'refused'; readonly message: string }

export const connection = signal<Connection>({ kind: 'connecting' })
/** Whether what the page shows is up to date. */
export const isConnected = computed(() => connection.value.kind === 'live' || connection.value.kind === 'polling')
export const gateway = signal<Gateway | undefined>(undefined)
export const groups = signal<readonly LiveGroup[]>([])
export const proxies = signal<readonly LiveProxy[]>([])
export const totals = signal<Numbers['total'] | undefined>(undefined)
export const journal = signal<readonly JournalEntry[]>([])
/** The recording of messages as the page has read it last; undefined: not read, or the caller may not see it. */
export const recording = signal<RecordingView | undefined>(undefined)
/** The last reload, if it was refused. */
export const refusedReload = signal<RefusedReload | undefined>(undefined)
/** Undefined before the first second. */
export const gatewayStatus = signal<GatewayStatus | undefined>(undefined)
/** Traffic of the proxies that the page watches. */
export const proxyTraffic = signal<ReadonlyMap<string, ProxyTrafficNow>>(new Map())
/** Sessions of groups, as they are now. */
const groupSessions = signal<ReadonlyMap<string, GroupSessionsNow>>(new Map())
/** Rows in the order of the configuration. */
export const rows = signal<readonly Row[]>([])
/** History of the totals, the newest last. */
export const history = signal<readonly Numbers['total'][]>([])

const byIndex = new Map<number, Row>()
/** Clock of the gateway minus clock of the page, in milliseconds. */
let offset = 0
let boot: string | undefined

/** Ticks once a second, for countdowns; the time of the gateway. */
export const now = signal(Date.now())
/** The time at which states are shown: it moves on only when that changes one. */
const statesAt = signal(now.value)
/** Rises when `endpoints` is to follow what rows have become. */
const followed = signal(0)
const nextChange = computed(() => nextRetry(endpoints.value, statesAt.value))
export const tick = (): void => {
  // Without a connection nothing is known of what happens when a countdown ends.
  if (connection.value.kind === 'lost') return
  batch(() => {
    now.value = Date.now() + offset
    if (nextChange.value > now.value) return
    statesAt.value = now.value
    follow()
  })
}

/**
 * All endpoints. Each row follows its own endpoint at once; what is computed from all of them follows, where there are
 * thousands, once a second.
 */
export const endpoints = computed((): readonly LiveEndpoint[] => {
  void followed.value
  return rows.value.map(row => row.endpoint.peek())
})
/** From this many endpoints on. */
const MANY = 2_000
const FOLLOW_MS = 1_000
let followedAt = -FOLLOW_MS
let following: ReturnType<typeof setTimeout> | undefined

/** Lets `endpoints` follow, now or within a second. */
function follow (): void {
  const left = byIndex.size < MANY ? 0 : followedAt + FOLLOW_MS - performance.now()
  if (left > 0) {
    following ??= setTimeout(follow, left)
    return
  }
  clearTimeout(following)
  following = undefined
  followedAt = performance.now()
  followed.value = followed.peek() + 1
}

export const attention = computed(() =>
  attentionOf(endpoints.value, groups.value, {
    recording: recording.value,
    reload: refusedReload.value,
    gateway: gatewayStatus.value
  })
)
export const endpointsByName = computed(() => new Map(endpoints.value.map(each => [each.name, each])))
export const groupsByName = computed(() => new Map(groups.value.map(each => [each.name, each])))
/** Independent of states: the name of a row never changes. */
export const rowsByName = computed(() => new Map(rows.value.map(row => [row.reported.peek().name, row])))

/** The endpoints of a group as they are now, those of nested groups included; each once. */
export const endpointsIn = (group: LiveGroup): LiveEndpoint[] =>
  endpointsOf(group, endpointsByName.value, groupsByName.value)

/** The sessions of a group now; undefined: it keeps none in a table. */
export const sessionsOf = ({ name, sessions }: LiveGroup): LiveSessions | undefined =>
  sessions === null ? undefined : { ...sessions, ...groupSessions.value.get(name) }

const MAX_JOURNAL = 500
const MAX_HISTORY = 300

/** @returns whether the gateway was restarted since the page saw it */
export function onHello (hello: Hello): boolean {
  const restarted = boot !== undefined && boot !== hello.boot
  boot = hello.boot
  setClock(hello.now)
  if (restarted) journal.value = []
  return restarted
}

/** A snapshot that the page has requested: it brings the clock, too. */
export function onPolled (snapshot: Snapshot): void {
  setClock(snapshot.now)
  onSnapshot(snapshot)
}

function setClock (instant: number): void {
  offset = instant - Date.now()
  now.value = statesAt.value = instant
  follow()
}

export function onSnapshot (snapshot: Snapshot): void {
  batch(() => {
    groups.value = snapshot.groups
    proxies.value = snapshot.proxies
    const wanted = new Set(snapshot.endpoints.map(({ index }) => index))
    for (const index of byIndex.keys()) if (!wanted.has(index)) byIndex.delete(index)
    rows.value = snapshot.endpoints.map(rowOf)
    follow()
  })
}

export function onStates ({ changed, added, removed }: States): void {
  batch(() => {
    const addedRows = added.filter(({ index }) => !byIndex.has(index)).map(rowOf)
    for (const status of changed) {
      const reported = byIndex.get(status.index)?.reported
      if (reported !== undefined) reported.value = { ...reported.peek(), ...status }
    }
    for (const index of removed) byIndex.delete(index)
    if (addedRows.length > 0 || removed.length > 0) {
      rows.value = [...rows.value.filter(({ index }) => byIndex.has(index)), ...addedRows]
    }
    follow()
  })
}

export function onNumbers (numbers: Numbers): void {
  batch(() => {
    totals.value = numbers.total
    gatewayStatus.value = numbers.gateway
    groupSessions.value = new Map(numbers.groups.map(each => [each.name, each]))
    proxyTraffic.value = new Map(numbers.proxies.map(each => [each.name, each]))
    history.value = [...history.value.slice(1 - MAX_HISTORY), numbers.total]
    for (const traffic of numbers.endpoints) {
      const row = byIndex.get(traffic.index)
      if (row !== undefined) row.traffic.value = traffic
    }
  })
}

/** An entry of a stream. The journal may have been read when it had happened already. */
export function onEntry (entry: JournalEntry): void {
  if (entry.sequence <= (journal.value[0]?.sequence ?? 0)) return
  journal.value = [entry, ...journal.value.slice(0, MAX_JOURNAL - 1)]
}

function rowOf (endpoint: LiveEndpoint): Row {
  const known = byIndex.get(endpoint.index)
  if (known !== undefined) {
    known.reported.value = endpoint
    return known
  }
  const reported = signal(endpoint)
  const row: Row = {
    index: endpoint.index,
    reported,
    endpoint: computed(() => endpointAt(reported.value, statesAt.value)),
    traffic: signal<EndpointTraffic | undefined>(undefined)
  }
  byIndex.set(endpoint.index, row)
  return row
}
