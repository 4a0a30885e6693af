import { accepted, clientResponse } from './client-response.js'
import { faultMessage } from './fault-response.js'
import { toChainError, runErrorHandler, type ChainError, sendToEndpoint, deliveryFailed, type Chain } from './chain.js'
import { fault, UNEXPECTED, type Fault } from '../message/fault.js'
import type { Flow } from '../contracts/flow.js'
import type { Endpoint } from '../contracts/endpoint.js'
import type { Step } from '../contracts/mediator.js'
import type { Message, Properties, ReadDepth } from '../message/message.js'
import { readMessage } from '../soap/read.js'
import { isAccepted, isOneWay } from '../message/well-known-properties.js'

/** One proxy, ready to run. */
export interface ProxyService {
  readonly name: string
  /** The properties that each request has from the start. */
  readonly propertiesOf?: ((request: Message) => Properties) | undefined
  /** Which transports it answers on. */
  readonly transports: readonly string[]
  /** False: every message is refused with a fault that says so, before anything looks at it. */
  readonly active: boolean
  readonly in: Chain
  /** Whom a message goes to that its in sequence let pass. */
  readonly endpoint?: Endpoint | undefined
  /** Undefined: an answer goes to the client as it is. */
  readonly out?: Chain | undefined
  readonly fault?: Chain | undefined
  /** How much of a request, and of an answer, somebody looks at. */
  readonly reads: { readonly request: ReadDepth, readonly response: ReadDepth }
}

/**
 * The life of one request: in, then out, and fault if anything breaks on the way. Whatever happens, it ends in an
 * answer.
 * @param onFault is called with each fault that ends a sequence
 */
export function * serveRequest (
  service: ProxyService, request: Message, uuid: () => string, onFault: (fault: Fault) => void = () => {}
): Flow<Message> {
  let seen: Message = {
    ...request, properties: { ...request.properties, ...service.propertiesOf?.(request), 'proxy.name': service.name }
  }
  if (!service.active) {
    const inactive = fault('MEDIATION', `The system is attempting to access an inactive service: ${service.name}`)
    onFault(inactive)
    return faultMessage(seen, inactive)
  }
  try {
    let handled: Step
    try {
      seen = readMessage(seen)
      const step = yield * runIn(service, seen)
      if (step.to !== 'handled') return toResponse(seen, step, uuid)
      handled = step.next
    } catch (error) {
      const broken = toChainError(error, seen)
      onFault(broken.fault)
      handled = yield * runFault(service, broken, seen)
    }
    return toResponse(seen, yield * runOut(service, handled), uuid)
  } catch (second) {
    const { fault } = toChainError(second, seen)
    onFault(fault)
    return faultResponse(seen, fault, uuid)
  }
}

function * runIn (service: ProxyService, request: Message): Flow<Step> {
  const step = yield * service.in(request)
  if (step.to !== 'next' || service.endpoint === undefined) return yield * runOut(service, step)
  return yield * runOut(service, yield * sendToEndpoint(service.endpoint, step.message))
}

function * runOut (service: ProxyService, step: Step): Flow<Step> {
  if (step.to !== 'out') return step
  return service.out === undefined ? { to: 'client', message: step.message } : yield * service.out(step.message)
}

/** Runs the fault sequence of a proxy. Without one, the fault itself is the response. */
function * runFault (service: ProxyService, first: ChainError, message: Message): Flow<Step> {
  if (first.fault.reason === UNEXPECTED) {
    const { cause, logDetail } = first.fault
    const fields = { stack: cause instanceof Error ? cause.stack : undefined }
    yield { kind: 'log', level: 'error', text: `mediation failed unexpectedly: ${logDetail}`, fields }
  }
  if (service.fault !== undefined) return yield * runErrorHandler(service.fault, first)
  if (isAccepted(first.messageAtFailure) || isOneWay(first.messageAtFailure)) yield deliveryFailed(first.fault)
  return { to: 'end', message, fault: first.fault }
}

function toResponse (request: Message, step: Step, uuid: () => string): Message {
  if (isAccepted(step.message)) return accepted(request)
  if (step.to === 'handled') return toResponse(request, step.next, uuid)
  if (step.to === 'client') return clientResponse(request, step.message, uuid)
  return step.to === 'end' && step.fault !== undefined ? faultResponse(request, step.fault, uuid) : accepted(request)
}

const faultResponse = (request: Message, fault: Fault, uuid: () => string): Message =>
  clientResponse(request, faultMessage(request, fault), uuid)
