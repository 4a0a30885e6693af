/** What one proxy may take: of memory in bytes, of time in milliseconds. */
export interface Limits {
  /** A request body up to this size is read whole and can be sent again; a longer one streams. */
  readonly replayLimit: number
  /** How far the SOAP Header is looked for. */
  readonly headerLimit: number
  /** The longest body that is read whole because somebody needs all of it. */
  readonly bodyLimit: number
  /** All bodies that the process keeps at one time. */
  readonly budget: number
  /** Requests in flight to one origin; one more is refused at once, none waits in silence. `null`: no limit. */
  readonly connections: number | null
  /** Messages that go on without their client, which has its answer already, at one time. Of one more, the client waits. */
  readonly released: number
  /** Origins whose connections are kept; the one unused for longest goes first. */
  readonly origins: number
  /** For TCP and TLS together, name resolution included. Checked about twice a second. */
  readonly connectTimeout: number
  /** How long an idle connection to an origin is kept. */
  readonly keepAlive: number
  /** A client may be silent for so long inside a body. */
  readonly bodyTimeout: number
  /** An origin may be silent for so long inside the body of its answer. Checked about once a second. */
  readonly answerTimeout: number
}

export const LIMITS: Limits = {
  replayLimit: 131_072,
  headerLimit: 65_536,
  bodyLimit: 10_485_760,
  budget: 268_435_456,
  connections: null,
  released: 10_000,
  origins: 1024,
  connectTimeout: 5_000,
  keepAlive: 60_000,
  bodyTimeout: 60_000,
  answerTimeout: 180_000
}
