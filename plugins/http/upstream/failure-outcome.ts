import { fault, type Fault } from '../../../lib/message/fault.js'
import type { ForwardOutcome } from '../../../lib/contracts/flow.js'
import { FAILURE_CLASSES, type FailureClass, type FailureClassName } from './failure-classes.js'

/** A failed request: its class, and the details for the log. */
export interface UpstreamFailure {
  readonly name: FailureClassName
  /** One sentence without addresses. Default: the reason of the class */
  readonly reason?: string | undefined
  /** Words of a library; they may name the endpoint, hence they are for the log only. */
  readonly detail?: string | undefined
  readonly cause?: Error | undefined
  /** Whether the endpoint may have seen the message. Default: that of the class */
  readonly requestSent?: boolean | undefined
}

/** What is known about an exchange when it fails. */
export interface FailureContext {
  readonly clientDisconnected: boolean
  /** Whether the head of the response has been received. */
  readonly headReceived: boolean
  /** Whether any of a streamed request body was taken. */
  readonly bodyConsumed: boolean
}

const UNCONNECTED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it was refused',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to its network',
  ENOENT: 'there is no such socket',
  EACCES: 'the gateway may not use the socket'
}

/** Why there is no connection, by the code of the system; for other codes the words of the error, for the log. */
export const refusalOf = (code: string, error: Error): Pick<UpstreamFailure, 'reason' | 'detail'> =>
  UNCONNECTED[code] === undefined
    ? { detail: firstLine(error) }
    : { reason: `No connection to the endpoint: ${UNCONNECTED[code]}` }

export const firstLine = ({ message }: Error): string => message.split('\n', 1)[0]!

export const SILENT_RESPONSE = 'The endpoint was silent for too long inside its response'

type FailedOutcome = Exclude<ForwardOutcome, { kind: 'answered' }>

/**
 * Decides what a failure means for the flow: whether the endpoint failed, or the gateway refused the message, and
 * whether another endpoint may be tried. Follows the table of failure classes.
 */
export function outcomeOf (failure: UpstreamFailure, context: FailureContext): FailedOutcome {
  const actual = effectiveFailure(failure, context)
  const { countsAgainstEndpoint, mayFailOver }: FailureClass = FAILURE_CLASSES[actual.name]
  const reason = faultOf(actual)
  if (actual.name === 'clientDisconnected') return { kind: 'failed', fault: reason, retry: 'none' }
  if (!countsAgainstEndpoint) return { kind: 'refused', fault: reason }
  return { kind: 'failed', fault: reason, retry: mayFailOver && !context.bodyConsumed ? 'any' : 'none' }
}

/**
 * A client that disconnects explains every failure after it; after the head, a lost connection truncates the response.
 */
function effectiveFailure (failure: UpstreamFailure, context: FailureContext): UpstreamFailure {
  if (context.clientDisconnected) return { name: 'clientDisconnected', requestSent: failure.requestSent }
  const { countsAgainstEndpoint }: FailureClass = FAILURE_CLASSES[failure.name]
  if (!context.headReceived || !countsAgainstEndpoint || failure.name === 'responseTooSlow') return failure
  return { name: 'responseTruncated', cause: failure.cause }
}

/** Whether the gateway lacks a socket or a name server, which an operator has to know. */
export const isShortage = ({ name }: UpstreamFailure): boolean => {
  const row: FailureClass = FAILURE_CLASSES[name]
  return row.isShortage === true
}

/** Returns the fault of a failure. */
export function faultOf ({ name, reason, detail, cause, requestSent }: UpstreamFailure): Fault {
  const row: FailureClass = FAILURE_CLASSES[name]
  const { code, passThroughCode, exception, status } = row
  return fault(code, reason ?? row.reason, {
    passThroughCode,
    exception,
    requestSent: requestSent ?? row.requestSent,
    status,
    logDetail: detail,
    cause
  })
}

/** The endpoint has responded, and the gateway cannot read it. @param why continues a sentence about the response */
export const unreadable = (why: string): FailedOutcome =>
  ({ kind: 'refused', fault: faultOf({ name: 'responseTooLarge', reason: `The response of the endpoint ${why}` }) })
