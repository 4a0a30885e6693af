/** Limits of one registration: memory in bytes, time in milliseconds. */
export interface Limits {
  /** Request bodies up to this size are buffered and can be sent again; longer ones stream. */
  readonly replayBufferLimit: number
  /** Bytes searched for the end of the SOAP Header. */
  readonly soapHeaderLimit: number
  /** The greatest body that is buffered because a mediator reads all of it. */
  readonly inspectionLimit: number
  /** Bytes of all bodies buffered at one time. */
  readonly bufferBudget: number
  /** The greatest head of a response. */
  readonly responseHeadLimit: number
  /** Requests in flight to one origin; further ones are refused. `null`: no limit. */
  readonly maxRequestsPerOrigin: number | null
  /** Detached deliveries at one time. Beyond it, a client waits for the delivery of its message. */
  readonly maxDetached: number
  /** Origins with connections; the least recently used one is closed first. */
  readonly maxOrigins: number
  /** For name resolution, TCP and TLS together. Checked about twice a second. */
  readonly connectTimeout: number
  /** How long a connection to an origin is kept idle. */
  readonly keepAliveTimeout: number
  /** How long a client may be silent inside a request body. */
  readonly requestIdleTimeout: number
  /** How long an origin may be silent inside a response body. Checked about once a second. */
  readonly responseIdleTimeout: number
}

export const LIMITS: Limits = {
  replayBufferLimit: 131_072,
  soapHeaderLimit: 1_048_576,
  inspectionLimit: 10_485_760,
  bufferBudget: 268_435_456,
  responseHeadLimit: 65_536,
  maxRequestsPerOrigin: null,
  maxDetached: 10_000,
  maxOrigins: 1024,
  connectTimeout: 5_000,
  keepAliveTimeout: 60_000,
  requestIdleTimeout: 60_000,
  responseIdleTimeout: 180_000
}
