import { deliver } from './deliver.js'
import { acceptedResponse } from './client-response.js'
import { continued } from './branches.js'
import { ChainError, runErrorHandler, toChainError } from './chain.js'
import { CODES, describeFault, type Fault } from '../message/fault.js'
import type { Flow, Log, Outcome } from '../contracts/flow.js'
import { createReservingEndpoint, type Endpoint } from '../contracts/endpoint.js'
import type { Mediator, Step } from '../contracts/mediator.js'
import type { Message } from '../message/message.js'
import { atDepthOf } from './nesting.js'
import { isAccepted, isOneWay, withAxis2 } from '../message/well-known-properties.js'

/** The response of an endpoint, or the step of an error handler that took the message over. */
export type Received =
  { readonly kind: 'response'; readonly message: Message } | { readonly kind: 'handled'; readonly step: Step }

/** Marks a step as taken by an error handler. */
const markHandled = (next: Step): Step =>
  next.to === 'handled' ? next : { to: 'handled', message: next.message, next }

/**
 * Sends a message to an endpoint, and returns its response. A client that is not to wait for it receives its 202 first.
 * A late response sets no SENDING_FAULT.
 * @throws ChainError if the endpoint failed or refused the message, and has no error handler
 * @see Apache Synapse and WSO2, ServerWorker (202 once the in sequence has sent); Apache Synapse, TimeoutHandler
 */
export function * sendAndReceive (endpoint: Endpoint, message: Message): Flow<Received> {
  if (isAccepted(message)) yield { kind: 'detach', result: acceptedResponse(message) }
  const outcome = yield * deliver(endpoint, message)
  if (outcome.kind === 'discarded') return { kind: 'handled', step: markHandled({ to: 'end', message }) }
  if (outcome.kind === 'answered') {
    return {
      kind: 'response',
      message: atDepthOf(
        message,
        isAccepted(message) ? withAxis2(outcome.message, 'FORCE_SC_ACCEPTED', true) : outcome.message
      )
    }
  }
  const sendingFault =
    outcome.kind === 'failed' && outcome.fault.code !== CODES.CONNECTION_TIMEOUT ? { SENDING_FAULT: 'true' } : {}
  const error = new ChainError(outcome.fault, { ...message, properties: { ...message.properties, ...sendingFault } })
  if (outcome.handler === undefined) throw error
  const step = yield * continued(runErrorHandler(outcome.handler, error), markHandled)
  return { kind: 'handled', step }
}

/**
 * Sends a message to an endpoint, and its response to the out sequence. The response to a one-way message is discarded.
 */
export function * sendToEndpoint (endpoint: Endpoint, message: Message): Flow<Step> {
  const oneWay = isOneWay(message)
  if (oneWay) yield { kind: 'detach', result: acceptedResponse(message) }
  const received = yield * sendAndReceive(endpoint, message)
  return received.kind === 'handled' ? received.step : { to: oneWay ? 'end' : 'out', message: received.message }
}

/**
 * Sends a message while mediation continues, whatever the outcome. A body that streams exists once: mediation then
 * waits.
 */
export function * sendDetached (endpoint: Endpoint, message: Message): Flow<void> {
  yield { kind: 'race', flows: [deliverDetached(endpoint, message)] }
}

function * deliverDetached (endpoint: Endpoint, message: Message): Flow<undefined> {
  if (message.body.kind !== 'stream') yield { kind: 'detach', result: undefined }
  try {
    yield * sendAndReceive(endpoint, message)
  } catch (error) {
    yield deliveryFailed(toChainError(error, message).fault)
  }
  return undefined
}

/** The log line for a message that could not be delivered after its client had a response. */
export const deliveryFailed = (fault: Fault): Log => ({
  kind: 'log',
  summedAs: 'delivery',
  level: 'warn',
  text: `a detached message was not delivered: ${describeFault(fault)}`,
  fields: { ERROR_CODE: fault.code }
})

/** An endpoint with a sequence for its failures: it runs after the last attempt. */
export const endpointWithErrorHandler = (inner: Endpoint, handler: Mediator): Endpoint =>
  createReservingEndpoint(inner.endpointName, (message, bound, delivery) => {
    const reservation = inner.reserve(message, bound, delivery)
    return reservation.kind === 'refused'
      ? reservation
      : {
          kind: 'reserved',
          confirm: reservation.confirm && (() => reservation.confirm!()),
          send: () => withErrorHandler(reservation.send(), handler),
          release: () => reservation.release()
        }
  })

function * withErrorHandler (flow: Flow<Outcome>, handler: Mediator): Flow<Outcome> {
  const outcome = yield * flow
  return outcome.kind === 'failed' ? { ...outcome, handler } : outcome
}
