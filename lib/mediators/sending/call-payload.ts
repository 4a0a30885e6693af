import { Type, type Static } from '@sinclair/typebox'
import { describe, ExpressionField, omitUndefined, writeExpression } from '../../contracts/fields.js'
import type { BuildContext } from '../../contracts/build-context.js'
import type { Reader } from '../../contracts/xml-form.js'
import { isJsonType, messageText } from '../../json/json-message.js'
import { jsonIn } from '../../json/json-value.js'
import { mediationError } from '../../message/fault.js'
import { withHeader } from '../../message/headers.js'
import type { Message, Properties } from '../../message/message.js'
import { MESSAGE_TYPES, messageTypeOf, without } from '../../message/well-known-properties.js'
import { typeOf } from '../../soap/read.js'
import type { Element } from '../../xml/element.js'
import { canonical, type Tag } from '../../xml/markup.js'
import { contentOf, propertyOfContent, textOfContent, type EnrichContent } from '../transformation/enrich-source.js'
import { withContent } from '../transformation/enrich-target.js'

const SOURCES = ['body', 'custom', 'property', 'inline'] as const
const TARGETS = ['body', 'property', 'variable'] as const

export const CallSource = Type.Object(
  {
    type: describe(Type.Optional(Type.Union(SOURCES.map(each => Type.Literal(each)))), 'What is sent.', 'custom'),
    expression: describe(Type.Optional(ExpressionField), 'Of `custom`: what it selects.'),
    property: describe(Type.Optional(Type.String()), 'Of `property`: its name.'),
    content: describe(Type.Optional(Type.String()), 'Of `inline`: XML, JSON or text.'),
    contentType: describe(
      Type.Optional(Type.String({ minLength: 1 })),
      'Media type of the request. Default: by its content. Without effect on `body`.'
    )
  },
  { additionalProperties: false }
)

export const CallTarget = Type.Object(
  {
    type: describe(
      Type.Union(TARGETS.map(each => Type.Literal(each))),
      'Where the body of the response goes. Into a property or a variable: the message continues as it was before ' +
        'the call, unless the source is written as `body`.'
    ),
    name: describe(Type.Optional(Type.String()), 'Name of the property or variable.')
  },
  { additionalProperties: false }
)

type CallSource = Static<typeof CallSource>
type CallTarget = Static<typeof CallTarget>

/** Whether a call sends something other than the body of the message. */
export const replacesBody = (source: CallSource | undefined): boolean =>
  source !== undefined && source.type !== 'body'

/** Whether a call puts the response into a property or a variable. */
export const storesResponse = (target: CallTarget | undefined): boolean =>
  target !== undefined && target.type !== 'body'

/**
 * Whether the message continues as it was before the call. The response stays where the source is written as `body`.
 * @see WSO2, CallMediatorFactory
 */
export const restoresMessage = (source: CallSource | undefined, target: CallTarget | undefined): boolean =>
  storesResponse(target) && source?.type !== 'body'

/**
 * Compiles a source to a function that returns the message to send.
 * @throws MediationError for a source that selects nothing
 */
export function requestOf (source: CallSource | undefined, context: BuildContext): (message: Message) => Message {
  if (source === undefined || !replacesBody(source)) return message => message
  const { contentType, ...what } = source
  const select = contentOf(what, context)
  const type = messageTypeOf(contentType)
  return message => {
    const content = select(message)
    if (content === undefined) {
      throw mediationError('call has nothing to send: its source selects nothing')
    }
    const changed = withContent(message, contentAs(type ?? typeOf(message).type, content))
    return type === undefined ? changed : withType(changed, type)
  }
}

/** A text is JSON where JSON is wanted: a value, or else a string. JSON is text where text is wanted. */
function contentAs (type: string, content: EnrichContent): EnrichContent {
  if (type === 'text/plain' && 'json' in content) return { text: textOfContent(content) }
  if (!isJsonType(type) || !('text' in content)) return content
  const json = jsonIn(content.text.trim())
  return { json: json === undefined ? content.text : json }
}

/** Types that messages are converted to are those of messageType. Others name the body as it is. */
const withType = (message: Message, type: string): Message =>
  MESSAGE_TYPES.includes(type)
    ? { ...message, axis2: { ...message.axis2, messageType: type } }
    : { ...message, headers: withHeader(message.headers, 'Content-Type', `${type}; charset=UTF-8`) }

/**
 * Compiles a target to a function that returns the message after the call. `original`: the message before the call.
 * `response`: what continues without a target.
 * @see WSO2, CallMediator.postMediate
 */
export function continuation (
  source: CallSource | undefined,
  target: CallTarget | undefined,
  context: BuildContext
): (original: Message, response: Message) => Message {
  if (target === undefined || target.type === 'body') return (_, response) => response
  const { type, name } = target
  if (name === undefined || name === '') throw new Error(`a target of the type ${type} needs a name`)
  const body = contentOf({ type: 'body' }, context)
  const restores = restoresMessage(source, target)
  return (original, response) => {
    const value = propertyOfContent(body(response) ?? { text: messageText(response) })
    const message = restores ? restored(original, response) : response
    return type === 'property'
      ? { ...message, properties: { ...message.properties, [name]: value } }
      : { ...message, variables: { ...message.variables, [name]: value } }
  }
}

/** What the message carries is that of the original; its status and its properties are those after the call. */
export const restored = (original: Message, response: Message): Message => ({
  ...response,
  headers: original.headers,
  addressing: original.addressing,
  body: original.body,
  read: original.read,
  axis2: TYPE_PROPERTIES.reduce(
    (properties: Properties, name) =>
      Object.hasOwn(original.axis2, name)
        ? { ...properties, [name]: original.axis2[name]! }
        : without(properties, name),
    response.axis2
  )
})

/** Properties of scope axis2 that describe a body. */
const TYPE_PROPERTIES = ['messageType', 'ContentType', 'NO_ENTITY_BODY', 'CHARACTER_SET_ENCODING']

/** Reads `<source type="…" contentType="…">…</source>` of `<call>`. Types without effect in the engine give a hint. */
export function readSource (element: Element, reader: Reader): object | undefined {
  const type = element.attribute('type')?.trim() ?? 'custom'
  if (!(SOURCES as readonly string[]).includes(type)) {
    reader.hint(element.markHandled(), `<source type="${type}"> has no effect in <call>`, oneOf(SOURCES))
    return undefined
  }
  const contentType = element.attribute('contentType')
  if (type === 'body') {
    if (contentType !== undefined) reader.hint(element, 'contentType has no effect on a source of the type body')
    return omitUndefined({ type, contentType })
  }
  const text = element.text.trim()
  const content = type === 'inline' ? element.elements.map(each => each.markup()).join('') || text : text
  if (content === '') reader.problem(element, `<source type="${type}"> is empty`, FILLED_WITH[type])
  return omitUndefined({
    type: element.attribute('type') === undefined ? undefined : type,
    expression: type === 'custom' ? reader.expression(element) : undefined,
    property: type === 'property' ? text : undefined,
    content: type === 'inline' ? content : undefined,
    contentType
  })
}

/** Reads `<target type="…">NAME</target>` of `<call>`. */
export function readTarget (element: Element, reader: Reader): object | undefined {
  const type = element.attribute('type')?.trim() ?? 'custom'
  if (!(TARGETS as readonly string[]).includes(type)) {
    reader.hint(element.markHandled(), `<target type="${type}"> has no effect in <call>`, oneOf(TARGETS))
    return undefined
  }
  if (type === 'body') return { type }
  const name = element.text.trim()
  if (name === '') reader.problem(element, `<target type="${type}"> is empty`, FILLED_WITH[type])
  if (type === 'variable' && name.startsWith('{')) {
    reader.problem(
      element,
      'the name of a variable in <target> cannot be computed',
      'write the name',
      'unsupported-feature'
    )
  }
  return { type, name }
}

const FILLED_WITH: Readonly<Record<string, string>> = {
  custom: 'write an expression inside of it',
  property: 'write the name of the property inside of it',
  variable: 'write the name of the variable inside of it',
  inline: 'write XML, JSON or text inside of it'
}

const oneOf = (types: readonly string[]): string => `one of: ${types.join(', ')}`

export function writeSource ({ type, expression, property, content, contentType }: CallSource): Tag {
  const { xpath, ...prefixes } = writeExpression('xpath', expression)
  const markup = content !== undefined && canonical(content) === content ? { markup: content } : content
  return ['source', { type, contentType, ...prefixes }, xpath === undefined ? (property ?? markup) : String(xpath)]
}

export const writeTarget = ({ type, name }: CallTarget): Tag => ['target', { type }, name]
