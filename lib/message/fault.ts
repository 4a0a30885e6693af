import { errorMessage } from './error-message.js'

/**
 * The codes that a fault sequence sees as ERROR_CODE, with our names: the plain codes of the engines, not those shifted
 * by the state of the connection.
 * @see Apache Synapse, SynapseConstants, NhttpConstants
 */
export const CODES = {
  MEDIATION: 0,
  SENDING: 101500,
  RECEIVING: 101501,
  CONNECTION_FAILED: 101503,
  CONNECTION_TIMEOUT: 101504,
  CONNECTION_CLOSED: 101505,
  PROTOCOL_VIOLATION: 101506,
  CONNECT_CANCEL: 101507,
  CONNECT_TIMEOUT: 101508,
  NONE_READY: 303000,
  NOT_READY: 303001,
  UNKNOWN_ENDPOINT: 305100,
  SESSION_NOT_READY: 309001,
  SOAP_FAULT: 500000,
  FAILURE_STATUS: 500001,
  UNREADABLE: 601000
} as const

export type CodeName = keyof typeof CODES

/**
 * The ERROR_MESSAGE of each code in the engines' own words, since fault sequences and clients compare with them. `{}`
 * is the subject of the fault. Without a subject, and for all other codes, it is the reason.
 * @see Apache Synapse, AbstractEndpoint, TargetErrorHandler, TimeoutHandler, SynapseException
 */
export const MESSAGES: Readonly<Record<CodeName, string>> = {
  MEDIATION: '{}',
  SENDING: 'Error in Sender',
  RECEIVING: 'Error in Sender',
  CONNECTION_FAILED: 'Error while connecting to the endpoint (Connection Failed)',
  CONNECTION_TIMEOUT: 'Send timeout',
  CONNECTION_CLOSED: 'Error in Sender',
  PROTOCOL_VIOLATION: 'Error in Sender',
  CONNECT_CANCEL: 'Error while connecting to the endpoint (Connection Cancel)',
  CONNECT_TIMEOUT: 'Error while connecting to the endpoint (Connection Timeout)',
  NONE_READY: '{} - no ready child endpoints',
  NOT_READY: 'Currently , {}',
  UNKNOWN_ENDPOINT: "Couldn't find the endpoint with the key : {}",
  SESSION_NOT_READY: 'The endpoint {} on the session is not ready.',
  SOAP_FAULT: '{}',
  FAILURE_STATUS: '{}',
  UNREADABLE: 'Error while building message'
}

/** A failure as data. It becomes an Error only when it is thrown. */
export interface Fault {
  /** One of CODES. */
  readonly code: number
  /** One sentence for clients and operators, without secrets, session ids and addresses of endpoints. */
  readonly reason: string
  /** Details for the log only, such as the message of a TLS error. */
  readonly logDetail?: string | undefined
  /** Replaces `{}` in ERROR_MESSAGE. */
  readonly subject?: string | undefined
  /** ERROR_EXCEPTION, where the engine has another one than that of mediation. */
  readonly exception?: string | undefined
  /** The code of the engine's pass-through transport for the same event, if it differs: `errorCodes` may list it. */
  readonly passThroughCode?: number | undefined
  /** The HTTP status for a client that receives this fault without a fault sequence. Default: 500. */
  readonly status?: number | undefined
  /** Whether the endpoint may have received the request. */
  readonly requestSent?: boolean | undefined
  /** How long the endpoint receives no messages, in milliseconds, if that is known. */
  readonly retryAfter?: number | undefined
  readonly cause?: unknown
}

export const fault = (code: CodeName, reason: string, more: Omit<Fault, 'code' | 'reason'> = {}): Fault => ({
  code: CODES[code],
  reason,
  ...more
})

/** The fault in a log line. */
export const describeFault = ({ reason, logDetail }: Fault): string =>
  logDetail === undefined ? reason : `${reason}: ${logDetail}`

const MESSAGE_OF: ReadonlyMap<number, string> = new Map(
  Object.entries(MESSAGES).map(([name, message]) => [CODES[name as CodeName], message])
)

/**
 * The properties ERROR_CODE, ERROR_MESSAGE, ERROR_DETAIL and ERROR_EXCEPTION as the engines set them. The detail of an
 * exception in mediation is the exception, and our reason in the next line; a timeout has no detail; all other faults
 * have their message.
 * @see Apache Synapse, FaultHandler, AbstractEndpoint
 */
export function errorProperties ({
  code,
  reason,
  subject,
  exception
}: Fault): Readonly<Record<string, string>> {
  const words = MESSAGE_OF.get(code) ?? '{}'
  const message = !words.includes('{}') ? words : subject === undefined ? reason : words.replace('{}', () => subject)
  const error = { ERROR_CODE: String(code), ERROR_MESSAGE: message }
  if (code === CODES.MEDIATION || code === CODES.UNREADABLE) {
    const thrown = `org.apache.synapse.SynapseException: ${message}`
    return {
      ...error,
      ERROR_DETAIL: message === reason ? thrown : `${thrown}\nCaused by: ${reason}`,
      ERROR_EXCEPTION: thrown
    }
  }
  if (exception !== undefined) return { ...error, ERROR_DETAIL: exception, ERROR_EXCEPTION: exception }
  return code === CODES.CONNECTION_TIMEOUT ? error : { ...error, ERROR_DETAIL: message }
}

/** A fault as an exception. The nearest fault sequence handles it. */
export class MediationError extends Error {
  readonly fault: Fault
  constructor (fault: Fault) {
    super(fault.reason, { cause: fault.cause })
    this.name = 'MediationError'
    this.fault = fault
  }
}

/** A failure of a mediator or an expression, as an exception. */
export const mediationError = (reason: string): MediationError => new MediationError(fault('MEDIATION', reason))

/** The reason of an unexpected error, whose own text is for the log: it may contain secrets. */
export const UNEXPECTED = 'the message could not be processed'

/** Returns the fault of an error. The text of an unexpected one never reaches a client. */
export function toFault (error: unknown): Fault {
  if (error instanceof MediationError) return error.fault
  const [logDetail] = errorMessage(error).split('\n', 1)
  return fault('MEDIATION', UNEXPECTED, { logDetail, cause: error })
}
