import { accepted, answer, faultFor } from './client-response.js'
import { broken, Diverted, handled, sentTo, undelivered, type Chain } from './chain.js'
import { fault, type Fault } from '../message/fault.js'
import type { Flow } from '../contracts/flow.js'
import type { Endpoint, Step } from '../contracts/kind.js'
import type { Message, Need } from '../message/message.js'
import { read } from '../soap/read.js'
import { isAccepted, isOneWay } from '../message/well-known-properties.js'

/** One proxy, ready to run. */
export interface Service {
  readonly name: string
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
  readonly needs: { readonly request: Need, readonly response: Need }
}

/** The life of one request: in, then out, and fault if anything breaks on the way. Whatever happens, it ends in an answer. */
export function * serve (service: Service, request: Message, uuid: () => string): Flow<Message> {
  let seen: Message = { ...request, properties: { ...request.properties, 'proxy.name': service.name } }
  if (!service.active) return faultFor(seen, fault('MEDIATION', `The system is attempting to access an inactive service: ${service.name}`))
  try {
    seen = read(seen)
    return finish(seen, yield * forth(service, seen), uuid)
  } catch (error) {
    try {
      return finish(seen, yield * back(service, yield * rescued(service, error, seen)), uuid)
    } catch (second) {
      return told(seen, broken(second, seen).fault, uuid)
    }
  }
}

function * forth (service: Service, request: Message): Flow<Step> {
  const step = yield * service.in(request)
  if (step.to !== 'next' || service.endpoint === undefined) return yield * back(service, step)
  return yield * back(service, yield * sentTo(service.endpoint, step.message))
}

function * back (service: Service, step: Step): Flow<Step> {
  if (step.to !== 'out') return step
  return service.out === undefined ? { to: 'client', message: step.message } : yield * service.out(step.message)
}

/** Where a message goes that broke: as its fault sequence says, unless the handler of an endpoint has taken it over. */
function * rescued (service: Service, error: unknown, message: Message): Flow<Step> {
  if (error instanceof Diverted) return error.step
  const first = broken(error, message)
  if (service.fault !== undefined) return yield * handled(service.fault, first)
  if (isAccepted(first.at) || isOneWay(first.at)) yield undelivered(first.fault)
  return { to: 'nowhere', message, fault: first.fault }
}

function finish (request: Message, step: Step, uuid: () => string): Message {
  if (isAccepted(step.message)) return accepted(request)
  if (step.to === 'client') return answer(request, step.message, uuid)
  return step.to === 'nowhere' && step.fault !== undefined ? told(request, step.fault, uuid) : accepted(request)
}

const told = (request: Message, fault: Fault, uuid: () => string): Message => answer(request, faultFor(request, fault), uuid)
