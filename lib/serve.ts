import { accepted, answer, faultFor } from './answer.js'
import { answerOf, broken, Diverted, withError, type Chain } from './chain.js'
import { fault, MediationError } from './fault.js'
import type { Flow } from './flow.js'
import type { Endpoint, Step } from './kind.js'
import type { Message, Need } from './message.js'
import { read } from './soap/read.js'

/** One proxy, ready to run. */
export interface Service {
  readonly name: string
  /** Which transports it answers on. */
  readonly transports: readonly string[]
  /** False: every message is refused with a fault that says so. */
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
  let seen = request
  try {
    seen = read(request)
    return finish(seen, yield * forth(service, seen), uuid)
  } catch (error) {
    if (error instanceof Diverted) return finish(seen, error.step, uuid)
    const first = broken(error, seen)
    if (service.fault === undefined) return faultFor(seen, first.fault)
    try {
      const step = yield * back(service, yield * service.fault(turned(withError(first))))
      return step.to === 'client' ? answer(seen, step.message, uuid) : faultFor(seen, first.fault)
    } catch (second) {
      return faultFor(seen, broken(second, seen).fault)
    }
  }
}

function * forth (service: Service, request: Message): Flow<Step> {
  if (!service.active) throw new MediationError(fault('MEDIATION', `The system is attempting to access an inactive service: ${service.name}`))
  const step = yield * service.in(request)
  if (step.to !== 'next' || service.endpoint === undefined) return yield * back(service, step)
  return yield * back(service, { to: 'out', message: yield * answerOf(service.endpoint, step.message) })
}

function * back (service: Service, step: Step): Flow<Step> {
  if (step.to !== 'out') return step
  return service.out === undefined ? { to: 'client', message: step.message } : yield * service.out(step.message)
}

const finish = (request: Message, step: Step, uuid: () => string): Message =>
  step.to === 'client' ? answer(request, step.message, uuid) : accepted(request)

/** What broke on its way back is no answer of an endpoint any more. */
const turned = (message: Message): Message => message.direction === 'request'
  ? message
  : { ...message, status: undefined, axis2: { ...message.axis2, HTTP_SC: 500 } }
