import { Type } from '@sinclair/typebox'
import { describe, valueOrExpression, writeValued, omitUndefined } from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import type { Message, PropertyValue } from '../../message/message.js'
import { without } from '../../message/well-known-properties.js'
import { readValued } from '../values/value.js'
import { TYPES, typedValue } from './property-value.js'

/** Sets or removes a variable, which an expression reads as `${vars.name}`. @see WSO2, VariableMediator */
export const variable = mediator({
  name: 'variable',
  description: 'Sets or removes a variable of the request and its response. Expressions read it as `vars.name`.',
  fields: {
    name: describe(Type.String({ minLength: 1 }), 'Variable name.'),
    ...valueOrExpression,
    type: describe(Type.Optional(Type.Union(TYPES.map(each => Type.Literal(each)))), 'Type of the value.', 'STRING'),
    action: describe(Type.Optional(Type.Literal('remove')), 'Removes the variable.')
  },
  read (element, reader) {
    const given = readValued(element, reader)
    const action = element.attribute('action') === 'remove' ? 'remove' as const : undefined
    if (action === undefined && given.value === undefined && given.expression === undefined) {
      reader.problem(element, 'variable needs a value or an expression', 'or action="remove"')
    }
    const type = element.attribute('type')?.toUpperCase()
    return omitUndefined({ name: element.attribute('name'), ...given, type, action })
  },
  write: ({ name, value, expression, type, action }) =>
    [{ name, ...writeValued(omitUndefined({ value, expression })), type, action }],
  reads: ({ expression }, of) => ({ request: of.expression(expression) }),
  build ({ name, action, type, ...given }, context) {
    const valueFor = action === 'remove' ? () => undefined : typedValue({ ...given, type: type ?? 'STRING' }, context)
    return message => ({ to: 'next', message: withVariable(message, name, valueFor(message)) })
  }
})

const withVariable = (message: Message, name: string, value: PropertyValue | undefined): Message => {
  const { variables = {} } = message
  return { ...message, variables: value === undefined ? without(variables, name) : { ...variables, [name]: value } }
}
