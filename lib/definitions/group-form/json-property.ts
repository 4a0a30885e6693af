import type { Node } from 'jsonc-parser'
import {
  inlineJson,
  lineOf,
  nodeAt,
  withJsonItem,
  withJsonValue,
  withoutJsonMember,
  type EditableJson
} from '../../json/edit-document.js'
import { WEIGHT, type FormField, type NewProperty, type PropertyChange, type PropertyForm } from './group-form.js'

/** The properties of an endpoint in JSON: of a group, and the weight of a member. */
function propertiesOf (endpoint: Node): readonly Node[] {
  const list = nodeAt(endpoint, ['properties'])
  return list?.type === 'array' ? (list.children ?? []) : []
}

const weightOf = (member: Node): Node | undefined =>
  propertiesOf(member).findLast(each => nodeAt(each, ['name'])?.value === WEIGHT)

export const readProperties = (document: EditableJson, endpoint: Node): readonly PropertyForm[] =>
  propertiesOf(endpoint).map(property => ({
    name: textAt(property, 'name') ?? '',
    value: textAt(property, 'value') ?? textAt(property, 'expression', 'xpath') ?? '',
    isExpression: isExpression(property),
    scope: textAt(property, 'scope') ?? 'default',
    line: lineOf(document, property.offset)
  }))

const isExpression = (property: Node): boolean =>
  nodeAt(property, ['value']) === undefined && nodeAt(property, ['expression']) !== undefined

function textAt (node: Node, ...path: string[]): string | undefined {
  const value: unknown = nodeAt(node, path)?.value
  return typeof value === 'string' ? value : undefined
}

export function readWeight (document: EditableJson, member: Node): FormField {
  const property = weightOf(member)
  const line = lineOf(document, (property ?? member).offset)
  return { value: property && textAt(property, 'value'), line, partLine: line }
}

export function withWeight (document: EditableJson, member: Node, value: string | undefined): string | undefined {
  const property = weightOf(member)
  if (property !== undefined) {
    return value === undefined
      ? withoutProperty(document, member, property)
      : withJsonValue(document, property, ['value'], JSON.stringify(value))
  }
  if (value === undefined) return document.text
  return withProperty(document, member, { name: WEIGHT, value, isExpression: false, scope: 'default' })
}

export function withProperty (document: EditableJson, endpoint: Node, added: NewProperty): string | undefined {
  const { name, value, scope } = added
  const property = {
    name,
    ...(added.isExpression ? { expression: { xpath: value } } : { value }),
    ...(scope !== 'default' && { scope })
  }
  const list = nodeAt(endpoint, ['properties'])
  if (list === undefined) return withJsonValue(document, endpoint, ['properties'], `[\n  ${inlineJson(property)}\n]`)
  return list.type === 'array' ? withJsonItem(document, list, property) : undefined
}

/** Changes or removes the property of this number. */
export function withPropertyChange (
  document: EditableJson,
  endpoint: Node,
  change: PropertyChange
): string | undefined {
  const property = propertiesOf(endpoint)[change.property]
  if (property === undefined) return undefined
  if (!('set' in change)) return withoutProperty(document, endpoint, property)
  const path = change.set === 'value' && isExpression(property) ? ['expression', 'xpath'] : [change.set]
  return withJsonValue(document, property, path, change.value === undefined ? undefined : JSON.stringify(change.value))
}

/** Removes a property, and the list with the last one. */
const withoutProperty = (document: EditableJson, endpoint: Node, property: Node): string | undefined =>
  propertiesOf(endpoint).length === 1
    ? withJsonValue(document, endpoint, ['properties'], undefined)
    : withoutJsonMember(document, property)
