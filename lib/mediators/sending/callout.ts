import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import type { ReadRequirements } from '../../contracts/read-requirements.js'
import type { Reader } from '../../contracts/xml-form.js'
import type { Element } from '../../xml/element.js'
import { CalloutPart, calloutRequest, calloutResult, readPart, writePart } from './callout-payload.js'
import { roundTrip } from './round-trip.js'
import { IMPLICIT_ENDPOINT } from './send.js'

/**
 * Sends a message, or an element of it, to an endpoint. The message itself continues, with the response in the place of
 * an element, in a property, or as its body.
 * @see Apache Synapse and WSO2, CalloutMediator, CalloutMediatorFactory
 */
export const callout = mediator({
  name: 'callout',
  description: 'Sends a message, or an element of it, to an endpoint, and puts the response into the message.',
  fields: {
    endpoint: describe(
      Type.Optional(Type.Ref('Endpoint')),
      'Destination; in XML serviceURL, endpointKey or `<endpoint>`. Default: the address in To.'
    ),
    action: describe(Type.Optional(Type.String({ minLength: 1 })), 'The Action of the request.'),
    source: describe(
      Type.Optional(CalloutPart),
      'The element that becomes the payload of the request. Default: the whole message.'
    ),
    target: describe(
      Type.Optional(CalloutPart),
      'The element that the payload of the response replaces, or the property that it is kept in. Default: the ' +
        'response replaces the body. JSON always replaces the body.'
    ),
    passHeaders: describe(
      Type.Optional(Type.Boolean()),
      'Whether a request with a `source` keeps the SOAP Header of the message.',
      true
    )
  },
  read (element, reader) {
    const [source, target] = [element.child('source'), element.child('target')]
    reportWithoutEffect(element, reader)
    return omitUndefined({
      endpoint: endpointOf(element, reader),
      action: element.attribute('action')?.trim() || undefined,
      source: source && readPart(source, reader, source.attribute('type')?.trim() === 'envelope'),
      target: target && readPart(target, reader),
      passHeaders: reader.flag(element, 'passHeaders', 'explicit')
    })
  },
  write: ({ endpoint, action, source, target, passHeaders }, writer) => [
    { action, passHeaders },
    endpoint === undefined ? undefined : writer.endpoint(endpoint),
    source && writePart('source', source),
    target && writePart('target', target)
  ],
  reads ({ endpoint, source, target }, of): ReadRequirements {
    const needs = of.endpoint(endpoint ?? IMPLICIT_ENDPOINT)
    return {
      ...needs,
      request: source === undefined && target === undefined ? needs.request : 'body',
      response: target === undefined ? needs.response : 'body',
      responds: true,
      passesOn: true
    }
  },
  build ({ endpoint, action, source, target, passHeaders = true }, context) {
    const requestFor = calloutRequest({ action, source, passHeaders }, context)
    const continueWith = calloutResult(target, context)
    return roundTrip(context.endpoint(endpoint ?? IMPLICIT_ENDPOINT), { requestFor, continueWith })
  }
})

/** An address that no failure suspends. @see WSO2, CalloutMediator.init */
const unsuspended = (uri: string): object => ({
  kind: 'address',
  uri,
  markForSuspension: { errorCodes: [-1] },
  suspendOnFailure: { errorCodes: [-1] }
})

/** serviceURL has precedence over endpointKey, and that over the element. */
function endpointOf (element: Element, reader: Reader): object | undefined {
  const [uri, key, inner] = [
    element.attribute('serviceURL')?.trim(),
    element.attribute('endpointKey')?.trim(),
    element.child('endpoint')
  ]
  if (uri === '') {
    reader.problem(
      element,
      'the serviceURL of <callout> is empty',
      'write an address, or leave it out: To is then used'
    )
  }
  if (uri) return reader.located(element, unsuspended(uri))
  if (key) return reader.located(element, { kind: 'reference', key })
  return inner === undefined ? undefined : (reader.endpoint(inner) as object)
}

/** Reports what the client of the engine has, and this one has not. */
function reportWithoutEffect (element: Element, reader: Reader): void {
  element.attribute('useServerConfig')
  const isInitialised = element.attribute('initAxis2ClientOptions')
  if (isInitialised !== undefined && !/^(?:true|false)$/i.test(isInitialised)) {
    reader.problem(element, `initAxis2ClientOptions expects true or false, not "${isInitialised}"`)
  }
  const configuration = element.child('configuration')
  if (configuration !== undefined) {
    reader.hint(
      configuration.markHandled(),
      '<configuration> of <callout> has no effect: Axis2 is not used here',
      'timeouts and TLS are settings of the endpoint'
    )
  }
  const security = element.child('enableSec')
  if (security !== undefined) {
    reader.problem(
      security.markHandled(),
      '<enableSec> of <callout> is not supported: nothing is signed, encrypted or given a token',
      'send through a service that secures the message',
      'unsupported-feature'
    )
  }
}
