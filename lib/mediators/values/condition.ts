import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../../contracts/fields.js'
import type { BuildContext } from '../../contracts/build-context.js'
import type { RequirementsOf } from '../../contracts/read-requirements.js'
import type { Reader } from '../../contracts/xml-form.js'
import { headerOf } from '../../message/headers.js'
import { deepestOf, textOfProperty, type Message, type ReadDepth } from '../../message/message.js'
import type { Element } from '../../xml/element.js'
import type { Tag } from '../../xml/markup.js'
import { fullMatch } from './java-regex.js'
import { fragmentsOf, type FragmentName, type UriFragments } from './uri-fragments.js'

const SOURCES = ['header', 'param', 'url', 'property', 'soap'] as const

/** A comparison of one text of a message. */
interface TextComparison {
  readonly type?: (typeof SOURCES)[number] | undefined
  readonly source?: string | undefined
  readonly equals?: string | undefined
  readonly matches?: string | undefined
}

/** A condition on a message, as `conditionalRouter` and `rewrite` write it. */
export type Condition =
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] }
  | { readonly not: Condition }
  | TextComparison

/** Stands for a condition in the fields of a mediator. */
export const ConditionRef = Type.Unsafe<Condition>(Type.Ref('Condition'))

const closed = { additionalProperties: false }

/** @see Synapse: EvaluatorFactoryFinder, TextProcessingEvaluatorFactory */
export const ConditionField = Type.Union([
  Type.Object({ and: Type.Array(Type.Ref('Condition')) }, closed),
  Type.Object({ or: Type.Array(Type.Ref('Condition')) }, closed),
  Type.Object({ not: Type.Ref('Condition') }, closed),
  Type.Object(
    {
      type: describe(
        Type.Optional(Type.Union(SOURCES.map(each => Type.Literal(each)))),
        'What is compared: an HTTP header, a query parameter, the address or a part of it, a property, an XPath.',
        'header'
      ),
      source: describe(Type.Optional(Type.String()), 'Its name, the part of the address, or the XPath.'),
      equals: describe(Type.Optional(Type.String()), 'The text, in upper or lower case.'),
      matches: describe(Type.Optional(Type.String()), 'Or: a regular expression that matches the whole text.')
    },
    closed
  )
])

/** Reads the first element in `<condition>`. */
export function readCondition (element: Element, reader: Reader): Condition | undefined {
  const [first] = element.elements
  if (first !== undefined) return readOne(first, reader)
  reader.problem(element, '<condition> is empty', 'write <equal/>, <match/>, <and>, <or> or <not> in it')
  return undefined
}

function readOne (element: Element, reader: Reader): Condition {
  switch (element.name) {
    case 'and':
      return { and: element.elements.map(each => readOne(each, reader)) }
    case 'or':
      return { or: element.elements.map(each => readOne(each, reader)) }
    case 'not': {
      const [first] = element.elements
      if (first === undefined) reader.problem(element, '<not> needs a condition')
      return { not: first === undefined ? {} : readOne(first, reader) }
    }
    case 'equal':
    case 'match':
      return readComparison(element, reader)
    default:
      reader.problem(element, `unknown condition <${element.name}>`, 'one of: equal, match, and, or, not')
      return {}
  }
}

function readComparison (element: Element, reader: Reader): Condition {
  const type = element.attribute('type')
  const source = element.attribute('source')
  const isEqual = element.name === 'equal'
  const text = element.attribute(isEqual ? 'value' : 'regex')
  const known = SOURCES.find(each => each === type)
  if (type !== undefined && known === undefined) {
    reader.problem(element, `unknown type "${type}" of <${element.name}>`, `one of: ${SOURCES.join(', ')}`)
  }
  if (text === undefined) reader.problem(element, `<${element.name}> needs a ${isEqual ? 'value' : 'regex'}`)
  if (source === undefined && type !== 'url') reader.problem(element, `<${element.name}> needs a source`)
  return omitUndefined({ type: known, source, [isEqual ? 'equals' : 'matches']: text })
}

export function writeCondition (condition: Condition): Tag {
  if ('and' in condition) return ['and', {}, ...condition.and.map(writeCondition)]
  if ('or' in condition) return ['or', {}, ...condition.or.map(writeCondition)]
  if ('not' in condition) return ['not', {}, writeCondition(condition.not)]
  const { type, source, equals, matches } = condition
  return equals === undefined
    ? ['match', { type, source, regex: matches }]
    : ['equal', { type, source, value: equals }]
}

/** How much of a message a condition reads. */
export function depthOfCondition (condition: Condition, of: RequirementsOf): ReadDepth {
  if ('and' in condition) return deepestOf(condition.and.map(each => depthOfCondition(each, of)))
  if ('or' in condition) return deepestOf(condition.or.map(each => depthOfCondition(each, of)))
  if ('not' in condition) return depthOfCondition(condition.not, of)
  // The address may be in the header of WS-Addressing.
  if (condition.type === 'url' || condition.type === 'param') return 'header'
  return condition.type === 'soap' && condition.source ? of.expression({ xpath: condition.source }) : 'nothing'
}

/** Whether a message, with this address, meets a condition. */
export type MessageTest = (message: Message, address: string) => boolean

/** Compiles a condition. @throws Error for a part without a text to compare, or an invalid expression */
export function compileCondition (condition: Condition, context: Pick<BuildContext, 'expression'>): MessageTest {
  if ('and' in condition) {
    const all = condition.and.map(each => compileCondition(each, context))
    return (message, address) => all.every(test => test(message, address))
  }
  if ('or' in condition) {
    const all = condition.or.map(each => compileCondition(each, context))
    return (message, address) => all.some(test => test(message, address))
  }
  if ('not' in condition) {
    const test = compileCondition(condition.not, context)
    return (message, address) => !test(message, address)
  }
  const retrieve = retriever(condition, context)
  const { equals, matches } = condition
  if (equals !== undefined) {
    const lower = equals.toLowerCase()
    return (message, address) => retrieve(message, address)?.toLowerCase() === lower
  }
  if (matches === undefined) throw new Error('a condition needs a text that it equals, or a regex that it matches')
  const pattern = fullMatch(matches)
  return (message, address) => {
    const text = retrieve(message, address)
    return text !== undefined && pattern.test(text)
  }
}

function retriever (
  { type = 'header', source = '' }: TextComparison,
  context: Pick<BuildContext, 'expression'>
): (message: Message, address: string) => string | undefined {
  switch (type) {
    case 'header': return message => headerOf(message.headers, source.toLowerCase())
    case 'param': return (_, address) => parameterOf(address, source)
    case 'property': return ({ properties }) => textOfProperty(properties, source)
    case 'soap': {
      const expression = context.expression({ xpath: source })
      return message => expression.text(message)
    }
    case 'url': return (_, address) => source === '' ? address : partOf(fragmentsOf(address), source)
  }
}

/** The part of a URI as the engines print it: a port that is not there is -1. */
const partOf = (fragments: UriFragments, name: string): string | undefined =>
  fragments[name as FragmentName] ?? (name === 'port' ? '-1' : name === 'path' ? '' : undefined)

/** The last value of a query parameter. One without `=` or without a value counts as absent. */
function parameterOf (address: string, name: string): string | undefined {
  const at = address.indexOf('?')
  const query = at < 0 ? '' : address.slice(at + 1)
  const encoded = query.split('&').map(each => each.split('=')).findLast(([key]) => key === name)?.[1]
  if (encoded === undefined || encoded === '') return undefined
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}
