/** What one proxy may take: of memory in bytes, of time in milliseconds. */
export interface Limits {
  /** A request body up to this size is read whole and can be sent again; a longer one streams. */
  readonly replayBufferLimit: number
  /** How far the SOAP Header is looked for. */
  readonly soapHeaderLimit: number
  /** The longest body that is read whole because somebody needs all of it. */
  readonly inspectionLimit: number
  /** All bodies that the process keeps at one time. */
  readonly bufferBudget: number
  /** Requests in flight to one origin; one more is refused at once, none waits in silence. `null`: no limit. */
  readonly maxRequestsPerOrigin: number | null
  /** Messages that go on without their client, which has its answer already, at one time. Of one more, the client waits. */
  readonly maxDetached: number
  /** Origins whose connections are kept; the one unused for longest goes first. */
  readonly maxOrigins: number
  /** For TCP and TLS together, name resolution included. Checked about twice a second. */
  readonly connectTimeout: number
  /** How long an idle connection to an origin is kept. */
  readonly keepAliveTimeout: number
  /** A client may be silent for so long inside a body. */
  readonly requestIdleTimeout: number
  /** An origin may be silent for so long inside the body of its answer. Checked about once a second. */
  readonly responseIdleTimeout: number
}

export const LIMITS: Limits = {
  replayBufferLimit: 131_072,
  soapHeaderLimit: 65_536,
  inspectionLimit: 10_485_760,
  bufferBudget: 268_435_456,
  maxRequestsPerOrigin: null,
  maxDetached: 10_000,
  maxOrigins: 1024,
  connectTimeout: 5_000,
  keepAliveTimeout: 60_000,
  requestIdleTimeout: 60_000,
  responseIdleTimeout: 180_000
}
