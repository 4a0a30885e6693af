import { Type } from '@sinclair/typebox'
import { fault, MediationError } from '../fault.js'
import { valued, writeValued } from '../fields.js'
import { breaksHead, withHeader, withoutHeaders } from '../headers.js'
import { mediator, present } from '../kind.js'
import type { Message, Properties, Value } from '../message.js'
import { readValued, textOf } from './value.js'

const TYPES = ['STRING', 'BOOLEAN', 'INTEGER', 'LONG', 'SHORT', 'FLOAT', 'DOUBLE', 'OM'] as const
const SCOPES = ['default', 'transport', 'axis2', 'axis2-client', 'operation'] as const

/** Sets or removes a property of the message: of the request and its answer (default), of this message (axis2), or an HTTP header (transport). */
export const property = mediator({
  name: 'property',
  about: 'Sets or removes a property of the message, or an HTTP header (scope="transport").',
  fields: {
    name: Type.String({ minLength: 1 }),
    ...valued,
    xml: Type.Optional(Type.String()),
    type: Type.Optional(Type.Union(TYPES.map(each => Type.Literal(each)))),
    scope: Type.Optional(Type.Union(SCOPES.map(each => Type.Literal(each)))),
    pattern: Type.Optional(Type.String()),
    group: Type.Optional(Type.Integer({ minimum: 0 })),
    action: Type.Optional(Type.Literal('remove'))
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
    return present({
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
    { name, ...writeValued(present({ value, expression })), ...rest },
    xml === undefined ? undefined : { markup: xml }
  ],
  needs: ({ expression }, of) => ({ request: of.expression(expression) }),
  build (config, tools) {
    const { name, scope = 'default', action, pattern, group, xml, type = 'STRING' } = config
    const text = textOf(config, tools)
    const matching = pattern === undefined ? undefined : new RegExp(`^(?:${pattern})$`, 's')
    if (group !== undefined && matching === undefined) throw new Error('property has a group, but no pattern')
    if (config.value !== undefined) typed(config.value, type)
    const compiled = config.expression && type === 'OM' ? tools.expression(config.expression) : undefined

    const valueFor = (message: Message): Value | undefined => {
      if (xml !== undefined && config.value === undefined) return { xml }
      if (compiled !== undefined) {
        const markup = compiled.markup(message)
        if (markup !== undefined && markup.length > 0) return { xml: markup.join('') }
      }
      const given = text(message)
      if (given === undefined) return undefined
      return typed(matching === undefined ? given : matched(given, matching, group), type)
    }
    return message => ({ to: 'next', message: action === 'remove' ? without(message, scope, name) : withValue(message, scope, name, valueFor(message)) })
  }
})

/** Full match; none gives the empty text, a group that is not there the whole value (Apache Synapse, PropertyMediator). */
function matched (text: string, pattern: RegExp, group = 0): string {
  const found = pattern.exec(text)
  if (found === null) return ''
  return group < found.length ? found[group] ?? '' : text
}

/** @throws Error where the text is no value of the type */
function typed (text: string, type: typeof TYPES[number]): Value {
  switch (type) {
    case 'STRING': return text
    case 'OM': return { xml: text }
    case 'BOOLEAN': return /^(true|1|yes)$/i.test(text)
    default: {
      const number = Number(text)
      const whole = type !== 'FLOAT' && type !== 'DOUBLE'
      if (text.trim() === '' || Number.isNaN(number) || (whole && !Number.isInteger(number))) throw new MediationError(fault('MEDIATION', `a property of type ${type} cannot have the value "${text.slice(0, 100)}"`))
      return number
    }
  }
}

function withValue (message: Message, scope: typeof SCOPES[number], name: string, value: Value | undefined): Message {
  if (value === undefined) return message
  if (scope === 'default') return { ...message, properties: { ...message.properties, [name]: value } }
  if (scope !== 'transport') return { ...message, axis2: { ...message.axis2, [name]: value } }
  const text = typeof value === 'object' ? value.xml : String(value)
  if (breaksHead(text)) throw new MediationError(fault('MEDIATION', `the value for the HTTP header ${name} has a line break in it`))
  return { ...message, headers: withHeader(message.headers, name, text) }
}

function without (message: Message, scope: typeof SCOPES[number], name: string): Message {
  if (scope === 'default') return { ...message, properties: omit(message.properties, name) }
  if (scope === 'transport') return { ...message, headers: withoutHeaders(message.headers, name.toLowerCase()) }
  return { ...message, axis2: omit(message.axis2, name) }
}

const omit = (properties: Properties, name: string): Properties =>
  Object.fromEntries(Object.entries(properties).filter(([each]) => each !== name))
