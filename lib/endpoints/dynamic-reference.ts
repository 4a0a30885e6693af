import { ExpressionField, describe, writeExpression, omitUndefined } from '../contracts/fields.js'
import { endpoint } from '../contracts/kind.js'
import { createReservingEndpoint } from '../contracts/endpoint.js'
import { nested } from '../pipeline/nesting.js'
import { deepestOf } from '../message/message.js'
import { unknownEndpoint } from './reference.js'

/** A reference whose name is computed for each message. */
export const dynamicReference = endpoint({
  name: 'dynamicReference',
  description: 'Refers to an endpoint whose name an expression gives, for each message.',
  fields: { key: describe(ExpressionField, 'Gives the name of an endpoint, for each message.') },
  read: (element, reader) => omitUndefined({ key: reader.expression(element, 'key-expression') }),
  write: ({ key }) => [writeExpression('key-expression', key)],
  reads ({ key }, of) {
    const requirements = of.anyEndpoint()
    return { ...requirements, request: deepestOf([requirements.request, of.expression(key)]) }
  },
  build ({ key }, context) {
    const expression = context.expression(key)
    return createReservingEndpoint(key.xpath, (message, bound, delivery) => {
      const name = expression.text(message)?.trim() ?? ''
      const endpoint = context.endpointByKey(name) ?? unknownEndpoint(name)
      return endpoint.reserve(nested(message, `the endpoint "${name.slice(0, 100)}"`, endpoint), bound, delivery)
    })
  }
})
