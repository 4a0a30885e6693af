import type { FailureLog } from './failure-log.js'
import type { LatencyHistogram } from './latency-histogram.js'
import type { HealthCheckPolicy, HealthCheckStatus } from './health-check.js'
import type { Health, SuspensionPolicy } from './suspension.js'
import type { TlsMaterial } from './tls-material.js'
import type { WaitingRequests } from './waiting-requests.js'

/** How an endpoint is checked. A plugin performs the checks. */
export interface EndpointChecks {
  /** Present: once suspended, the endpoint stays so until this check succeeds. */
  readonly connect?: TcpHealthCheck | undefined
  /** Present: the endpoint is checked at regular times. Absent: by the settings of its groups. */
  readonly regular?: HealthCheckPolicy | undefined
  /** Whether its certificate must be valid. */
  readonly verify: boolean
  readonly tls?: TlsMaterial | undefined
}

/** What must accept a TCP connection before a suspended endpoint receives messages again. */
export interface TcpHealthCheck {
  readonly host: string
  readonly ports: readonly number[]
}

/** The live state of one endpoint with an address. */
export interface EndpointState {
  readonly name: string
  /** The address in log lines; the name of the endpoint where each message brings its own address. */
  readonly address: string
  /** Whether the address came with a message. False: the configuration names it. */
  readonly addressFromMessage: boolean
  policy: SuspensionPolicy
  /** Active, timeout, suspended, half-open, off or draining, with its times. @see `transition` in suspension.ts */
  health: Health
  /** Suspensions since it responded last, or was switched. */
  suspensionsInRow: number
  /** Messages sent and not yet answered. */
  inFlight: number
  /** Messages that wait for a place here, because as many are in flight as may be. */
  queued: number
  /** How many may be in flight at one time, in each process; undefined: any number. */
  maxRequests: number | undefined
  /** Messages that were refused, because as many were in flight, and waited, as may be. */
  refused: number
  /** What `inFlight` counts, except for messages that have a place and are not sent yet. */
  readonly waiting: WaitingRequests
  responses: number
  failures: number
  /** The last failures, and how many there were of each kind; undefined: none. */
  failureLog: FailureLog | undefined
  /** Attempts here after another attempt for the same message had failed. */
  retries: number
  /** Messages whose clients disconnected before there was a response. */
  cancelled: number
  /** Messages in a row whose clients disconnected after waiting for more than a second. */
  abandoned: number
  /** Time from sending a request to the head of its response. */
  readonly latency: LatencyHistogram
  /**
   * When the endpoint came back from a suspension, was switched on, or joined a group that existed before.
   * -Infinity: it has been there from the start.
   */
  readySince: number
  checks: EndpointChecks
  /** What regular health checks have found; undefined: there are none. */
  checked: HealthCheckStatus | undefined
}
