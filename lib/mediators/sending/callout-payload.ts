import { Type, type Static } from '@sinclair/typebox'
import type { BuildContext } from '../../contracts/build-context.js'
import { describe, ExpressionField, omitUndefined, writeExpression } from '../../contracts/fields.js'
import type { Reader } from '../../contracts/xml-form.js'
import { isJson } from '../../json/json-message.js'
import { mediationError } from '../../message/fault.js'
import { textOfProperty, type Message } from '../../message/message.js'
import { withAxis2 } from '../../message/well-known-properties.js'
import { applyEdits, removeBlocks } from '../../soap/edit.js'
import { bytesOf, envelopeOf, withStart } from '../../soap/read.js'
import type { Element } from '../../xml/element.js'
import { isElement } from '../../xml/fragment.js'
import type { Tag } from '../../xml/markup.js'
import { withElement } from '../transformation/enrich-target.js'
import { withBodyOf, withXmlPayload } from '../transformation/payload.js'
import { elementsIn } from '../transformation/payload-elements.js'

/** Where an element is: selected in the message, or under a name. */
export const CalloutPart = Type.Object(
  {
    expression: describe(Type.Optional(ExpressionField), 'Selects it in the message.'),
    key: describe(
      Type.Optional(Type.String({ minLength: 1 })),
      'Or: the property that holds it; of a source, else the local entry.'
    )
  },
  { additionalProperties: false }
)
type CalloutPart = Static<typeof CalloutPart>

/** Reads `<source>` or `<target>`. Undefined: the whole message. */
export function readPart (element: Element, reader: Reader, isWhole = false): object | undefined {
  if (isWhole) {
    element.markHandled()
    return undefined
  }
  const [expression, key] = [reader.expression(element, 'xpath'), element.attribute('key')]
  if (expression === undefined && !key) {
    reader.problem(
      element,
      `<${element.name}> of <callout> needs an xpath or a key`,
      element.name === 'source' ? 'or type="envelope"' : undefined
    )
  }
  return omitUndefined(expression === undefined ? { key } : { expression })
}

export const writePart = (name: string, { expression, key }: CalloutPart): Tag => [
  name,
  { ...writeExpression('xpath', expression), key }
]

interface RequestSettings {
  readonly action: string | undefined
  readonly source: CalloutPart | undefined
  readonly passHeaders: boolean
}

/**
 * Compiles what is sent: the message, or one element of it as its payload. JSON is always sent whole.
 * @throws Error for a source that names nothing
 */
export function calloutRequest (
  { action, source, passHeaders }: RequestSettings,
  context: BuildContext
): (message: Message) => Message {
  const select = source && elementOf(source, context)
  return message => {
    const sent = action === undefined ? message : { ...message, addressing: { ...message.addressing, action } }
    if (select === undefined || isJson(message)) return sent
    const payload = withXmlPayload(sent, select(message))
    return passHeaders ? payload : withoutBlocks(payload)
  }
}

/** Compiles a source to the markup of its element. @see WSO2, CalloutMediator.getRequestPayload */
function elementOf ({ expression, key }: CalloutPart, context: BuildContext): (message: Message) => string {
  if (expression !== undefined) {
    const compiled = context.expression(expression)
    return message =>
      compiled.markup(message)?.[0] ?? fails(`the source of callout, ${expression.xpath}, selects no element`)
  }
  if (key === undefined) throw new Error('the source of callout needs an expression or a key')
  const entry = context.localEntry(key)
  return ({ properties }) => {
    const text = textOfProperty(properties, key) ?? entry
    return text !== undefined && isElement(text.trim())
      ? text.trim()
      : fails(`the source of callout, "${key}", is neither a property nor a local entry with one element`)
  }
}

function withoutBlocks (message: Message): Message {
  const envelope = envelopeOf(message)
  if (envelope === undefined) return message
  const edits = removeBlocks(envelope, envelope.blocks)
  return { ...message, body: withStart(message.body, applyEdits(bytesOf(message.body), edits)) }
}

/**
 * Compiles where the response goes. The message keeps its headers and properties, and gets the status as `HTTP_SC`.
 * With the property BLOCKING_SENDER_PRESERVE_REQ_HEADERS `false` it has the headers of the response.
 * @throws Error for a target that names nothing
 * @see WSO2, CalloutMediator.mediate
 */
export function calloutResult (
  target: CalloutPart | undefined,
  context: BuildContext
): (message: Message, response: Message) => Message {
  const first = context.expression({ xpath: '$body/*[1]' })
  const put = target && targetOf(target, context)
  return (message, response) => {
    const isReplaced = put === undefined || isJson(response)
    const payload = isReplaced ? undefined : first.markup(response)?.[0]
    if (!isReplaced && payload === undefined) fails('the response to callout has no element for its target')
    const changed = isReplaced ? withBodyOf(message, response) : put(message, payload!)
    return withAxis2(withHeadersOf(changed, response), 'HTTP_SC', response.status)
  }
}

function targetOf (
  { expression, key }: CalloutPart, context: BuildContext
): (message: Message, xml: string) => Message {
  if (expression !== undefined) {
    const compiled = context.expression(expression)
    return (message, xml) => {
      const [element] = elementsIn(compiled.nodes?.(message) ?? [])
      return element === undefined
        ? fails(`the target of callout, ${expression.xpath}, selects no element`)
        : withElement(message, element, xml)
    }
  }
  if (key === undefined) throw new Error('the target of callout needs an expression or a key')
  return (message, xml) => ({ ...message, properties: { ...message.properties, [key]: { xml } } })
}

/** The headers that describe the body stay. */
function withHeadersOf (message: Message, response: Message): Message {
  const keeps = message.properties['BLOCKING_SENDER_PRESERVE_REQ_HEADERS'] !== 'false'
  return keeps ? message : withBodyOf({ ...message, headers: response.headers }, message)
}

function fails (reason: string): never {
  throw mediationError(reason)
}
