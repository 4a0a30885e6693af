import { Type } from '@sinclair/typebox'
import { containsLineBreak } from '../../message/headers.js'
import { describe, valueOrExpression, writeValued, omitUndefined } from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import { deepestOf, propertyText, type Message, type PropertyValue } from '../../message/message.js'
import { MESSAGE_TYPES, messageTypeOf, needOf, withAxis2, without } from '../../message/well-known-properties.js'
import { isWritable } from '../../soap/encode-message.js'
import { isElement } from '../../xml/fragment.js'
import { reportEngineProperty, reportHeader } from './engine-properties.js'
import { checkedHeaderName, withHttpHeader } from '../values/http-header.js'
import { TYPES, typedValue } from './property-value.js'
import { checkedXml, readValued } from '../values/value.js'

const SCOPES = ['default', 'transport', 'axis2', 'axis2-client', 'operation'] as const
type PropertyScope = (typeof SCOPES)[number]

/**
 * Sets or removes a property: of the request and its response, of this message (axis2), or an HTTP header
 * (transport).
 */
export const property = mediator({
  name: 'property',
  description: 'Sets or removes a property of the message, or an HTTP header (scope="transport").',
  fields: {
    name: describe(Type.String({ minLength: 1 }), 'Property name, or header name.'),
    ...valueOrExpression,
    xml: describe(Type.Optional(Type.String()), 'Markup of an element as the value.'),
    type: describe(Type.Optional(Type.Union(TYPES.map(each => Type.Literal(each)))), 'Type of the value.', 'STRING'),
    scope: describe(
      Type.Optional(Type.Union(SCOPES.map(each => Type.Literal(each)))),
      'Of the request and its response (default), of this message (axis2), or an HTTP header (transport).',
      'default'
    ),
    pattern: describe(
      Type.Optional(Type.String()),
      'Regular expression that matches the whole value; without a match it is empty.'
    ),
    group: describe(Type.Optional(Type.Integer({ minimum: 0 })), 'Group of the match that becomes the value.', 0),
    action: describe(Type.Optional(Type.Literal('remove')), 'Removes the property.')
  },
  read (element, reader) {
    const given = readValued(element, reader)
    const children = element.elements
    const action = element.attribute('action') === 'remove' ? ('remove' as const) : undefined
    const group = element.attribute('group')
    const isNumber = group !== undefined && /^\d+$/.test(group)
    if (group !== undefined && !isNumber) reader.problem(element, `group expects a whole number, not "${group}"`)
    const hasValue = given.value !== undefined || given.expression !== undefined || children.length > 0
    if (action === undefined && !hasValue) {
      reader.problem(element, 'property needs a value, an expression or an element inside', 'or action="remove"')
    }
    return omitUndefined({
      name: element.attribute('name'),
      ...given,
      xml: children[0]?.markup(),
      type: element.attribute('type'),
      scope: element.attribute('scope'),
      pattern: element.attribute('pattern'),
      group: isNumber ? Number(group) : undefined,
      action
    })
  },
  write: ({ name, value, expression, xml, ...rest }) => [
    { name, ...writeValued(omitUndefined({ value, expression })), ...rest },
    xml === undefined ? undefined : { markup: xml }
  ],
  reads ({ name, scope = 'default', expression }, of) {
    const { request, response } = needOf(scope, name)
    return { request: deepestOf([request, of.expression(expression)]), response }
  },
  build (config, context) {
    const { name, scope = 'default', action, value, xml } = config
    checkedXml(xml, isElement)
    if (scope === 'transport') reportHeader(checkedHeaderName(name), context)
    reportEngineProperty({ name, scope, value }, action === 'remove', context)
    if (scope === 'transport' && value !== undefined && containsLineBreak(value)) {
      throw new Error(`the value for the HTTP header ${name} has a line break or a control character in it`)
    }
    if (scope === 'axis2' && name === 'CHARACTER_SET_ENCODING' && value !== undefined && !isWritable(value)) {
      context.warn(
        `messages are not written in ${value}: the property ${name} has no effect`,
        'UTF-8, US-ASCII and ISO-8859-1 are supported',
        'unsupported-feature'
      )
    }
    const type = scope === 'axis2' && name === 'messageType' ? messageTypeOf(value) : undefined
    if (type !== undefined && !MESSAGE_TYPES.includes(type)) {
      context.warn(
        `bodies are not converted to ${type}: they are sent as they are`,
        `messageType is one of ${MESSAGE_TYPES.join(', ')}`,
        'unsupported-feature'
      )
    }
    if (action === 'remove') {
      return message => ({ to: 'next', message: withProperty(message, scope, name, undefined) })
    }
    const valueFor = typedValue(config, context)
    return message => {
      const given = valueFor(message)
      return { to: 'next', message: given === undefined ? message : withProperty(message, scope, name, given) }
    }
  }
})

function withProperty (
  message: Message, scope: PropertyScope, name: string, value: PropertyValue | undefined
): Message {
  if (scope === 'transport') {
    return withHttpHeader(message, name, value === undefined ? undefined : propertyText(value))
  }
  if (scope !== 'default') return withAxis2(message, name, value)
  const { properties } = message
  return {
    ...message,
    properties: value === undefined ? without(properties, name) : { ...properties, [name]: value }
  }
}
