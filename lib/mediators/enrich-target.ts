import { Type, type Static } from '@sinclair/typebox'
import { ExpressionField, describe } from '../contracts/fields.js'
import type { BuildContext } from '../contracts/build-context.js'
import type { Expression } from '../expression/compiled-expression.js'
import { editEach, renameEach, withChild } from '../json/edit.js'
import { isJson, jsonOf, withJson } from '../json/json-message.js'
import { jsonText, type JsonValue } from '../json/json-value.js'
import { fault, MediationError } from '../message/fault.js'
import type { Message } from '../message/message.js'
import { checkPayloadSize } from '../message/payload-size.js'
import { without } from '../message/well-known-properties.js'
import { escapeText } from '../xml/escape.js'
import { editedMarkup, type NodeEdit } from '../xpath/edited-markup.js'
import { childrenOf, type Node } from '../xpath/node.js'
import { jsonOfContent, propertyOfContent, textOfContent, type Content } from './enrich-source.js'
import { childMarkup, payloadElementOf } from './payload-elements.js'
import { withTextPayload, withXmlPayload } from './payload.js'

const TYPES = ['custom', 'envelope', 'body', 'property', 'key'] as const
const ACTIONS = ['replace', 'child', 'sibling', 'remove'] as const
type Action = (typeof ACTIONS)[number]

export const Target = Type.Object(
  {
    type: describe(Type.Optional(Type.Union(TYPES.map(each => Type.Literal(each)))), 'What is changed.', 'custom'),
    action: describe(Type.Optional(Type.Union(ACTIONS.map(each => Type.Literal(each)))), 'How.', 'replace'),
    expression: describe(Type.Optional(ExpressionField), 'Of `custom` and `key`: what it selects.'),
    property: describe(Type.Optional(Type.String()), 'Of `property`: its name.')
  },
  { additionalProperties: false }
)

type Enrich = (message: Message, content: Content | undefined) => Message

/** Compiles a target. A target that selects nothing leaves the message unchanged. @see WSO2, Target */
export function targetOf (target: Static<typeof Target>, tools: BuildContext): Enrich {
  const { type = 'custom', action = 'replace', property } = target
  switch (type) {
    case 'property': {
      if (property === undefined) throw new Error('enrich needs the name of the property that is its target')
      return (message, content) => withProperty(message, property, action === 'remove' ? undefined : content)
    }
    case 'envelope':
      return (message, content) => (content === undefined ? message : withContent(message, content))
    case 'body':
      return bodyTarget(action, tools)
    case 'key':
      return keyTarget(expressionOf(target, tools))
    case 'custom': {
      const expression = expressionOf(target, tools)
      return expression.locations === undefined
        ? (message, content) => editXml(message, expression, action, content)
        : (message, content) => editJson(message, expression, action, content)
    }
  }
}

function expressionOf ({ expression }: Static<typeof Target>, tools: BuildContext): Expression {
  if (expression === undefined) throw new Error('enrich needs an xpath for this target')
  return tools.expression(expression)
}

function withProperty (message: Message, name: string, content: Content | undefined): Message {
  const { properties } = message
  if (content === undefined) return { ...message, properties: without(properties, name) }
  return { ...message, properties: { ...properties, [name]: propertyOfContent(content) } }
}

/** Replaces what a message carries by a content. An envelope replaces the message. */
export function withContent (message: Message, content: Content): Message {
  if ('json' in content) return withJson(message, content.json)
  return 'xml' in content
    ? withXmlPayload(message, content.xml)
    : withTextPayload(message, 'text/plain', content.text)
}

function bodyTarget (action: Action, tools: BuildContext): Enrich {
  const body = tools.expression({ xpath: '$body' })
  const first = tools.expression({ xpath: '$body/*[1]' })
  const root = tools.expression({ xpath: 'json-eval($)' })
  return (message, content) => {
    if (content === undefined && action !== 'remove') return message
    if (action === 'replace' && content !== undefined) return withContent(message, content)
    if (isJson(message)) return editJson(message, root, action, content)
    return editXml(message, action === 'child' ? body : first, action, content)
  }
}

/** Renames the selected keys of JSON objects. */
const keyTarget =
  (expression: Expression): Enrich =>
    (message, content) => {
      const document = isJson(message) ? jsonOf(message) : undefined
      if (document === undefined || content === undefined) return message
      const locations = expression.locations?.(message) ?? []
      return withJson(message, renameEach(document.value, locations, textOfContent(content)))
    }

function editJson (message: Message, expression: Expression, action: Action, content: Content | undefined): Message {
  const document = isJson(message) ? jsonOf(message) : undefined
  if (document === undefined || (content === undefined && action !== 'remove')) return message
  const value = content === undefined ? null : jsonOfContent(content)
  const change = (old: JsonValue): JsonValue | undefined =>
    action === 'remove' ? undefined : action === 'replace' ? value : withChild(old, value)
  const selected = expression.locations?.(message) ?? []
  const places = action === 'sibling' ? selected.map(place => place.slice(0, -1)) : selected
  checkPayloadSize(places.length * jsonText(value).length, 'what enrich makes')
  return withJson(message, editEach(document.value, places, change) ?? null)
}

function editXml (message: Message, expression: Expression, action: Action, content: Content | undefined): Message {
  const targets = expression.nodes?.(message) ?? []
  if (targets.length === 0 || (content === undefined && action !== 'remove')) return message
  if (isJson(message)) throw new MediationError(fault('MEDIATION', 'enrich changes JSON by json-eval() only'))
  const edits = new Map(targets.map(node => [node, editOf(node, action, content)]))
  const payload = payloadElementOf(message, targets[0]!)
  return payload === undefined ? message : withXmlPayload(message, editedMarkup(payload, edits))
}

/** Replaces one element of a message by XML. */
export function withElement (message: Message, element: Node, xml: string): Message {
  const payload = payloadElementOf(message, element)
  const edits = new Map([[element, editOf(element, 'replace', { xml })]])
  return payload === undefined ? message : withXmlPayload(message, editedMarkup(payload, edits))
}

function editOf (node: Node, action: Action, content: Content | undefined): NodeEdit {
  if (content === undefined) return { instead: '' }
  if (node.kind === 'attribute' || node.kind === 'text') return { instead: textOfContent(content) }
  const markup = 'xml' in content ? childMarkup(node, content.xml) : escapeText(textOfContent(content))
  switch (action) {
    case 'child':
      return { append: markup }
    case 'sibling':
      return { after: markup }
    case 'remove':
      return { instead: '' }
    case 'replace':
      return 'xml' in content ? { instead: markup } : { instead: withText(node, markup) }
  }
}

/** A text replaces the content of an element, not the element. */
const withText = (node: Node, text: string): string => {
  const edits = new Map([...childrenOf(node)].map((child): [Node, NodeEdit] => [child, { instead: '' }]))
  return editedMarkup(node, edits.set(node, { append: text }))
}
