import { Type } from '@sinclair/typebox'
import { javaText } from '../expression/java-number.js'
import { fault, MediationError } from '../message/fault.js'
import { containsLineBreak } from '../message/headers.js'
import { describe, valueOrExpression, writeValued } from '../contracts/fields.js'
import { mediator, omitUndefined, type BuildContext } from '../contracts/kind.js'
import { deepest } from '../pipeline/read-depth.js'
import type { Message, PropertyValue } from '../message/message.js'
import { MESSAGE_TYPES, needOf, withAxis2, without } from '../message/well-known-properties.js'
import { isElement } from '../xml/fragment.js'
import { fullMatch } from './java-regex.js'
import { checkedHeaderName, withHttpHeader } from './http-header.js'
import { checkedXml, readValued, type Valued } from './value.js'

const TYPES = ['STRING', 'BOOLEAN', 'INTEGER', 'LONG', 'SHORT', 'FLOAT', 'DOUBLE', 'OM'] as const
const SCOPES = ['default', 'transport', 'axis2', 'axis2-client', 'operation'] as const
type Kind = typeof TYPES[number]
type Scope = typeof SCOPES[number]

/** Sets or removes a property of the message: of the request and its answer (default), of this message (axis2), or an HTTP header (transport). */
export const property = mediator({
  name: 'property',
  description: 'Sets or removes a property of the message, or an HTTP header (scope="transport").',
  fields: {
    name: describe(Type.String({ minLength: 1 }), 'Its name.'),
    ...valueOrExpression,
    xml: describe(Type.Optional(Type.String()), 'Or an element as the value.'),
    type: describe(Type.Optional(Type.Union(TYPES.map(each => Type.Literal(each)))), 'What the value is made.', 'STRING'),
    scope: describe(Type.Optional(Type.Union(SCOPES.map(each => Type.Literal(each)))), 'Where: of the request and its answer, an HTTP header, or of this message.', 'default'),
    pattern: describe(Type.Optional(Type.String()), 'A regular expression that must match all of the value; else the value is empty.'),
    group: describe(Type.Optional(Type.Integer({ minimum: 0 })), 'The part of it that is taken; 0: all.'),
    action: describe(Type.Optional(Type.Literal('remove')), 'Takes it away.')
  },
  read (element, reader) {
    const given = readValued(element, reader)
    const inside = element.elements
    const action = element.attribute('action') === 'remove' ? 'remove' as const : undefined
    const group = element.attribute('group')
    if (group !== undefined && !/^\d+$/.test(group)) reader.problem(element, `group expects a whole number, not "${group}"`)
    if (action === undefined && given.value === undefined && given.expression === undefined && inside.length === 0) {
      reader.problem(element, 'property needs a value, an expression or an element inside', 'or action="remove"')
    }
    return omitUndefined({
      name: element.attribute('name'),
      ...given,
      xml: inside[0]?.markup(),
      type: element.attribute('type'),
      scope: element.attribute('scope'),
      pattern: element.attribute('pattern'),
      group: group !== undefined && /^\d+$/.test(group) ? Number(group) : undefined,
      action
    })
  },
  write: ({ name, value, expression, xml, ...rest }) => [
    { name, ...writeValued(omitUndefined({ value, expression })), ...rest },
    xml === undefined ? undefined : { markup: xml }
  ],
  reads ({ name, scope = 'default', expression }, of) {
    const { request, response } = needOf(scope, name)
    return { request: deepest(request, of.expression(expression)), response }
  },
  build (config, tools) {
    const { name, scope = 'default', action, value, xml } = config
    checkedXml(xml, isElement)
    if (scope === 'transport') checkedHeaderName(name)
    if (scope === 'transport' && value !== undefined && containsLineBreak(value)) throw new Error(`the value for the HTTP header ${name} has a line break or a control character in it`)
    if (scope === 'axis2' && name === 'messageType' && value !== undefined && !MESSAGE_TYPES.includes(value)) {
      throw new Error(`bodies are not converted to ${value}: messageType is one of ${MESSAGE_TYPES.join(', ')}; a message that is of this type already passes without it`)
    }
    if (action === 'remove') return message => ({ to: 'next', message: withProperty(message, scope, name, undefined) })
    const valueFor = valueOf(config, tools)
    return message => {
      const given = valueFor(message)
      return { to: 'next', message: given === undefined ? message : withProperty(message, scope, name, given) }
    }
  }
})

interface PropertyConfig extends Valued { readonly xml?: string | undefined, readonly type?: Kind | undefined, readonly pattern?: string | undefined, readonly group?: number | undefined }

/** What is set; undefined where an expression finds nothing. A value comes before an element, that before an expression. */
function valueOf ({ value, expression, xml, type = 'STRING', pattern, group }: PropertyConfig, tools: Pick<BuildContext, 'expression'>): (message: Message) => PropertyValue | undefined {
  if (group !== undefined && pattern === undefined) throw new Error('property has a group, but no pattern')
  const matching = pattern === undefined ? undefined : fullMatch(pattern)
  const shaped = (text: string): PropertyValue => typed(matching === undefined ? text : matched(text, matching, group), type)
  if (value !== undefined || xml !== undefined) {
    const constant = value === undefined ? { xml: xml! } : shaped(value)
    return () => constant
  }
  if (expression === undefined) throw new Error('property needs a value, an expression or an element')
  const compiled = tools.expression(expression)
  return message => {
    const markup = type === 'OM' ? compiled.markup(message) : undefined
    if (markup !== undefined && markup.length > 0) return { xml: markup.join('') }
    const text = compiled.text(message)
    return text === undefined ? undefined : shaped(text)
  }
}

/** None gives the empty text, a group that is not there the whole value (Apache Synapse: PropertyMediator). */
function matched (text: string, pattern: RegExp, group = 0): string {
  const found = pattern.exec(text)
  if (found === null) return ''
  return group < found.length ? found[group] ?? '' : text
}

/** Numbers with a fraction are kept as Java writes them: 1000.0. @throws MediationError where the text is no value of the type */
function typed (text: string, type: Kind): PropertyValue {
  if (type === 'STRING') return text
  if (type === 'OM') return { xml: text }
  if (type === 'BOOLEAN') return /^(true|1|yes)$/i.test(text)
  const number = Number(text)
  const whole = type !== 'FLOAT' && type !== 'DOUBLE'
  if (text.trim() === '' || Number.isNaN(number) || (whole && !Number.isInteger(number))) {
    const about = `Unknown type : ${type} for the property mediator or the property value cannot be converted into the specified type.`
    throw new MediationError(fault('MEDIATION', `a property of type ${type} cannot have the value "${text.slice(0, 100)}"`, { subject: about }))
  }
  return whole ? number : javaText(number)
}

function withProperty (message: Message, scope: Scope, name: string, value: PropertyValue | undefined): Message {
  if (scope === 'transport') return withHttpHeader(message, name, value === undefined ? undefined : typeof value === 'object' ? value.xml : String(value))
  if (scope !== 'default') return withAxis2(message, name, value)
  return { ...message, properties: value === undefined ? without(message.properties, name) : { ...message.properties, [name]: value } }
}
