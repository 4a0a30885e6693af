import { Type, type Static } from '@sinclair/typebox'
import type { BuildContext } from '../../contracts/build-context.js'
import { ExpressionField } from '../../contracts/fields.js'
import type { Expression } from '../../expression/compiled-expression.js'
import type { ExpressionConfig } from '../../expression/expression.js'
import { compileTemplate, inlineExpressions, splitTemplate } from '../../expression/template.js'
import { deepestOf, type Message, type ReadDepth } from '../../message/message.js'
import { checkPayloadSize } from '../../message/payload-size.js'
import { withTextPayload, withXmlPayload } from '../transformation/payload.js'
import { compileFormat } from '../transformation/payload-format.js'

/** What the body of a request may be. */
export const BODY_TYPES = ['JSON', 'XML', 'TEXT'] as const
type BodyType = (typeof BODY_TYPES)[number]

/** A text with expressions `${…}` in it, or one expression. */
export const Text = Type.Union([Type.String(), ExpressionField])
export type Text = Static<typeof Text>

export interface RequestBody {
  readonly bodyType?: BodyType | undefined
  readonly body?: Text | undefined
}

/** How much of a message a text reads. */
export const depthOfText = (
  text: Text | undefined,
  of: (expression: ExpressionConfig | undefined) => ReadDepth
): ReadDepth =>
  deepestOf((typeof text === 'object' ? [text] : inlineExpressions(text)).map(of))

/** Compiles a text. */
export function textFor (
  text: Text | undefined,
  context: Pick<BuildContext, 'expression'>
): (message: Message) => string | undefined {
  if (text === undefined) return () => undefined
  if (typeof text === 'string') return compileTemplate(text, context.expression)
  const compiled = context.expression(text)
  return message => compiled.text(message)
}

/**
 * Compiles the body of a request. Without a text, the body of the message is sent, and converted to the type.
 * @see WSO2, mi-connector-http, RestURLBuilder.handlePayload
 */
export function requestBody (
  { bodyType, body }: RequestBody,
  context: Pick<BuildContext, 'expression'>
): (message: Message) => Message {
  if (bodyType === undefined) return message => message
  if (body === undefined) {
    const messageType = CONVERTED[bodyType]
    return message => messageType === undefined ? message : { ...message, axis2: { ...message.axis2, messageType } }
  }
  const fieldText = bodyText(bodyType, body, context)
  return message => {
    const text = fieldText(message).trim()
    checkPayloadSize(text.length, 'the body of an HTTP request')
    switch (bodyType) {
      case 'JSON': return withTextPayload(message, 'application/json', text)
      case 'TEXT': return withTextPayload(message, 'text/plain', text)
      case 'XML': return withXmlPayload(message, text)
    }
  }
}

const CONVERTED: Readonly<Partial<Record<BodyType, string>>> = { JSON: 'application/json', XML: 'application/xml' }

function bodyText (
  type: BodyType,
  body: Text,
  context: Pick<BuildContext, 'expression'>
): (message: Message) => string {
  if (typeof body === 'object') {
    const compiled = context.expression(body)
    return message =>
      (type === 'XML' ? compiled.markup(message)?.join('') : undefined) ?? compiled.text(message) ?? ''
  }
  const compile = (xpath: string): Expression => context.expression({ xpath })
  switch (type) {
    case 'JSON': return jsonTemplate(body, compile)
    case 'XML': return compileFormat(body, 'xml', [], compile)
    case 'TEXT': return compileTemplate(body, context.expression)
  }
}

/** Inside of a string of the template a value is escaped; elsewhere it is JSON, as it is. */
function jsonTemplate (template: string, compile: (xpath: string) => Expression): (message: Message) => string {
  let isInString = false
  const parts = splitTemplate(template).map((part, at): string | ((message: Message) => string) => {
    if (at % 2 === 0) {
      if (part.replace(/\\[^]/g, '').split('"').length % 2 === 0) isInString = !isInString
      return part
    }
    const expression = compile(part)
    return isInString
      ? message => JSON.stringify(expression.text(message) ?? '').slice(1, -1)
      : message => expression.text(message) ?? ''
  })
  return message => parts.map(part => typeof part === 'string' ? part : part(message)).join('')
}
