import { fault } from '../../message/fault.js'
import type { ForwardOutcome } from '../../contracts/flow.js'
import { headerOf } from '../../message/headers.js'
import type { Message } from '../../message/message.js'
import { readFault } from '../../soap/fault.js'
import { documentOf, envelopeOf, readMessage } from '../../soap/read.js'
import { translateAddresses } from './translated-addresses.js'
import { failsOnFault } from '../../message/well-known-properties.js'

/**
 * Returns the response of an endpoint at `uri` as mediators see it. @throws MediationError if it must be read and
 * cannot be
 */
export function endpointResponse (response: Message, request: Message, uri: string): Message {
  const { variables, parameters, branch, jsonRules } = request
  const readable = response.read ? readMessage(response) : response
  const hasContext = (variables ?? parameters ?? branch ?? jsonRules) !== undefined
  const inContext = hasContext ? { ...readable, variables, parameters, branch, jsonRules } : readable
  const service = request.axis2['SERVICE_PREFIX']
  if (typeof service !== 'string') return inContext
  const headers = translateAddresses(inContext.headers, uri, service, inContext.status)
  return headers === inContext.headers ? inContext : { ...inContext, headers }
}

/**
 * Makes a failure of a SOAP fault, if the request demands that. The message may be sent again if its body is buffered.
 */
export function classifySoapFault (outcome: ForwardOutcome, request: Message): ForwardOutcome {
  if (outcome.kind !== 'answered' || !failsOnFault(request)) return outcome
  const { message } = outcome
  const { bytes, charset } = documentOf(message)
  const soapFault = envelopeOf(message) && readFault(bytes, undefined, { charset })
  if (soapFault === undefined) return outcome
  return {
    kind: 'failed',
    fault: fault('SOAP_FAULT', `the endpoint answered with a fault: ${soapFault.reason}`, { requestSent: true }),
    retry: request.body.kind === 'stream' ? 'none' : 'any'
  }
}

/**
 * Makes failures of responses with these statuses, else with those of a group. `Retry-After` decides how long the
 * endpoint is suspended.
 * @see RFC 9110, section 10.2.3
 */
export function statusClassifier (
  own: readonly number[] | undefined,
  now: () => number
): (outcome: ForwardOutcome, request: Message, ofGroup: readonly number[] | undefined) => ForwardOutcome {
  return (outcome, request, ofGroup) => {
    const statuses = own ?? ofGroup
    if (statuses === undefined || outcome.kind !== 'answered') return outcome
    if (!statuses.includes(outcome.message.status ?? 0)) return outcome
    const { status, headers, body } = outcome.message
    if (body.kind === 'stream') body.rest.discard()
    const retryAfter = millisecondsOf(headerOf(headers, 'retry-after'), now)
    const details = { requestSent: true, passThroughCode: status, retryAfter }
    const failure = fault('FAILURE_STATUS', `the endpoint responded with status ${status}`, details)
    return { kind: 'failed', fault: failure, retry: request.body.kind === 'stream' ? 'none' : 'any' }
  }
}

/** Seconds, or a date. Undefined if it is neither, or not later than now. */
function millisecondsOf (text: string | undefined, now: () => number): number | undefined {
  const value = text?.trim() ?? ''
  const milliseconds = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now()
  return milliseconds > 0 ? milliseconds : undefined
}
