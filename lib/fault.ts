/**
 * The codes that a fault sequence sees as ERROR_CODE, with the names used here. The numbers are those of the real engines
 * (Apache Synapse: SynapseConstants, NhttpConstants), the plain ones, not shifted by the state of the connection.
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
  SESSION_FAILED: 309003,
  SOAP_FAULT: 500000,
  UNREADABLE: 601000
} as const

export type CodeName = keyof typeof CODES

/** What went wrong, as data. It becomes an Error only when it is thrown. */
export interface Fault {
  /** One of CODES. */
  readonly code: number
  /** One sentence for whoever reads the fault; never a secret, never a session id. */
  readonly reason: string
  /** The code that the real engine's pass-through transport shows for the same event, where it is another: `errorCodes` lists may name it. */
  readonly alias?: number | undefined
  /** The HTTP status for a client that gets this fault without any fault sequence; 500 unless told. */
  readonly status?: number | undefined
  /** Of a failed call: whether the server may have seen the request. */
  readonly sent?: boolean | undefined
  readonly cause?: unknown
}

export const fault = (code: CodeName, reason: string, more: Omit<Fault, 'code' | 'reason'> = {}): Fault =>
  ({ code: CODES[code], reason, ...more })

/** A fault in flight, on its way to the nearest fault sequence. */
export class MediationError extends Error {
  readonly fault: Fault
  constructor (fault: Fault) {
    super(fault.reason, { cause: fault.cause })
    this.name = 'MediationError'
    this.fault = fault
  }
}

/** Whatever was thrown, as a fault. Of a foreign error only the first line is shown. */
export const toFault = (error: unknown): Fault =>
  error instanceof MediationError
    ? error.fault
    : fault('MEDIATION', (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!, { cause: error })
