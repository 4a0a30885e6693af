import { getNodePath, visit, type Node } from 'jsonc-parser'
import {
  inlineJson,
  lineOf,
  nodeAt,
  openJson,
  sourceOf,
  withJsonCopy,
  withJsonExchanged,
  withJsonItem,
  withJsonSource,
  withJsonValue,
  withoutJsonMember,
  type EditableJson
} from '../../json/edit-document.js'
import {
  GROUP_FIELDS,
  MEMBER_FIELDS,
  type FormField,
  type GroupChange,
  type GroupFieldName,
  type GroupForm,
  type GroupLanguage,
  type GroupName,
  type MemberFieldName,
  type FieldType
} from './group-form.js'
import { newJsonMember } from './json-member.js'
import { readProperties, readWeight, withProperty, withPropertyChange, withWeight } from './json-property.js'

/** Groups of a configuration in JSON, with comments and trailing commas. */
export const jsonGroups: GroupLanguage = { list, read: readGroup, edit }

/** Paths of fields that are not called as in the form. */
const GROUP_PATHS: Partial<Record<GroupFieldName, readonly string[]>> = {
  algorithm: ['algorithm', 'kind'],
  session: ['session', 'kind'],
  sessionName: ['session', 'name'],
  sessionKeys: ['session', 'keys'],
  sessionTimeout: ['session', 'sessionTimeout'],
  expiry: ['session', 'expiry'],
  maxSessions: ['session', 'maxSessions'],
  onLost: ['session', 'onLost']
}
const MEMBER_PATHS: Partial<Record<MemberFieldName, readonly string[]>> = {
  keyExpression: ['key', 'xpath'],
  duration: ['timeout', 'duration'],
  responseAction: ['timeout', 'responseAction'],
  markErrorCodes: ['markForSuspension', 'errorCodes'],
  retriesBeforeSuspension: ['markForSuspension', 'retriesBeforeSuspension'],
  retryDelay: ['markForSuspension', 'retryDelay'],
  suspendErrorCodes: ['suspendOnFailure', 'errorCodes'],
  initialDuration: ['suspendOnFailure', 'initialDuration'],
  progressionFactor: ['suspendOnFailure', 'progressionFactor'],
  maximumDuration: ['suspendOnFailure', 'maximumDuration'],
  enabledErrorCodes: ['retryConfig', 'enabledErrorCodes'],
  disabledErrorCodes: ['retryConfig', 'disabledErrorCodes']
}

interface JsonGroup {
  readonly document: EditableJson
  readonly group: Node
}

function list (text: string): ReturnType<GroupLanguage['list']> {
  const document = openJson(text)
  return document === undefined
    ? []
    : groupNodes(document.root).map(group => ({ name: groupName(group), artefact: artefactOf(group) }))
}

function readGroup (text: string, name: GroupName): GroupForm | undefined {
  const jsonGroup = find(text, name)
  if (jsonGroup === undefined) return undefined
  const { document, group } = jsonGroup
  const fields = fieldsOf(document, group, GROUP_FIELDS, GROUP_PATHS)
  return {
    kind: kindOf(group) === 'failover' ? 'failover' : 'loadbalance',
    line: lineOf(document, group.offset),
    fields: { ...fields, name: { ...fields.name, value: groupName(group) } },
    members: membersOf(group).map(member => ({
      kind: kindOf(member) ?? 'other',
      line: lineOf(document, member.offset),
      fields: { ...fieldsOf(document, member, MEMBER_FIELDS, MEMBER_PATHS), weight: readWeight(document, member) }
    })),
    properties: readProperties(document, group)
  }
}

function edit (text: string, name: GroupName, change: GroupChange): string | undefined {
  const jsonGroup = find(text, name)
  if (jsonGroup === undefined) return undefined
  const { document, group } = jsonGroup
  const members = membersOf(group)
  if ('property' in change) return withPropertyChange(document, group, change)
  if ('set' in change) {
    if (!('member' in change)) return setInGroup(jsonGroup, change.set, change.value)
    if (change.set === 'weight') return withWeight(document, members[change.member]!, change.value)
    const path = MEMBER_PATHS[change.set] ?? [change.set]
    return setValue(document, members[change.member]!, path, MEMBER_FIELDS[change.set], change.value)
  }
  if ('remove' in change) return withoutJsonMember(document, members[change.remove]!)
  if ('move' in change) return withJsonExchanged(document, members[change.move]!, members[change.to]!)
  if ('duplicate' in change) return withJsonCopy(document, members[change.duplicate]!)
  if ('add' in change) {
    const list = nodeAt(group, ['members'])
    return list?.type === 'array'
      ? withJsonItem(document, list, newJsonMember(change.add, change.name))
      : undefined
  }
  return withProperty(document, group, change.addProperty)
}

function setInGroup (
  { document, group }: JsonGroup,
  field: GroupFieldName,
  value: string | undefined
): string | undefined {
  const path = GROUP_PATHS[field] ?? [field]
  if (value === undefined && path[1] === 'kind') {
    // Algorithm and session have no meaning without their kind.
    const whole = nodeAt(group, [path[0]!])
    return whole && hasComment(document, whole) ? undefined : withJsonValue(document, group, [path[0]!], undefined)
  }
  const key = field === 'name' ? keyOf(group) : undefined
  if (key === undefined || nodeAt(group, ['name']) !== undefined) {
    return setValue(document, group, path, GROUP_FIELDS[field], value)
  }
  return value === undefined ? undefined : withJsonSource(document, key, JSON.stringify(value))
}

function setValue (
  document: EditableJson,
  object: Node,
  path: readonly string[],
  type: FieldType,
  value: string | undefined
): string | undefined {
  const current = nodeAt(object, path)
  const isPart = current?.type === 'object' || (current?.type === 'array' && type !== 'words' && type !== 'numbers')
  const losesComment = current?.type === 'array' && hasComment(document, current)
  return isPart || losesComment ? undefined : withJsonValue(document, object, path, value && jsonOf(value, type))
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** The source of a value. What is not a number or flag is written as a text, which the check then reports. */
function jsonOf (value: string, type: FieldType): string {
  const text = value.trim()
  if (type === 'number' && NUMBER.test(text)) return text
  if (type === 'flag' && (text === 'true' || text === 'false')) return text
  if (type === 'words') return inlineJson(text.split(/\s+/))
  const numbers = text.split(/[\s,]+/).filter(Boolean)
  const isList = type === 'numbers' && numbers.every(each => NUMBER.test(each))
  return isList ? `[${numbers.join(', ')}]` : JSON.stringify(text)
}

/** Whether a value contains a comment: rewriting the value would lose it. */
function hasComment (document: EditableJson, node: Node): boolean {
  let hasAny = false
  const onComment = (): void => {
    hasAny = true
  }
  visit(sourceOf(document, node), { onComment })
  return hasAny
}

function find (text: string, name: GroupName): JsonGroup | undefined {
  const document = openJson(text)
  if (document === undefined) return undefined
  const all = groupNodes(document.root)
  const group = typeof name === 'number' ? all[name] : all.find(each => groupName(each) === name)
  return group && { document, group }
}

/** All objects of the configuration that are groups, in document order. */
function groupNodes (node: Node): Node[] {
  const isGroup = ['loadbalance', 'failover'].includes(kindOf(node) ?? '') && nodeAt(node, ['members']) !== undefined
  return [...(isGroup ? [node] : []), ...(node.children ?? []).flatMap(groupNodes)]
}

function kindOf (node: Node): string | undefined {
  const kind: unknown = node.type === 'object' ? nodeAt(node, ['kind'])?.value : undefined
  return typeof kind === 'string' ? kind : undefined
}

/** The key of an endpoint of the configuration, which is its name. */
function keyOf (group: Node): Node | undefined {
  const [category, , ...inside] = getNodePath(group)
  return category === 'endpoints' && inside.length === 0 ? group.parent?.children?.[0] : undefined
}

function groupName (group: Node): string | undefined {
  const name: unknown = (nodeAt(group, ['name']) ?? keyOf(group))?.value
  return typeof name === 'string' ? name : undefined
}

/** The name of the proxy, sequence or API that contains an object. */
function artefactOf (group: Node): string | undefined {
  const [category, name] = getNodePath(group)
  return ['proxies', 'sequences', 'apis'].includes(String(category)) ? String(name) : undefined
}

const membersOf = (group: Node): readonly Node[] => {
  const list = nodeAt(group, ['members'])
  return list?.type === 'array' ? (list.children ?? []) : []
}

function fieldsOf<Name extends string> (
  document: EditableJson,
  object: Node,
  types: Readonly<Record<Name, FieldType>>,
  paths: Partial<Record<Name, readonly string[]>>
): Readonly<Record<Name, FormField>> {
  const fields = Object.keys(types).map(name => {
    const path = paths[name as Name] ?? [name]
    const node = nodeAt(object, path)
    const part = nodeAt(object, path.slice(0, -1)) ?? object
    const partLine = lineOf(document, part.offset)
    const line = node === undefined ? partLine : lineOf(document, node.offset)
    return [name, { value: node && fieldText(document, node, types[name as Name]), line, partLine }]
  })
  return Object.fromEntries(fields)
}

/** A value as the form shows it: undefined for a part of several values. */
function fieldText (document: EditableJson, node: Node, type: FieldType): string | undefined {
  if (node.type === 'string') return String(node.value)
  if (node.type === 'array') {
    return node.children?.map(({ value }) => String(value)).join(type === 'numbers' ? ', ' : ' ')
  }
  if (node.type !== 'object') return sourceOf(document, node)
  const xpath: unknown = nodeAt(node, ['xpath'])?.value
  return typeof xpath === 'string' ? `{${xpath}}` : undefined
}
