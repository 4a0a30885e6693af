import { mapBatches } from './branches.js'
import { CODES, errorProperties, toFault, type Fault } from '../message/fault.js'
import type { Flow } from '../contracts/flow.js'
import type { Mediator, OwnStep, SplitStep, Step } from '../contracts/mediator.js'
import type { Message } from '../message/message.js'

export type Chain = (message: Message) => Flow<Step>

/**
 * A failure in a chain, with the message as it was there: the fault sequence sees the changes of the mediators before.
 */
export class ChainError extends Error {
  readonly fault: Fault
  readonly messageAtFailure: Message
  constructor (fault: Fault, messageAtFailure: Message) {
    super(fault.reason, { cause: fault.cause })
    this.fault = fault
    this.messageAtFailure = messageAtFailure
  }
}

/** Converts what was thrown during mediation of a message. */
export const toChainError = (error: unknown, message: Message): ChainError =>
  error instanceof ChainError ? error : new ChainError(toFault(error), message)

/** Mediators that run in order, and what becomes of the step, or the failure, that they end with. */
interface Part {
  readonly mediators: readonly Mediator[]
  /** Changes the step that leaves the part; one that ends the chain never becomes one that continues it. */
  readonly leave?: ((step: OwnStep) => OwnStep) | undefined
  /** Handles a failure in the part. After it has run, the message goes no further. */
  readonly onError?: Mediator | undefined
}

/** A part that a message is in. */
interface Frame {
  readonly part: Part
  /** The index of the mediator that runs next. */
  next: number
}

/**
 * Runs mediators in order, until one of them ends the chain.
 * @param onError handles a failure of them
 * @see Apache Synapse, FaultHandler
 * @throws ChainError
 */
export function chain (mediators: readonly Mediator[], onError?: Mediator): Chain {
  const part: Part = { mediators, onError }
  return message => new PartFlow(part, message)
}

/** Runs mediators in order, and changes the step that they end with. @throws ChainError */
export const runPart = (
  mediators: readonly Mediator[], message: Message, leave: (step: OwnStep) => OwnStep
): Flow<Step> => new PartFlow({ mediators, leave }, message)

/**
 * The flow of a message through a part. A part inside of another one never runs as a flow of its own: the flow around
 * it enters the part. So the stack does not grow with parts in one another, however many sequences a chain has.
 */
class PartFlow implements Flow<Step> {
  readonly part: Part
  readonly message: Message
  #flow: Flow<Step> | undefined

  constructor (part: Part, message: Message) {
    this.part = part
    this.message = message
  }

  [Symbol.iterator] (): Flow<Step> {
    this.#flow ??= runFrames([{ part: this.part, next: 0 }], this.message)
    return this.#flow
  }

  next (result?: unknown): ReturnType<Flow<Step>['next']> {
    return this[Symbol.iterator]().next(result)
  }

  return (step: Step): ReturnType<Flow<Step>['return']> {
    return this[Symbol.iterator]().return(step)
  }

  throw (error: unknown): ReturnType<Flow<Step>['throw']> {
    return this[Symbol.iterator]().throw(error)
  }
}

/**
 * Runs the rest of all parts that a message is in, the innermost one first.
 * @param branch what a branch of the message does before
 */
function * runFrames (frames: Frame[], message: Message, branch?: Flow<Step>): Flow<Step> {
  let current = message
  let pendingBranch = branch
  while (frames.length > 0) {
    const frame = frames[frames.length - 1]!
    let step: Step | undefined
    try {
      let result: Step | Flow<Step> | undefined
      if (pendingBranch !== undefined) {
        result = pendingBranch
        pendingBranch = undefined
      } else if (frame.next < frame.part.mediators.length) result = frame.part.mediators[frame.next++]!(current)
      if (result instanceof PartFlow) {
        frames.push({ part: result.part, next: 0 })
        current = result.message
        continue
      }
      if (result !== undefined) step = 'to' in result ? result : yield * result
    } catch (error) {
      const failure = toChainError(error, current)
      const handler = popToHandler(frames)
      if (handler === undefined) throw failure
      frames.push({ part: errorHandlerPart(handler, failure.fault), next: 0 })
      current = withErrorProperties(failure)
      continue
    }
    if (step === undefined) {
      frames.pop()
      step = frame.part.leave?.({ to: 'next', message: current }) ?? { to: 'next', message: current }
    }
    if (step.to === 'branches') return splitRest(step, frames)
    if (step.to !== 'next') return leaveAll(frames, step)
    current = step.message
  }
  return { to: 'next', message: current }
}

/** The handler of the innermost part that has one; the message is then outside of that part. */
function popToHandler (frames: Frame[]): Mediator | undefined {
  for (let frame = frames.pop(); frame !== undefined; frame = frames.pop()) {
    if (frame.part.onError !== undefined) return frame.part.onError
  }
  return undefined
}

/** Each branch takes the rest of all parts on its own. */
const splitRest = (step: SplitStep, frames: readonly Frame[]): SplitStep => ({
  ...step,
  batches: mapBatches(step.batches, flow => runFrames(frames.map(each => ({ ...each })), step.message, flow))
})

/** The step that ends all parts, as it leaves the outermost one. */
function leaveAll (frames: readonly Frame[], step: OwnStep): OwnStep {
  let leaving = step
  for (let at = frames.length - 1; at >= 0; at--) leaving = frames[at]!.part.leave?.(leaving) ?? leaving
  return leaving
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

/** An error handler. If it produces no response, the step keeps the fault for the client. */
const errorHandlerPart = (handler: Mediator, fault: Fault): Part => ({
  mediators: [handler],
  leave: step => step.to === 'next' || step.to === 'end' ? { to: 'end', message: step.message, fault } : step
})

/** Runs an error handler. */
export const runErrorHandler = (handler: Mediator, error: ChainError): Flow<Step> =>
  new PartFlow(errorHandlerPart(handler, error.fault), withErrorProperties(error))

/**
 * Returns the message with the fault as properties (`ERROR_CODE` and others). An exception in mediation does not hide
 * an earlier failure. A message that failed on its way back is no longer a response of its endpoint.
 * @see WSO2, SynapseCallbackReceiver
 */
export function withErrorProperties ({ fault, messageAtFailure }: ChainError): Message {
  const { status, axis2, properties } = messageAtFailure
  const message =
    status === undefined
      ? messageAtFailure
      : { ...messageAtFailure, status: undefined, axis2: { ...axis2, HTTP_SC: 500 } }
  if (fault.code === CODES.MEDIATION && properties['ERROR_CODE'] !== undefined) return message
  const otherProperties = Object.entries(properties).filter(
    ([name]) => !/^ERROR_(CODE|MESSAGE|DETAIL|EXCEPTION)$/.test(name)
  )
  return { ...message, properties: { ...Object.fromEntries(otherProperties), ...errorProperties(fault) } }
}
