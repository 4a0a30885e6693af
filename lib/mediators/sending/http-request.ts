import { Type } from '@sinclair/typebox'
import { describe } from '../../contracts/fields.js'
import type { BuildContext } from '../../contracts/build-context.js'
import { mediator } from '../../contracts/kind.js'
import type { ReadRequirements } from '../../contracts/read-requirements.js'
import { compileTemplate } from '../../expression/template.js'
import { withoutHeaders } from '../../message/headers.js'
import { calledBranch } from '../../message/branch.js'
import { deepestOf, ownProperty, type Message } from '../../message/message.js'
import { needOf, withoutBody, without } from '../../message/well-known-properties.js'
import { checkedHeaderName, withHttpHeader } from '../values/http-header.js'
import { BODY_TYPES, depthOfText, requestBody, Text, textFor, type RequestBody } from './http-request-body.js'
import { responseVariable } from './http-request-response.js'
import { METHODS, PROPERTY_NAMES, readHttpRequest, writeHttpRequest } from './http-request-xml.js'
import { roundTrip } from './round-trip.js'

/** The variable of the URI template of an endpoint that the path of a request replaces. */
const PATH = 'uri.var.relativePath'

const Property = Type.Object(
  {
    name: Type.Union(PROPERTY_NAMES.map(each => Type.Literal(each))),
    value: Type.String({ minLength: 1 })
  },
  { additionalProperties: false }
)
const Header = Type.Object(
  { name: Type.String({ minLength: 1 }), value: Type.String() },
  { additionalProperties: false }
)

/**
 * Sends a request that it makes, and continues with the response: the HTTP connector of Micro Integrator.
 * @see WSO2, mi-connector-http: RestURLBuilder and its templates; InvokeMediator
 */
export const httpRequest = mediator({
  name: 'httpRequest',
  aliases: ['http'],
  description:
    'Sends a request to an endpoint, or to the connection of an HTTP connector, and continues with the response. In ' +
    'XML `<http.get configKey="…">`, `<http.post>` and so on.',
  fields: {
    method: describe(
      Type.Union(METHODS.map(each => Type.Literal(each))),
      'Method of the request; in XML the name of the element. GET and HEAD have no body.'
    ),
    endpoint: describe(
      Type.Ref('Endpoint'),
      'Destination; in XML `configKey`, the key of a local entry with `<http.init>`, or of an endpoint.'
    ),
    path: describe(
      Type.Optional(Text),
      'What follows the address of the connection, with expressions `${…}`: the variable `uri.var.relativePath` in ' +
        'the URI template of the endpoint.'
    ),
    headers: describe(
      Type.Optional(Type.Array(Header)),
      'HTTP headers beside those of the message, their values with expressions `${…}`.'
    ),
    bodyType: describe(
      Type.Optional(Type.Union(BODY_TYPES.map(each => Type.Literal(each)))),
      'What the body becomes. Default: the body of the message as it is.'
    ),
    body: describe(
      Type.Optional(Text),
      'The body with expressions `${…}`, whose values are escaped in strings of JSON and in XML. Default: that of ' +
        'the message.'
    ),
    properties: describe(
      Type.Optional(Type.Array(Property)),
      'Properties of scope axis2 for the request, such as `NO_KEEPALIVE`.'
    ),
    variable: describe(
      Type.Optional(Type.String({ minLength: 1 })),
      'Keeps the response in this variable: `payload`, `headers` and `attributes.statusCode`. The message continues ' +
        'as it was, unless overwriteBody is true.'
    ),
    overwriteBody: describe(
      Type.Optional(Type.Boolean()),
      'With a variable: whether the response replaces the message; the variable then has no `payload`.',
      false
    )
  },
  read: readHttpRequest,
  elementName: ({ method }) => `http.${method.toLowerCase()}`,
  write: writeHttpRequest,
  reads (config, of): ReadRequirements {
    const { endpoint, path, headers = [], bodyType, body, properties = [], variable, overwriteBody } = config
    const needs = of.endpoint(endpoint)
    const restores = variable !== undefined && overwriteBody !== true
    const texts = [path, body, ...headers.map(({ value }) => value)].map(each => depthOfText(each, of.expression))
    const transport = properties.map(({ name }) => needOf('axis2', name).request)
    return {
      ...needs,
      request: restores || bodyType !== undefined ? 'body' : deepestOf([needs.request, ...texts, ...transport]),
      response: restores ? 'body' : needs.response,
      responds: true,
      passesOn: restores
    }
  },
  build ({ endpoint, variable, overwriteBody = false, ...config }, context) {
    const continued = responseVariable(variable, overwriteBody)
    return roundTrip(context.endpoint(endpoint), {
      requestFor: requestOf(config, context),
      continueWith (original, response) {
        const { method, direction } = original
        const next = withPath(continued(original, response), ownProperty(original.properties, PATH))
        return { ...next, method, direction, ...calledBranch(original) }
      }
    })
  }
})

interface RequestConfig extends RequestBody {
  readonly method: string
  readonly path?: Text | undefined
  readonly headers?: readonly { readonly name: string, readonly value: string }[]
  readonly properties?: readonly { readonly name: string, readonly value: string }[]
}

/** Compiles what is sent. Headers are computed before the body, and the path after it, as in the connector. */
function requestOf (
  { method, path, headers = [], bodyType, body, properties = [] }: RequestConfig,
  context: BuildContext
): (message: Message) => Message {
  const transport = Object.fromEntries(properties.map(({ name, value }) => [name, value]))
  const isBodyless = method === 'GET' || method === 'HEAD'
  const withBody = requestBody({ bodyType, body }, context)
  const pathFor = textFor(path, context)
  const headersFor = headers.map(({ name, value }) => ({
    name: checkedHeaderName(name),
    value: compileTemplate(value, context.expression)
  }))
  return message => {
    const values = headersFor.map(({ name, value }) => [name, value(message).trim()] as const)
    const carrying = withBody(message)
    const path = joinable(pathFor(carrying) ?? '')
    const sent = isBodyless ? bodyless(carrying) : carrying
    const headed = values.reduce((changed, [name, value]) => withHttpHeader(changed, name, value), sent)
    return withPath({ ...headed, method, path: '', query: '', axis2: { ...headed.axis2, ...transport } }, path)
  }
}

const bodyless = (message: Message): Message => {
  const { headers, ...rest } = withoutBody(message)
  return { ...rest, headers: withoutHeaders(headers, 'soapaction') }
}

/** A path begins with a slash, unless it is empty or a query. No fragment is sent. */
function joinable (text: string): string {
  const path = text.trim().replace(/#[^]*$/, '')
  return path === '' || /^[/?]/.test(path) ? path : `/${path}`
}

const withPath = (message: Message, path: Message['properties'][string] | undefined): Message => ({
  ...message,
  properties: path === undefined ? without(message.properties, PATH) : { ...message.properties, [PATH]: path }
})
