import type { Health } from '../../../lib/state/suspension.js'
import type { StoreCondition } from '../../gateway/process-condition.js'

/**
 * What `GET /live` sends: Server-Sent Events whose data is JSON. Instants are milliseconds since 1970 by the clock of
 * the gateway; each frame with `now` brings that clock. `index`
 * identifies an endpoint on this stream, and is never used again.
 *
 *     hello → snapshot → (states | numbers | entry)* → end
 *
 * `hello` and `entry` have an id. A client that connects again with the last one as `Last-Event-ID` gets the entries
 * that it has missed, unless the gateway was restarted or they are too many: then it reads the journal again.
 */
export interface LiveEvents {
  readonly hello: Hello
  readonly snapshot: Snapshot
  readonly states: States
  readonly numbers: Numbers
  readonly entry: JournalEntry
  readonly end: { readonly reason: string }
}

export interface Hello {
  /** Identifies the stream in `PUT /live/ID/watch`. */
  readonly live: string
  /** Identifies the process: another one after a restart. */
  readonly boot: string
  readonly now: number
  /** Whether the entries since `Last-Event-ID` follow. False: the journal is to be read again. */
  readonly resumed: boolean
  /** Milliseconds after which at least a comment is sent. */
  readonly quiet: number
}

/** An endpoint as a page shows it. */
export interface LiveEndpoint extends LiveStatus {
  readonly name: string
  readonly kind: 'address' | 'dynamic'
  readonly address: string
}

/** The part of an endpoint that changes. */
export interface LiveStatus {
  readonly index: number
  readonly state: Health['state']
  readonly ready: boolean
  readonly trialInFlight: boolean
  readonly since: number | null
  readonly cause: string | null
  readonly retryAt: number | null
  /** Length of the suspension, in milliseconds. */
  readonly duration: number | null
  /** Suspensions since it responded last. */
  readonly suspensionsInRow: number
  /** Failures that are still counted before it is suspended; null: it has not failed. */
  readonly retriesLeft: number | null
  /** What health checks have found; null: there are none. Not passing: out, whatever the state is. */
  readonly healthCheck: LiveHealthCheck | null
}

export interface LiveHealthCheck {
  readonly passing: boolean
  readonly since: number | null
  /** Why the last check failed. */
  readonly cause: string | null
}

export interface LiveGroup {
  readonly name: string
  readonly kind: string
  /** Names of members, in order; a member is an endpoint or another group. */
  readonly members: readonly string[]
  /** Names of the proxies that may send requests to it; those of a group around it are not. */
  readonly proxies: readonly string[]
  /** The kind of its algorithm; null: it does not spread messages. */
  readonly algorithmKind: string | null
  /** The kind of its sessions; null: it has none. */
  readonly sessionKind: string | null
  /** Whether sessions wait for a member that is out, or are bound to another one; null: it has none. */
  readonly onLost: 'strict' | 'redispatch' | null
  /** At the time of the snapshot; null: it keeps none in a table. `numbers` brings what changes. */
  readonly sessions: LiveSessions | null
}

export interface LiveSessions {
  readonly bound: number
  readonly evicted: number
  readonly maxSessions: number
  /** Milliseconds. */
  readonly timeout: number
  readonly expiry: 'sliding' | 'absolute'
}

export interface LiveProxy {
  readonly name: string
  readonly path: string
  readonly isRunning: boolean
  readonly wsdlProblem: string | null
}

/** Everything at one moment. Sent first, and again whenever a reload has changed groups or proxies. */
export interface Snapshot {
  readonly now: number
  readonly endpoints: readonly LiveEndpoint[]
  readonly groups: readonly LiveGroup[]
  readonly proxies: readonly LiveProxy[]
}

/** Endpoints whose state has changed, new ones, and the indexes of those that were removed. */
export interface States {
  readonly now: number
  readonly changed: readonly LiveStatus[]
  readonly added: readonly LiveEndpoint[]
  readonly removed: readonly number[]
}

/** Once a second: traffic of the endpoints and proxies that this stream watches, and the totals. */
export interface Numbers {
  readonly now: number
  readonly total: Traffic & { readonly inFlight: number; readonly sessions: number }
  readonly gateway: GatewayStatus
  readonly endpoints: readonly EndpointTraffic[]
  /** Of groups that keep sessions in a table, at most 200. */
  readonly groups: readonly GroupSessionsNow[]
  readonly proxies: readonly ProxyTrafficNow[]
}

/** What concerns the whole gateway, and may need an operator. Counts are those of the last minute. */
export interface GatewayStatus {
  /** The session stores; null: sessions are in this gateway only. */
  readonly store: StoreCondition | null
  /** Sessions that were evicted before they ended. */
  readonly evicted: number
  /** Bodies for which the buffers had no room. */
  readonly denied: number
  /** Share of the time in which the busiest process was busy, from 0 to 1; 0 in the first minute of an open page. */
  readonly busy: number
}

export interface Traffic {
  /** Mean of the last 10 s. */
  readonly requestsPerSecond: number
  /** Time to the head of the response over the last minute, in milliseconds; null below 20 responses. */
  readonly p50: number | null
  readonly p99: number | null
  /**
   * Share of requests over the last minute, from 0 to 1: of an endpoint those without a response; of a proxy those that
   * ended in a status of 500 or more, or whose client left.
   */
  readonly errors: number
}

export interface EndpointTraffic extends Traffic {
  readonly index: number
  readonly inFlight: number
  /** Bound sessions, some of which may have just expired; null: none of its groups keeps sessions in a table. */
  readonly sessions: number | null
  /** Requests in each of the last 60 steps of 5 s, the newest last. */
  readonly steps: readonly number[]
}

export interface GroupSessionsNow {
  readonly name: string
  /** Some may have expired a moment ago. */
  readonly bound: number
  readonly evicted: number
}

export interface ProxyTrafficNow extends Traffic {
  readonly name: string
  readonly inFlight: number
  /** Requests in each of the last 60 steps of 5 s, the newest last. */
  readonly steps: readonly number[]
}

/** One line of the journal. */
export interface JournalEntry {
  /** Rises by one with each entry of this process. */
  readonly sequence: number
  readonly at: number
  readonly level: 'info' | 'warn' | 'error'
  readonly kind:
    | 'state'
    | 'members'
    | 'switch'
    | 'session'
    | 'store'
    | 'reload'
    | 'unconfirmed'
    | 'recording'
    | 'try'
    | 'start'
  readonly text: string
  readonly endpoint?: string
  readonly from?: Health['state']
  readonly to?: Health['state']
  readonly cause?: string
  readonly retryAt?: number
  /** Of an endpoint that begins to drain: its bound sessions. */
  readonly sessions?: number
  readonly by?: string
  readonly remote?: string
  /** On the stream: entries before this one that it leaves out; `GET /events` has them. */
  readonly missed?: number
}

/** What is added to the journal, which numbers and dates it. */
export type NewEntry = Omit<JournalEntry, 'sequence' | 'at'>
