import { javaText } from '../../expression/java-number.js'
import { jsonText, parseJson, type JsonValue } from '../../json/json-value.js'
import { fault, MediationError } from '../../message/fault.js'
import type { BuildContext } from '../../contracts/build-context.js'
import type { Message, PropertyValue } from '../../message/message.js'
import { fullMatch } from '../values/java-regex.js'
import type { Valued } from '../values/value.js'

export const TYPES = [
  'STRING', 'BOOLEAN', 'INTEGER', 'LONG', 'SHORT', 'FLOAT', 'DOUBLE', 'OM', 'XML', 'JSON'
] as const
export type ValueType = typeof TYPES[number]

interface TypedValue extends Valued {
  readonly xml?: string | undefined
  readonly type?: ValueType | undefined
  readonly pattern?: string | undefined
  readonly group?: number | undefined
}

/** Returns the value to set: a literal, an element or a result. Undefined: an expression selects nothing. */
export function typedValue (
  { value, expression, xml, type = 'STRING', pattern, group }: TypedValue, context: Pick<BuildContext, 'expression'>
): (message: Message) => PropertyValue | undefined {
  if (group !== undefined && pattern === undefined) throw new Error('property has a group, but no pattern')
  const regex = pattern === undefined ? undefined : fullMatch(pattern)
  const convert = (text: string): PropertyValue => typed(regex === undefined ? text : matched(text, regex, group), type)
  if (value !== undefined || xml !== undefined) {
    const constant = value === undefined ? { xml: xml! } : convert(value)
    return () => constant
  }
  if (expression === undefined) throw new Error('property needs a value, an expression or an element')
  const compiled = context.expression(expression)
  return message => {
    if (type === 'OM' || type === 'XML') {
      const markup = compiled.markup(message)
      if (markup !== undefined && markup.length > 0) return { xml: markup.join('') }
    }
    if (type === 'JSON' && compiled.language !== 'xpath') {
      const json = compiled.json(message)
      if (json !== undefined && typeof json !== 'string') return { json: jsonText(json) }
    }
    const text = compiled.text(message)
    return text === undefined ? undefined : convert(text)
  }
}

/** No match gives the empty text, an unknown group the whole value. @see Apache Synapse, PropertyMediator */
function matched (text: string, regex: RegExp, group = 0): string {
  const match = regex.exec(text)
  if (match === null) return ''
  return group < match.length ? match[group] ?? '' : text
}

/** Converts a text. A double is kept as Java writes it: `1000.0`. @throws MediationError for an invalid value */
function typed (text: string, type: ValueType): PropertyValue {
  switch (type) {
    case 'STRING': return text
    case 'OM':
    case 'XML': return { xml: text }
    case 'JSON': return { json: jsonText(jsonValue(text)) }
    case 'BOOLEAN': return /^(true|1|yes)$/i.test(text)
    default: {
      const number = Number(text)
      const isWhole = type !== 'FLOAT' && type !== 'DOUBLE'
      const isValid = text.trim() !== '' && !Number.isNaN(number) && (!isWhole || Number.isInteger(number))
      if (!isValid) throw invalid(text, type)
      return isWhole ? number : javaText(number)
    }
  }
}

function jsonValue (text: string): JsonValue {
  try {
    return parseJson(text.trim()).value
  } catch (error) {
    throw error instanceof SyntaxError ? invalid(text, 'JSON') : error
  }
}

function invalid (text: string, type: ValueType): MediationError {
  const reason = `a property of type ${type} cannot have the value "${text.slice(0, 100)}"`
  const subject = `Unknown type : ${type} for the property mediator or the property value cannot be converted ` +
    'into the specified type.'
  return new MediationError(fault('MEDIATION', reason, { subject }))
}
