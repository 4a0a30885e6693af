import { Type, type Static } from '@sinclair/typebox'
import { ExpressionField, describe } from '../../contracts/fields.js'
import type { BuildContext } from '../../contracts/build-context.js'
import type { Expression } from '../../expression/compiled-expression.js'
import { editEach, renameEach, withChild } from '../../json/edit.js'
import { isJson, jsonOf, withJson } from '../../json/json-message.js'
import { isArray, isPrimitive, jsonIn, jsonText, type JsonValue } from '../../json/json-value.js'
import { mediationError } from '../../message/fault.js'
import { ownProperty, propertyText, type Message, type PropertyValue } from '../../message/message.js'
import { checkPayloadSize } from '../../message/payload-size.js'
import { without } from '../../message/well-known-properties.js'
import { escapeText } from '../../xml/escape.js'
import { editedMarkup, type NodeEdit } from '../../xpath/edited-markup.js'
import { childrenOf, markupOf, type Node } from '../../xpath/node.js'
import { readTree } from '../../xpath/tree.js'
import { jsonOfContent, propertyOfContent, textOfContent, type EnrichContent } from './enrich-source.js'
import { childMarkup, payloadElementOf } from './payload-elements.js'
import { withTextPayload, withXmlPayload } from './payload.js'

const TYPES = ['custom', 'envelope', 'body', 'property', 'key'] as const
const ACTIONS = ['replace', 'child', 'sibling', 'remove'] as const
type Action = (typeof ACTIONS)[number]

export const EnrichTarget = Type.Object(
  {
    type: describe(Type.Optional(Type.Union(TYPES.map(each => Type.Literal(each)))), 'What is changed.', 'custom'),
    action: describe(Type.Optional(Type.Union(ACTIONS.map(each => Type.Literal(each)))), 'How.', 'replace'),
    expression: describe(Type.Optional(ExpressionField), 'Of `custom` and `key`: what it selects.'),
    property: describe(Type.Optional(Type.String()), 'Of `property`: its name.')
  },
  { additionalProperties: false }
)

type Enrich = (message: Message, content: EnrichContent | undefined) => Message

/**
 * Compiles a target. XML is changed at the first node that is selected, JSON at each place; `remove` removes all.
 * @param isMoved whether elements of the source leave their places
 * @see WSO2, Target
 */
export function targetOf (target: Static<typeof EnrichTarget>, isMoved: boolean, context: BuildContext): Enrich {
  const { type = 'custom', action = 'replace', property } = target
  switch (type) {
    case 'property': {
      if (property === undefined) throw new Error('enrich needs the name of the property that is its target')
      return (message, content) => withProperty(message, property, action, content)
    }
    case 'envelope':
      return (message, content) => (content === undefined ? message : withContent(message, content))
    case 'body':
      return bodyTarget({ action, isMoved }, context)
    case 'key':
      return keyTarget(expressionOf(target, context))
    case 'custom': {
      const expression = expressionOf(target, context)
      return expression.locations === undefined
        ? (message, content) => editXml(message, expression.nodes?.(message) ?? [], { action, isMoved }, content)
        : (message, content) => editJson(message, expression, action, content)
    }
  }
}

function expressionOf ({ expression }: Static<typeof EnrichTarget>, context: BuildContext): Expression {
  if (expression === undefined) throw new Error('enrich needs an xpath for this target')
  return context.expression(expression)
}

function withProperty (message: Message, name: string, action: Action, content: EnrichContent | undefined): Message {
  const { properties } = message
  if (content === undefined || action === 'remove') return { ...message, properties: without(properties, name) }
  const before = ownProperty(properties, name)
  const value = action === 'child' ? grownProperty(before, content) : propertyOfContent(content)
  return { ...message, properties: { ...properties, [name]: value } }
}

/** A child is appended to the array or the element that a property holds; it replaces any other value. */
function grownProperty (before: PropertyValue | undefined, content: EnrichContent): PropertyValue {
  if (typeof before === 'object' && 'xml' in before && 'xml' in content) {
    const tree = readTree(Buffer.from(before.xml))
    if ('kind' in tree) return propertyOfContent(content)
    return { xml: editedMarkup(tree[1]!, new Map([[tree[1]!, { append: childMarkup(tree[1]!, content.xml) }]])) }
  }
  const array = jsonArrayIn(before)
  return array === undefined || 'xml' in content
    ? propertyOfContent(content)
    : { json: jsonText([...array, jsonOfContent(content)]) }
}

function jsonArrayIn (value: PropertyValue | undefined): readonly JsonValue[] | undefined {
  const text = value === undefined ? '' : propertyText(value).trim()
  const json = text.startsWith('[') ? jsonIn(text) : undefined
  return json !== undefined && isArray(json) ? json : undefined
}

/** Replaces what a message carries by a content. An envelope replaces the message. */
export function withContent (message: Message, content: EnrichContent): Message {
  if ('json' in content) return withJson(message, content.json)
  return 'xml' in content
    ? withXmlPayload(message, content.xml)
    : withTextPayload(message, 'text/plain', content.text)
}

/** How XML is changed. */
interface XmlEdit {
  readonly action: Action
  readonly isMoved: boolean
}

/** The body is the first element of the Body, or the JSON document. @see WSO2, Target.insertElementToBody */
function bodyTarget (edit: XmlEdit, context: BuildContext): Enrich {
  const elements = context.expression({ xpath: '$body/*' })
  const root = context.expression({ xpath: 'json-eval($)' })
  return (message, content) => {
    if (content === undefined && edit.action !== 'remove') return message
    if (isJson(message) && edit.action !== 'replace') return editJson(message, root, edit.action, content)
    const json = content === undefined ? undefined : jsonForBody(content)
    if (json !== undefined && edit.action === 'replace') return withJson(message, json)
    if (isJson(message)) return content !== undefined && 'xml' in content ? withContent(message, content) : message
    const [first, ...others] = elements.nodes?.(message) ?? []
    if (first !== undefined && (edit.action !== 'replace' || others.length > 0 || (content && 'text' in content))) {
      return editXml(message, [first], edit, content)
    }
    return content !== undefined && 'xml' in content ? withContent(message, content) : message
  }
}

/** An object or an array, or the text of one. */
function jsonForBody (content: EnrichContent): JsonValue | undefined {
  if ('xml' in content) return undefined
  if ('text' in content && !/^\s*[{[]/.test(content.text)) return undefined
  const value = 'json' in content ? content.json : jsonIn(content.text.trim())
  return value === undefined || isPrimitive(value) ? undefined : value
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

function editJson (
  message: Message, expression: Expression, action: Action, content: EnrichContent | undefined
): Message {
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

function editXml (
  message: Message, selected: readonly Node[], { action, isMoved }: XmlEdit, content: EnrichContent | undefined
): Message {
  if (content === undefined && action !== 'remove') return message
  const [target] = selected
  if (target === undefined) {
    if (action === 'remove') return message
    throw mediationError('the target of enrich selects nothing in the message')
  }
  if (isJson(message)) throw mediationError('enrich changes JSON by json-eval() only')
  const targets = action === 'remove' ? selected : [target]
  const moved = isMoved && content !== undefined && 'xml' in content ? movable(content.nodes ?? [], target) : []
  const edits = new Map<Node, NodeEdit>(moved.map(node => [node, { replacement: '' }]))
  for (const node of targets) edits.set(node, editOf(node, action, content))
  const payload = payloadElementOf(message, target)
  if (payload === undefined) return message
  // Plain XML has one root: what would be beside it is lost, as in the engine.
  if (action === 'sibling' && target === payload) return message
  return withXmlPayload(message, editedMarkup(payload, edits))
}

/** Elements that a target is not inside of: they can leave their places. */
const movable = (nodes: readonly Node[], target: Node): readonly Node[] =>
  nodes.filter(({ order, last }) => !(order <= target.order && target.order <= last))

/** Replaces one element of a message by XML. */
export function withElement (message: Message, element: Node, xml: string): Message {
  const payload = payloadElementOf(message, element)
  const edits = new Map([[element, editOf(element, 'replace', { xml })]])
  return payload === undefined ? message : withXmlPayload(message, editedMarkup(payload, edits))
}

function editOf (node: Node, action: Action, content: EnrichContent | undefined): NodeEdit {
  if (content === undefined) return { replacement: '' }
  if (node.kind === 'attribute' || node.kind === 'text') return { replacement: textOfContent(content) }
  switch (action) {
    case 'child':
      // Texts are no children, and no siblings. @see WSO2, Target.insertElement
      return 'xml' in content ? { append: childMarkup(node, content.xml) } : {}
    case 'sibling':
      return 'xml' in content ? { after: childMarkup(node, inReverse(content)) } : {}
    case 'remove':
      return { replacement: '' }
    case 'replace':
      return 'xml' in content
        ? { replacement: childMarkup(node, content.xml) }
        : { replacement: withText(node, escapeText(textOfContent(content))) }
  }
}

/** Each of several siblings is put directly after the target. */
const inReverse = ({ xml, nodes = [] }: Extract<EnrichContent, { readonly xml: string }>): string =>
  nodes.length < 2 ? xml : nodes.toReversed().map(markupOf).join('')

/** A text replaces the content of an element, not the element. */
const withText = (node: Node, text: string): string => {
  const edits = new Map([...childrenOf(node)].map((child): [Node, NodeEdit] => [child, { replacement: '' }]))
  return editedMarkup(node, edits.set(node, { append: text }))
}
