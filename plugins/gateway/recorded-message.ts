import type { Forward, ForwardOutcome } from '../../lib/contracts/flow.js'
import type { Headers } from '../../lib/message/headers.js'

/** One attempt of a recorded message. Instants are milliseconds after the start of the message. */
export interface RecordedAttempt {
  /** The name of the endpoint in the registry. */
  readonly endpoint: string
  /** Path without its query. */
  readonly path: string
  readonly from: number
  to: number | undefined
  outcome: ForwardOutcome['kind'] | undefined
  status: number | undefined
  /** Why it failed. */
  code: number | undefined
  cause: string | undefined
  /** Heads as they went over the network, values that may be secret already hidden. */
  readonly sent: RecordedHeaders
  received: RecordedHeaders
}

/** Names with values; null: the value is hidden. */
export type RecordedHeaders = readonly (readonly [name: string, value: string | null])[]

/** Hides the values of headers that may be secret. */
export type HideHeaders = (headers: Headers) => RecordedHeaders

/** One message as a recorder keeps it, while it is on its way and afterwards. Bodies are not kept. */
export class RecordedMessage {
  /** Milliseconds since 1970. */
  readonly at = Date.now()
  readonly proxy: string
  readonly method: string
  readonly path: string
  readonly request: RecordedHeaders
  readonly attempts: RecordedAttempt[] = []
  status: number | undefined
  /** Whether the client disconnected before its response was complete. */
  hasLeft = false
  /** Duration in milliseconds; undefined while it is on its way. */
  ms: number | undefined
  readonly #start = performance.now()
  readonly #hide: HideHeaders

  constructor (proxy: string, method: string, path: string, headers: Headers, hide: HideHeaders) {
    this.proxy = proxy
    this.method = method
    this.path = withoutQuery(path)
    this.request = hide(headers)
    this.#hide = hide
  }

  /** Adds an attempt, and its outcome when that is known. */
  attempt ({ endpointName, path, message: { headers } }: Forward, outcome: Promise<ForwardOutcome>): void {
    const attempt: RecordedAttempt = {
      endpoint: endpointName,
      path: withoutQuery(path),
      from: this.#elapsed(),
      to: undefined,
      outcome: undefined,
      status: undefined,
      code: undefined,
      cause: undefined,
      sent: this.#hide(headers),
      received: []
    }
    this.attempts.push(attempt)
    void outcome.then(
      result => {
        attempt.to = this.#elapsed()
        attempt.outcome = result.kind
        if (result.kind === 'answered') {
          attempt.status = result.message.status
          attempt.received = this.#hide(result.message.headers)
        } else if (result.kind === 'failed') {
          attempt.code = result.fault.code
          attempt.cause = result.fault.reason
        }
      },
      () => {}
    )
  }

  finish (status: number | undefined, hasLeft: boolean): void {
    this.status = status
    this.hasLeft = hasLeft
    this.ms = this.#elapsed()
  }

  #elapsed (): number {
    return Math.round((performance.now() - this.#start) * 10) / 10
  }
}

/** Values of queries may be secret: only names stay. */
const withoutQuery = (path: string): string => path.replace(/([?&][^=&\s#]*)=[^&\s#]*/g, '$1=***')

/** Begins the record of a message; undefined: it is not kept. */
export interface MessageRecorder {
  begin: (proxy: string, method: string, path: string, headers: Headers) => RecordedMessage | undefined
  /** A message is over. */
  finished: (message: RecordedMessage) => void
}
