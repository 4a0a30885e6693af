import type { BuildContext } from '../../contracts/build-context.js'
import type { Expression } from '../../expression/compiled-expression.js'
import type { ExpressionConfig } from '../../expression/expression.js'
import { withJson } from '../../json/json-message.js'
import { isArray, isObject, objectOf, type JsonObject, type JsonValue } from '../../json/json-value.js'
import { mediationError } from '../../message/fault.js'
import { ownProperty, type Message } from '../../message/message.js'
import { editedMarkup } from '../../xpath/edited-markup.js'
import { markupOf, type Node } from '../../xpath/node.js'
import { readTree } from '../../xpath/tree.js'
import { childElementsOf, childMarkup, elementsIn } from '../transformation/payload-elements.js'
import { withElements } from '../transformation/payload.js'

export const AGGREGATE_ELEMENT_TYPES = ['root', 'child'] as const

export interface JoinConfig {
  readonly expression?: ExpressionConfig | undefined
  readonly elementType?: (typeof AGGREGATE_ELEMENT_TYPES)[number] | undefined
  readonly enclosingElementProperty?: string | undefined
}

/** Joins messages into one: the first of them, with the payload of all. */
export type Join = (messages: readonly Message[]) => Message

/**
 * Compiles how messages are joined: XML elements in one Body, JSON values in one array.
 * @see WSO2, AggregateMediator.getAggregatedMessage
 */
export function joinerOf (
  { expression, elementType = 'root', enclosingElementProperty }: JoinConfig,
  context: BuildContext
): Join {
  const selection = context.expression(expression ?? { xpath: '$body/*[1]' })
  const body = context.expression({ xpath: '$body' })
  const enclosing = (first: Message): Node | undefined =>
    enclosingElementProperty === undefined ? undefined : enclosingElement(first, enclosingElementProperty)
  if (selection.language !== 'xpath') {
    return messages => {
      const [first] = messages
      const values = messages.map(each => jsonPart(each, selection))
      const value = elementType === 'root' ? values : mergedObjects(values)
      const around = enclosing(first!)
      return withJson(first!, around === undefined ? value : objectOf([[around.name, value]]))
    }
  }
  return messages => {
    const [first, ...others] = messages
    const elements = [...partsOfFirst(first!, selection, body), ...others.flatMap(each => partsOf(each, selection))]
    const around = enclosing(first!)
    return withElements(first!, around === undefined ? elements : [enclosed(around, elements)])
  }
}

/** An array of one value counts as that value. @see WSO2, EIPUtils.getJSONElement */
function jsonPart (message: Message, selection: Expression): JsonValue {
  const value = selection.json(message) ?? null
  return isArray(value) && value.length === 1 ? value[0]! : value
}

/** Merges objects; values under one key become an array. Takes linear time. @see WSO2, JSONMergeUtils */
function mergedObjects (objects: readonly JsonValue[]): JsonObject {
  const members = new Map<string, JsonValue[]>()
  for (const object of objects) {
    if (!isObject(object)) throw mediationError('aggregateElementType="child" joins JSON objects only')
    for (const [key, value] of Object.entries(object)) {
      const known = members.get(key)
      if (known === undefined) members.set(key, [value])
      else known.push(value)
    }
  }
  return objectOf([...members].map(([key, values]) => [key, mergedValues(values)]))
}

/** Objects at the beginning are merged; all else is appended, arrays value by value. */
function mergedValues (values: readonly JsonValue[]): JsonValue {
  const [only] = values
  if (values.length === 1) return only!
  const firstOther = values.findIndex(each => !isObject(each))
  if (firstOther < 0) return mergedObjects(values)
  const objects = firstOther === 0 ? [] : [mergedObjects(values.slice(0, firstOther))]
  return [...objects, ...values.slice(firstOther).flatMap(each => isArray(each) ? each : [each])]
}

/** What of the first message stays: selected elements are lifted into its Body, instead of what they stood in. */
function partsOfFirst (message: Message, selection: Expression, body: Expression): readonly string[] {
  const children = new Set(elementsIn(body.nodes?.(message) ?? []).flatMap(childElementsOf))
  const selected = elementsIn(selection.nodes?.(message) ?? [])
  if (selected.every(each => children.has(each))) return [...children].map(markupOf)
  for (const each of selected) {
    for (let outer: Node | undefined = each; outer !== undefined; outer = outer.parent) children.delete(outer)
  }
  return [...children, ...selected].map(markupOf)
}

function partsOf (message: Message, selection: Expression): readonly string[] {
  const selected = elementsIn(selection.nodes?.(message) ?? [])
  if (selected.length === 0) throw mediationError('the expression of an aggregate selects nothing in a message')
  return selected.map(markupOf)
}

function enclosingElement ({ properties }: Message, name: string): Node {
  const value = ownProperty(properties, name)
  if (typeof value !== 'object' || !('xml' in value)) {
    throw mediationError(`the property "${name}" of enclosingElementProperty holds no element`)
  }
  const tree = readTree(Buffer.from(value.xml))
  if ('kind' in tree) {
    throw mediationError(`the property "${name}" of enclosingElementProperty is not XML: ${tree.reason}`)
  }
  return tree[1]!
}

const enclosed = (around: Node, elements: readonly string[]): string =>
  editedMarkup(around, new Map([[around, { append: elements.map(each => childMarkup(around, each)).join('') }]]))
