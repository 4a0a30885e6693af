/** Limits of one registration: memory in bytes, time in milliseconds. */
export interface Limits {
  readonly replayBufferLimit: number
  readonly soapHeaderLimit: number
  readonly inspectionLimit: number
  readonly bufferBudget: number
  readonly responseHeadLimit: number
  /** `null`: no limit. */
  readonly maxRequestsPerOrigin: number | null
  readonly maxQueuedPerOrigin: number
  readonly queueTimeout: number
  readonly maxDetached: number
  readonly detachedTimeout: number
  readonly maxOrigins: number
  readonly connectTimeout: number
  readonly keepAliveTimeout: number
  readonly connectionMaxAge: number
  readonly connectionMaxRequests: number
  readonly exchangeTimeout: number
  readonly requestIdleTimeout: number
  readonly responseIdleTimeout: number
  readonly minRequestBodyRate: number
  readonly minResponseBodyRate: number
  readonly bodyRateWindow: number
  readonly webSocketIdleTimeout: number
}

/** One limit: its unit, its default, and one sentence for the help and the documents. */
export interface LimitDescription {
  readonly unit: 'bytes' | 'milliseconds' | 'count'
  readonly default: number | null
  readonly description: string
}

/** All limits. The flags of `serve`, the table of the documents and `LIMITS` are made of it. */
export const LIMIT_DESCRIPTIONS: { readonly [name in keyof Limits]: LimitDescription & { default: Limits[name] } } = {
  replayBufferLimit: {
    unit: 'bytes',
    default: 131_072,
    description: 'Request bodies up to this size are buffered and can be sent again; longer ones stream.'
  },
  soapHeaderLimit: {
    unit: 'bytes',
    default: 1_048_576,
    description: 'Bytes searched for the end of the SOAP Header.'
  },
  inspectionLimit: {
    unit: 'bytes',
    default: 10_485_760,
    description: 'The greatest body that is buffered because a mediator reads it, or because it must be converted.'
  },
  bufferBudget: { unit: 'bytes', default: 268_435_456, description: 'Bytes of all bodies buffered at one time.' },
  responseHeadLimit: {
    unit: 'bytes',
    default: 65_536,
    description: 'The greatest head of a response; a larger one is refused, and not counted as a failure.'
  },
  maxRequestsPerOrigin: {
    unit: 'count',
    default: null,
    description: 'Requests in flight to one origin; further ones wait (`maxQueuedPerOrigin`), or fail at once.'
  },
  maxQueuedPerOrigin: {
    unit: 'count',
    default: 0,
    description: 'Requests that wait for their turn beyond `maxRequestsPerOrigin`; further ones fail at once.'
  },
  queueTimeout: {
    unit: 'milliseconds',
    default: 5_000,
    description: 'How long a request waits for its turn beyond `maxRequestsPerOrigin`. 0: no limit.'
  },
  maxDetached: {
    unit: 'count',
    default: 10_000,
    description: 'Detached deliveries at one time; beyond it, a client waits for the delivery of its message.'
  },
  detachedTimeout: {
    unit: 'milliseconds',
    default: 180_000,
    description:
      'How long a detached delivery waits for the head of a response of an endpoint without a timeout. 0: no limit.'
  },
  maxOrigins: {
    unit: 'count',
    default: 1024,
    description: 'Origins with pooled connections; the least recently used one is closed first.'
  },
  connectTimeout: {
    unit: 'milliseconds',
    default: 5_000,
    description: 'For TCP, and as much again for TLS. Names have 5 s of their own. With undici: for all together.'
  },
  keepAliveTimeout: {
    unit: 'milliseconds',
    default: 60_000,
    description: 'How long an idle connection to an origin is kept.'
  },
  connectionMaxAge: {
    unit: 'milliseconds',
    default: 60_000,
    description: 'The greatest age of a connection to an origin that takes a request. 0: no limit.'
  },
  connectionMaxRequests: {
    unit: 'count',
    default: 0,
    description: 'Requests on one connection to an origin. 0: no limit.'
  },
  exchangeTimeout: {
    unit: 'milliseconds',
    default: 0,
    description:
      'From the head of a request to the end of its response: then 504, or the end of the connection inside ' +
      'a response. 0: no limit.'
  },
  requestIdleTimeout: {
    unit: 'milliseconds',
    default: 60_000,
    description: 'How long a client may be silent inside a request body.'
  },
  responseIdleTimeout: {
    unit: 'milliseconds',
    default: 180_000,
    description: 'How long an origin may be silent inside a response body. Checked about once a second.'
  },
  minRequestBodyRate: {
    unit: 'bytes',
    default: 0,
    description:
      'The least bytes per second of a request body, over `bodyRateWindow` of the time in which it is read; ' +
      'a slower client is disconnected, or gets 408. 0: no limit.'
  },
  minResponseBodyRate: {
    unit: 'bytes',
    default: 0,
    description: 'The same of a response body, as its origin sends it: a slower response is truncated. 0: no limit.'
  },
  bodyRateWindow: {
    unit: 'milliseconds',
    default: 10_000,
    description: 'The time over which the rates of bodies are measured.'
  },
  webSocketIdleTimeout: {
    unit: 'milliseconds',
    default: 300_000,
    description: 'How long neither side of a WebSocket may send anything before it is closed. 0: no limit.'
  }
}

const LIMIT_NAMES = Object.keys(LIMIT_DESCRIPTIONS) as (keyof Limits)[]

/** The defaults. */
export const LIMITS = Object.fromEntries(LIMIT_NAMES.map(name => [name, LIMIT_DESCRIPTIONS[name].default])) as {
  [name in keyof Limits]: Limits[name]
}
