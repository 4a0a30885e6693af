import type { CompiledConfiguration } from '../../../lib/compiler/compile.js'
import { LatencyHistogram } from '../../../lib/state/latency-histogram.js'
import { CODES } from '../../../lib/message/fault.js'

/**
 * Classes of HTTP statuses. Without a response, `none`: the client disconnected; `aborted`: the gateway cut the request
 * off, because it stops or the time was over.
 */
export const STATUS_CLASSES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx', 'aborted'] as const
export type StatusClass = (typeof STATUS_CLASSES)[number]

const ABORTED = STATUS_CLASSES.indexOf('aborted')

/** Codes of the gateway. All others, which a configuration may invent, are counted under one name. */
const KNOWN_CODES: ReadonlySet<number> = new Set(Object.values(CODES))

/** How one request ended. */
export interface RequestEnd {
  /** The HTTP status; undefined: there was no response. */
  readonly status: number | undefined
  /** Whether the gateway itself cut the request off, if there was no response. */
  readonly isAborted: boolean
  /** The code of the first fault that stopped its sequences; undefined: there was none. */
  readonly faultCode: number | undefined
  /** From the first byte of the head to the last of the response, in milliseconds. */
  readonly ms: number
  /** Bytes of the bodies. */
  readonly requestBytes: number
  readonly responseBytes: number
  /** The id of its trace; undefined: its spans are not recorded. */
  readonly traceId: string | undefined
}

/** A request whose spans are recorded. */
export interface TracedRequest {
  readonly traceId: string
  /** Its time in milliseconds. */
  readonly ms: number
  /** When it ended, in milliseconds since 1970. */
  readonly at: number
}

/** Traced requests of one proxy that are kept. */
const MAX_TRACED = 32

/** What one proxy has served since the start: a few additions for each request. */
export class ProxyTraffic {
  /** Requests that have no complete response yet. */
  inFlight = 0
  /** WebSockets that are open: some of these requests. */
  webSockets = 0
  requestBytes = 0
  responseBytes = 0
  readonly latency = new LatencyHistogram()
  /** The last requests whose spans are recorded, the latest at the end. */
  readonly traced: TracedRequest[] = []
  readonly #succeeded = new Float64Array(STATUS_CLASSES.length)
  readonly #failed = new Map<string, Float64Array>()

  record ({ status, isAborted, faultCode, ms, requestBytes, responseBytes, traceId }: RequestEnd): void {
    const counts = faultCode === undefined ? this.#succeeded : this.#countsOf(faultCode)
    counts[status === undefined ? (isAborted ? ABORTED : 0) : Math.min(5, Math.floor(status / 100))]!++
    this.latency.record(ms)
    this.requestBytes += requestBytes
    this.responseBytes += responseBytes
    if (traceId === undefined) return
    this.traced.push({ traceId, ms, at: Date.now() })
    if (this.traced.length > MAX_TRACED) this.traced.shift()
  }

  /** Requests by status class and fault code; an empty code: no fault. */
  * requests (): Generator<{ readonly statusClass: StatusClass; readonly faultCode: string; readonly count: number }> {
    for (const [faultCode, counts] of [['', this.#succeeded] as const, ...this.#failed]) {
      for (const [index, count] of counts.entries()) {
        if (count > 0) yield { statusClass: STATUS_CLASSES[index]!, faultCode, count }
      }
    }
  }

  #countsOf (faultCode: number): Float64Array {
    const label = KNOWN_CODES.has(faultCode) ? String(faultCode) : 'other'
    let counts = this.#failed.get(label)
    if (counts === undefined) this.#failed.set(label, (counts = new Float64Array(STATUS_CLASSES.length)))
    return counts
  }
}

/** The names under which the requests of a configuration are counted. */
export const servedNames = ({ services, apis, apiFallback, main }: CompiledConfiguration): ReadonlySet<string> =>
  new Set([
    ...services.keys(),
    ...apis.flatMap(({ resources }) => resources.map(({ service }) => service.name)),
    ...[apiFallback, main].flatMap(service => service?.name ?? [])
  ])
