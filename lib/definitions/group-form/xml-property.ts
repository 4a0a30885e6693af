import {
  lineOf,
  positionOfValue,
  valueAt,
  withChild,
  withoutElement,
  withValue,
  type ChildOrder,
  type EditableDocument
} from '../../xml/edit-document.js'
import { escapeAttribute } from '../../xml/escape.js'
import { attributeOf, type PositionedElement } from '../../xml/positioned-tree.js'
import { WEIGHT, type FormField, type NewProperty, type PropertyChange, type PropertyForm } from './group-form.js'

/** The properties of an endpoint in XML: of a group, and the weight of a member. */
const propertiesOf = (endpoint: PositionedElement): readonly PositionedElement[] =>
  endpoint.children.filter(({ name }) => name === 'property')

const weightOf = (member: PositionedElement): PositionedElement | undefined =>
  propertiesOf(member).findLast(each => attributeOf(each, 'name')?.value === WEIGHT)

export const readProperties = (document: EditableDocument, endpoint: PositionedElement): readonly PropertyForm[] =>
  propertiesOf(endpoint).map(each => ({
    name: attributeOf(each, 'name')?.value ?? '',
    value: (attributeOf(each, 'value') ?? attributeOf(each, 'expression'))?.value ?? '',
    isExpression: isExpression(each),
    scope: attributeOf(each, 'scope')?.value ?? 'default',
    line: lineOf(document, each.start)
  }))

const isExpression = (property: PositionedElement): boolean =>
  attributeOf(property, 'value') === undefined && attributeOf(property, 'expression') !== undefined

export function readWeight (document: EditableDocument, member: PositionedElement): FormField {
  const property = weightOf(member)
  const line = lineOf(document, property === undefined ? member.start : positionOfValue(property, ['@value']))
  return { value: property && valueAt(property, ['@value']), line, partLine: line }
}

export function withWeight (
  document: EditableDocument,
  member: PositionedElement,
  value: string | undefined,
  order: ChildOrder
): string | undefined {
  const property = weightOf(member)
  if (property === undefined) {
    return value === undefined
      ? document.bytes.toString('utf8')
      : withProperty(document, member, { name: WEIGHT, value, isExpression: false, scope: 'default' }, order)
  }
  return value === undefined
    ? withoutElement(document, property)
    : withValue(document, property, ['@value'], value, order)
}

export function withProperty (
  document: EditableDocument,
  endpoint: PositionedElement,
  { name, value, isExpression, scope }: NewProperty,
  order: ChildOrder
): string {
  const prefix = endpoint.prefix === '' ? '' : `${endpoint.prefix}:`
  const given = `${isExpression ? 'expression' : 'value'}="${escapeAttribute(value)}"`
  const scoped = scope === 'default' ? '' : ` scope="${escapeAttribute(scope)}"`
  const markup = `<${prefix}property name="${escapeAttribute(name)}" ${given}${scoped}/>`
  return withChild(document, endpoint, 'property', markup, order)
}

/** Changes or removes the property of this number. */
export function withPropertyChange (
  document: EditableDocument,
  endpoint: PositionedElement,
  change: PropertyChange,
  order: ChildOrder
): string | undefined {
  const property = propertiesOf(endpoint)[change.property]
  if (property === undefined) return undefined
  if (!('set' in change)) return withoutElement(document, property)
  const attribute = change.set === 'value' && isExpression(property) ? 'expression' : change.set
  return withValue(document, property, [`@${attribute}`], change.value, order)
}
