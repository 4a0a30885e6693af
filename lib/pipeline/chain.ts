import { deliver } from './deliver.js'
import { accepted } from './client-response.js'
import { continued, guarded } from './branches.js'
import { CODES, errorProperties, describeFault, toFault, type Fault } from '../message/fault.js'
import type { Flow, Log, Outcome } from '../contracts/flow.js'
import { createReservingEndpoint, type Endpoint } from '../contracts/endpoint.js'
import type { Mediator, Step } from '../contracts/mediator.js'
import type { Message } from '../message/message.js'
import { atDepthOf, nested } from './nesting.js'
import { isAccepted, isOneWay, withAxis2 } from '../message/well-known-properties.js'

export type Chain = (message: Message) => Flow<Step>

/**
 * A failure in a chain, with the message as it was there: the fault sequence sees the changes of the mediators before.
 */
export class ChainError extends Error {
  readonly fault: Fault
  readonly messageAtFailure: Message
  constructor (fault: Fault, at: Message) {
    super(fault.reason, { cause: fault.cause })
    this.fault = fault
    this.messageAtFailure = at
  }
}

/** Converts what was thrown during mediation of a message. */
export const toChainError = (error: unknown, message: Message): ChainError =>
  error instanceof ChainError ? error : new ChainError(toFault(error), message)

/** Runs mediators in order, until one of them ends the chain. @throws ChainError */
export const chain = (mediators: readonly Mediator[], first = 0): Chain =>
  function * (message) {
    let current = message
    for (let at = first; at < mediators.length; at++) {
      try {
        const result = mediators[at]!(current)
        const step = 'to' in result ? result : yield * result
        if (step.to === 'branches') return yield * continuedBy(chain(mediators, at + 1), step)
        if (step.to !== 'next') return step
        current = step.message
      } catch (error) {
        throw toChainError(error, current)
      }
    }
    return { to: 'next', message: current }
  }

/**
 * Mediators that need no effects, as a function. @throws ChainError if one of them throws or yields an effect
 */
export const withoutEffects =
  (mediators: readonly Mediator[]): ((message: Message) => Message) =>
    message => {
      let current = message
      try {
        for (const mediator of mediators) {
          const step = mediator(current)
          if (!('to' in step)) throw new TypeError('a mediator yields effects where none are possible')
          current = step.message
        }
        return current
      } catch (error) {
        throw toChainError(error, current)
      }
    }

/** Continues the branches of a message along the rest of a chain. */
const continuedBy = (rest: Chain, step: Step): Flow<Step> =>
  continued(step, each => (each.to === 'next' ? rest(each.message) : each))

/**
 * A chain with an error handler. After the handler has run, the message goes no further.
 * @see Apache Synapse, FaultHandler
 */
export const withErrorHandler =
  (inner: Chain, onError: Mediator): Chain =>
    message =>
      guarded(inner(message), error => runErrorHandler(onError, toChainError(error, message)))

/** Runs an error handler. If it produces no response, the step keeps the fault for the client. */
export function * runErrorHandler (handler: Mediator, error: ChainError): Flow<Step> {
  const result = handler(nested(withErrorProperties(error), 'an error handler'))
  return yield * continued('to' in result ? result : yield * result, step =>
    step.to === 'next' || step.to === 'end' ? { to: 'end', message: step.message, fault: error.fault } : step
  )
}

/**
 * Returns the message with the fault as properties (`ERROR_CODE` and others). An exception in mediation does not hide
 * an earlier failure. A message that failed on its way back is no longer a response of its endpoint.
 * @see WSO2, SynapseCallbackReceiver
 */
export function withErrorProperties ({ fault, messageAtFailure: at }: ChainError): Message {
  const message = at.status === undefined ? at : { ...at, status: undefined, axis2: { ...at.axis2, HTTP_SC: 500 } }
  if (fault.code === CODES.MEDIATION && at.properties['ERROR_CODE'] !== undefined) return message
  const others = Object.entries(at.properties).filter(
    ([name]) => !/^ERROR_(CODE|MESSAGE|DETAIL|EXCEPTION)$/.test(name)
  )
  return { ...message, properties: { ...Object.fromEntries(others), ...errorProperties(fault) } }
}

/** The response of an endpoint, or the step of an error handler that took the message over. */
export type Received =
  { readonly kind: 'response'; readonly message: Message } | { readonly kind: 'handled'; readonly step: Step }

const handled = (step: Step): Received => ({ kind: 'handled', step })

const asHandled = (next: Step): Step =>
  next.to === 'handled' ? next : { to: 'handled', message: next.message, next }

/**
 * Sends a message to an endpoint, and returns its response. A client that is not to wait for it receives its 202 first.
 * A late response sets no SENDING_FAULT.
 * @throws ChainError if the endpoint failed or refused the message, and has no error handler
 * @see Apache Synapse and WSO2, ServerWorker (202 once the in sequence has sent); Apache Synapse, TimeoutHandler
 */
export function * sendAndReceive (endpoint: Endpoint, message: Message): Flow<Received> {
  if (isAccepted(message)) yield { kind: 'detach', result: accepted(message) }
  const outcome = yield * deliver(endpoint, message)
  if (outcome.kind === 'discarded') return handled(asHandled({ to: 'end', message }))
  if (outcome.kind === 'answered') {
    return {
      kind: 'response',
      message: atDepthOf(
        message,
        isAccepted(message) ? withAxis2(outcome.message, 'FORCE_SC_ACCEPTED', true) : outcome.message
      )
    }
  }
  const sending =
    outcome.kind === 'failed' && outcome.fault.code !== CODES.CONNECTION_TIMEOUT ? { SENDING_FAULT: 'true' } : {}
  const error = new ChainError(outcome.fault, { ...message, properties: { ...message.properties, ...sending } })
  if (outcome.handler === undefined) throw error
  return handled(yield * continued(yield * runErrorHandler(outcome.handler, error), asHandled))
}

/**
 * Sends a message to an endpoint, and its response to the out sequence. The response to a one-way message is discarded.
 */
export function * sendToEndpoint (endpoint: Endpoint, message: Message): Flow<Step> {
  const oneWay = isOneWay(message)
  if (oneWay) yield { kind: 'detach', result: accepted(message) }
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
    const place = inner.reserve(message, bound, delivery)
    return place.kind === 'refused'
      ? place
      : {
          kind: 'reserved',
          confirm: place.confirm && (() => place.confirm!()),
          send: () => withHandler(place.send(), handler),
          release: () => place.release()
        }
  })

function * withHandler (flow: Flow<Outcome>, handler: Mediator): Flow<Outcome> {
  const outcome = yield * flow
  return outcome.kind === 'failed' ? { ...outcome, handler } : outcome
}
