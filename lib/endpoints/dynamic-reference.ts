import { ExpressionField, told, writeExpression } from '../contracts/fields.js'
import { endpoint, named, present } from '../contracts/kind.js'
import { most } from '../pipeline/read-depth.js'
import { unknown } from './reference.js'

/** An endpoint whose name each message gives itself. */
export const resolving = endpoint({
  name: 'resolving',
  about: 'Refers to an endpoint whose name an expression gives, for each message.',
  fields: { key: told(ExpressionField, 'Gives the name of an endpoint, for each message.') },
  read: (element, reader) => present({ key: reader.expression(element, 'key-expression') }),
  write: ({ key }) => [writeExpression('key-expression', key)],
  needs ({ key }, of) {
    const needs = of.anyEndpoint()
    return { ...needs, request: most(needs.request, of.expression(key)) }
  },
  build ({ key }, tools) {
    const expression = tools.expression(key)
    return named(key.xpath, (message, bound) => {
      const name = expression.text(message)?.trim() ?? ''
      return (tools.endpointByKey(name) ?? unknown(name))(message, bound)
    })
  }
})
