import { continued, guarded } from './branches.js'
import { CODES, errorProperties, toFault, type Fault } from '../message/fault.js'
import type { Flow } from '../contracts/flow.js'
import type { Mediator, Step } from '../contracts/mediator.js'
import type { Message } from '../message/message.js'
import { nested } from './nesting.js'

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
