import { atDepthOf } from './nesting.js'
import { acceptedResponse, clientResponse } from './client-response.js'
import { faultMessage } from './fault-response.js'
import { ChainError, toChainError, runErrorHandler, type Chain } from './chain.js'
import { deliveryFailed, sendToEndpoint } from './send-and-receive.js'
import { fault, UNEXPECTED, type Fault } from '../message/fault.js'
import type { BranchResult, Flow } from '../contracts/flow.js'
import type { Endpoint } from '../contracts/endpoint.js'
import type { SplitStep, Step } from '../contracts/mediator.js'
import type { JsonRules } from '../message/json-rules.js'
import type { Message, Properties, ReadDepth } from '../message/message.js'
import { continued, mapBatches } from './branches.js'
import { readMessage } from '../soap/read.js'
import { isAccepted, isOneWay } from '../message/well-known-properties.js'

/** One proxy, ready to run. */
export interface ProxyService {
  readonly name: string
  /** Whether it is a resource of an API, whose name it has. Default: false. */
  readonly isResource?: boolean | undefined
  /** The properties that each request has from the start. */
  readonly propertiesOf?: ((request: Message) => Properties) | undefined
  /** The transports that the proxy accepts: `http`, `https`. */
  readonly transports: readonly string[]
  /** Whether clients may upgrade to WebSocket. Default: false. */
  readonly webSocket?: boolean | undefined
  /** False: every message is refused with a fault before it is read. */
  readonly isRunning: boolean
  readonly in: Chain
  /** Receives the messages that the in sequence passes on. */
  readonly endpoint?: Endpoint | undefined
  /** Undefined: responses go to the client without mediation. */
  readonly out?: Chain | undefined
  readonly fault?: Chain | undefined
  /** How its messages become JSON or XML. Default: the defaults of the engine */
  readonly jsonRules?: JsonRules | undefined
  /** How much of a request and of a response the proxy reads. */
  readonly reads: { readonly request: ReadDepth; readonly response: ReadDepth }
}

/**
 * Serves one request: in sequence, endpoint, out sequence, and the fault sequence after a failure. It always ends in a
 * response.
 * @param onFault called with each fault that ends a sequence
 */
export function * serveRequest (
  service: ProxyService,
  request: Message,
  uuid: () => string,
  onFault: (fault: Fault) => void = () => {}
): Flow<Message> {
  const { jsonRules } = service
  const properties = { ...request.properties, ...service.propertiesOf?.(request), 'proxy.name': service.name }
  let received: Message = jsonRules === undefined ? { ...request, properties } : { ...request, properties, jsonRules }
  if (!service.isRunning) {
    const inactive = fault('MEDIATION', `The system is attempting to access an inactive service: ${service.name}`)
    onFault(inactive)
    return faultMessage(received, inactive)
  }
  try {
    let handlerStep: Step
    try {
      received = readMessage(received)
      let step = yield * service.in(received)
      if (step.to === 'branches') step = yield * continueBranches(service, step)
      else {
        if (step.to === 'next' && service.endpoint !== undefined) {
          step = yield * sendToEndpoint(service.endpoint, step.message)
        }
        if (step.to === 'out') step = yield * runOut(service, step)
      }
      if (step.to === 'branches') return yield * joinBranches({ service, request: received, uuid, onFault }, step)
      if (step.to !== 'handled') return toResponse(received, step, uuid)
      handlerStep = step.next
    } catch (error) {
      const failure = toChainError(error, received)
      onFault(failure.fault)
      handlerStep = yield * runFault(service, failure, received)
    }
    const final = yield * runOut(service, handlerStep)
    if (final.to === 'branches') return yield * joinBranches({ service, request: received, uuid, onFault }, final)
    return toResponse(received, final, uuid)
  } catch (secondError) {
    const { fault } = toChainError(secondError, received)
    onFault(fault)
    return faultResponse(received, fault, uuid)
  }
}

/** What the branches of one request share. */
interface BranchContext {
  readonly service: ProxyService
  readonly request: Message
  readonly uuid: () => string
  readonly onFault: (fault: Fault) => void
}

/**
 * Runs the branches of a request, and returns the first response of one. A client that is not to wait for them receives
 * its 202 first.
 */
function * joinBranches (context: BranchContext, { message, batches }: SplitStep): Flow<Message> {
  const { request, uuid } = context
  if (isAccepted(message) || isOneWay(message)) yield { kind: 'detach', result: acceptedResponse(request) }
  const result: BranchResult = yield {
    kind: 'branches',
    batches: mapBatches(batches, flow => branchResult(context, flow))
  }
  switch (result.kind) {
    case 'response':
      return result.message
    case 'failed':
      return faultResponse(request, result.fault, uuid)
    default:
      return acceptedResponse(request)
  }
}

/** Runs one branch to its end. A failure in it runs the fault sequence. */
function * branchResult (context: BranchContext, flow: Flow<Step>): Flow<BranchResult> {
  const { service, request, onFault } = context
  try {
    let handlerStep: Step
    try {
      const step = yield * flow
      if (step.to !== 'handled') return resultOf(context, step)
      handlerStep = step.next
    } catch (error) {
      const failure = toChainError(error, request)
      onFault(failure.fault)
      handlerStep = yield * runFault(service, failure, request)
    }
    return resultOf(context, yield * runOut(service, handlerStep))
  } catch (secondError) {
    const { fault } = toChainError(secondError, request)
    onFault(fault)
    return { kind: 'failed', fault }
  }
}

function resultOf (context: BranchContext, step: Step): BranchResult {
  switch (step.to) {
    case 'branches':
      return { kind: 'branches', batches: mapBatches(step.batches, flow => branchResult(context, flow)) }
    case 'end':
      return step.fault === undefined ? { kind: 'ended' } : { kind: 'failed', fault: step.fault }
    case 'client':
      return { kind: 'response', message: toResponse(context.request, step, context.uuid) }
    case 'handled':
      return resultOf(context, step.next)
    default:
      return { kind: 'ended' }
  }
}

/** A branch that reaches the end of the in sequence goes no further; the message itself goes to the endpoint. */
function continueBranches (service: ProxyService, step: SplitStep): Flow<Step> {
  const { endpoint } = service
  return continued(step, each =>
    each.to === 'next' && endpoint !== undefined && !isBranch(each.message)
      ? sendThenRunOut(service, endpoint, each.message)
      : runOut(service, each)
  )
}

const isBranch = ({ branch }: Message): boolean => branch !== undefined

function * sendThenRunOut (service: ProxyService, endpoint: Endpoint, message: Message): Flow<Step> {
  return yield * runOut(service, yield * sendToEndpoint(endpoint, message))
}

function * runOut (service: ProxyService, step: Step): Flow<Step> {
  if (step.to === 'branches') return yield * continued(step, each => runOut(service, each))
  if (step.to !== 'out') return step
  return service.out === undefined ? { to: 'client', message: step.message } : yield * service.out(step.message)
}

/** Runs the fault sequence of a proxy. Without one, the fault itself is the response. */
function * runFault (service: ProxyService, failure: ChainError, message: Message): Flow<Step> {
  if (failure.fault.reason === UNEXPECTED) {
    const { cause, logDetail } = failure.fault
    const fields = { stack: cause instanceof Error ? cause.stack : undefined }
    const text = `mediation failed unexpectedly: ${logDetail}`
    yield { kind: 'log', summedAs: 'mediation', level: 'error', text, fields }
  }
  if (service.fault !== undefined) {
    const failureAtDepth = new ChainError(failure.fault, atDepthOf(message, failure.messageAtFailure))
    return yield * runErrorHandler(service.fault, failureAtDepth)
  }
  if (isAccepted(failure.messageAtFailure) || isOneWay(failure.messageAtFailure)) yield deliveryFailed(failure.fault)
  return { to: 'end', message, fault: failure.fault }
}

function toResponse (request: Message, step: Step, uuid: () => string): Message {
  if (isAccepted(step.message)) return acceptedResponse(request)
  if (step.to === 'handled') return toResponse(request, step.next, uuid)
  if (step.to === 'client') return clientResponse(request, step.message, uuid)
  return step.to === 'end' && step.fault !== undefined
    ? faultResponse(request, step.fault, uuid)
    : acceptedResponse(request)
}

const faultResponse = (request: Message, fault: Fault, uuid: () => string): Message =>
  clientResponse(request, faultMessage(request, fault), uuid)
