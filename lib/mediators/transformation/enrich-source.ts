import { Type, type Static } from '@sinclair/typebox'
import { ExpressionField, describe } from '../../contracts/fields.js'
import type { BuildContext } from '../../contracts/build-context.js'
import type { Expression } from '../../expression/compiled-expression.js'
import { isJson, jsonOf } from '../../json/json-message.js'
import {
  isPrimitive,
  jsonIn,
  jsonText,
  parseJson,
  plainText,
  primitiveOf,
  type JsonValue
} from '../../json/json-value.js'
import { mediationError } from '../../message/fault.js'
import { ownProperty, type Message, type PropertyValue } from '../../message/message.js'
import { isContent } from '../../xml/fragment.js'
import type { Node } from '../../xpath/node.js'
import { elementsIn } from './payload-elements.js'

const TYPES = ['custom', 'envelope', 'body', 'property', 'inline'] as const

export const Source = Type.Object(
  {
    type: describe(Type.Optional(Type.Union(TYPES.map(each => Type.Literal(each)))), 'What is copied.', 'custom'),
    expression: describe(Type.Optional(ExpressionField), 'Of `custom`: what it selects.'),
    property: describe(Type.Optional(Type.String()), 'Of `property`: its name.'),
    content: describe(Type.Optional(Type.String()), 'Of `inline`: XML, JSON or text.'),
    key: describe(Type.Optional(Type.String()), 'Of `inline`: or the local entry that holds it.'),
    clone: describe(Type.Optional(Type.Boolean()), 'Of `custom`: false moves it, instead of copying it.', true)
  },
  { additionalProperties: false }
)

/** What is copied. */
export type EnrichContent =
  | { readonly xml: string, readonly nodes?: readonly Node[] }
  | { readonly json: JsonValue }
  | { readonly text: string }

/** Returns what a source selects in a message. Undefined: nothing. */
export type Select = (message: Message) => EnrichContent | undefined

/** Compiles a source. @see WSO2, Source */
export function contentOf (source: Static<typeof Source>, context: BuildContext): Select {
  switch (source.type ?? 'custom') {
    case 'custom':
      return selection(source, context)
    case 'envelope':
      return markupOf(context.expression({ xpath: '$env' }))
    case 'body': {
      const payload = markupOf(context.expression({ xpath: '$body/*[1]' }))
      return message => (isJson(message) ? asJson(jsonOf(message)?.value) : payload(message))
    }
    case 'property': {
      const { property } = source
      if (property === undefined) throw new Error('a source of the type property needs the name of the property')
      return ({ properties }) => {
        const value = ownProperty(properties, property)
        return value === undefined ? undefined : fromProperty(value)
      }
    }
    case 'inline': {
      const { content, key } = source
      const text = content ?? (key === undefined ? undefined : context.localEntry(key))
      if (text === undefined) throw new Error('a source of the type inline needs its content')
      const constant = detected(text)
      return () => constant
    }
  }
}

const asJson = (value: JsonValue | undefined): EnrichContent | undefined =>
  value === undefined ? undefined : { json: value }

function selection ({ expression }: Static<typeof Source>, context: BuildContext): Select {
  if (expression === undefined) throw new Error('a source of the type custom needs an expression')
  const compiled = context.expression(expression)
  if (compiled.language !== 'xpath') return message => asJson(compiled.json(message))
  return message => {
    const markup = compiled.markup(message)
    if (markup !== undefined && markup.length > 0) {
      return { xml: markup.join(''), nodes: elementsIn(compiled.nodes?.(message) ?? []) }
    }
    const text = compiled.text(message)
    return text === undefined || text === '' ? undefined : { text }
  }
}

const markupOf =
  (expression: Expression): Select =>
    message => {
      const markup = expression.markup(message)?.join('') ?? ''
      return markup === '' ? undefined : { xml: markup }
    }

function fromProperty (value: PropertyValue): EnrichContent {
  if (typeof value !== 'object') return detected(String(value))
  return 'xml' in value ? { xml: value.xml } : { json: parseJson(value.json).value }
}

/** XML, JSON or text, by what it looks like. */
function detected (text: string): EnrichContent {
  const trimmed = text.trim()
  if (trimmed.startsWith('<') && isContent(trimmed)) return { xml: trimmed }
  if (!/^[{[]/.test(trimmed)) return { text }
  return asJson(jsonIn(trimmed)) ?? { text }
}

export const textOfContent = (content: EnrichContent): string =>
  'xml' in content ? content.xml : 'json' in content ? plainText(content.json) : content.text

/** The content as JSON: a text as the value that it looks like. XML cannot be JSON. @see WSO2, Source.evaluateJson */
export function jsonOfContent (content: EnrichContent): JsonValue {
  if ('json' in content) return content.json
  if ('text' in content) return valueOfText(content.text.trim())
  throw mediationError('enrich cannot put XML into JSON')
}

function valueOfText (text: string): JsonValue {
  if (!text.startsWith('"')) return primitiveOf(text)
  const value = jsonIn(text)
  return value === undefined ? text : value
}

export const propertyOfContent = (content: EnrichContent): PropertyValue => {
  if ('xml' in content) return { xml: content.xml }
  if ('text' in content) return content.text
  return isPrimitive(content.json) ? plainText(content.json) : { json: jsonText(content.json) }
}
