import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../../contracts/fields.js'
import type { ReadRequirements } from '../../contracts/read-requirements.js'
import { mediator } from '../../contracts/kind.js'
import { calledBranch } from '../../message/branch.js'
import {
  CallSource,
  CallTarget,
  continuation,
  readSource,
  readTarget,
  replacesBody,
  requestOf,
  restoresMessage,
  storesResponse,
  writeSource,
  writeTarget
} from './call-payload.js'
import { roundTrip } from './round-trip.js'
import { IMPLICIT_ENDPOINT } from './send.js'

/**
 * Sends the message and continues with the response, still in the in sequence. A one-way message continues at once.
 * `source` replaces what is sent; `target` puts the response elsewhere, and the message continues as it was.
 * @see WSO2, CallMediator, CallMediatorFactory
 */
export const call = mediator({
  name: 'call',
  description: 'Sends the message to an endpoint and continues with the response.',
  fields: {
    endpoint: describe(Type.Optional(Type.Ref('Endpoint')), 'Destination. Default: the address in To.'),
    source: describe(Type.Optional(CallSource), 'What is sent. Default: the body of the message.'),
    target: describe(
      Type.Optional(CallTarget),
      'Where the response goes. Default: it is the message that continues.'
    ),
    blocking: describe(Type.Optional(Type.Boolean()), 'Has no effect: a call never blocks other messages.')
  },
  read (element, reader) {
    const inner = element.child('endpoint')
    const [source, target] = [element.child('source'), element.child('target')]
    for (const ignored of ['initAxis2ClientOptions', 'axis2xml', 'repository']) element.attribute(ignored)
    return omitUndefined({
      source: source && readSource(source, reader),
      target: target && readTarget(target, reader),
      endpoint: inner && reader.endpoint(inner),
      blocking: reader.flag(element, 'blocking', 'onlyTrue')
    })
  },
  write: ({ endpoint, source, target, blocking }, writer) => [
    { blocking },
    source && writeSource(source),
    target && writeTarget(target),
    endpoint === undefined ? undefined : writer.endpoint(endpoint)
  ],
  reads ({ endpoint, source, target }, of): ReadRequirements {
    const needs = of.endpoint(endpoint ?? IMPLICIT_ENDPOINT)
    const passesOn = restoresMessage(source, target)
    return {
      ...needs,
      request: passesOn || replacesBody(source) ? 'body' : needs.request,
      response: storesResponse(target) ? 'body' : needs.response,
      responds: true,
      passesOn
    }
  },
  build ({ endpoint, source, target }, context) {
    const requestFor = requestOf(source, context)
    const continued = continuation(source, target, context)
    return roundTrip(context.endpoint(endpoint ?? IMPLICIT_ENDPOINT), {
      requestFor,
      continueWith: (original, response) => ({
        ...continued(original, response),
        direction: original.direction,
        ...calledBranch(original)
      }),
      continueOneWay: (_, request) => request
    })
  }
})
