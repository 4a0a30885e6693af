import { SYNAPSE_NAMESPACE } from '../message/soap-version.js'
import {
  childOf,
  lineOf,
  markupAt,
  openDocument,
  positionOfValue,
  valueAt,
  withChild,
  withExchanged,
  withoutElement,
  withValue,
  type ChildOrder,
  type EditableDocument,
  type ValuePath
} from '../xml/edit-document.js'
import { escapeAttribute } from '../xml/escape.js'
import { attributeOf, type PositionedElement } from '../xml/positioned-tree.js'

/** One value of a form. */
export interface FormField {
  /** Undefined: it is not set. */
  readonly value: string | undefined
  /** The line where it stands or would stand, from 1. */
  readonly line: number
}

export type GroupFieldName = keyof typeof GROUP_FIELDS
export type MemberFieldName = keyof typeof MEMBER_FIELDS

/** A group as the form of a console shows it. */
export interface GroupForm {
  readonly kind: 'loadbalance' | 'failover'
  readonly line: number
  readonly fields: Readonly<Record<GroupFieldName, FormField>>
  readonly members: readonly MemberForm[]
  readonly properties: readonly {
    readonly name: string
    readonly value: string
    readonly scope: string
    readonly line: number
  }[]
}

export interface MemberForm {
  /** `address`, `http`, `loadbalance`, …; `key`: an endpoint that stands elsewhere. */
  readonly kind: string
  readonly line: number
  readonly fields: Readonly<Record<MemberFieldName, FormField>>
}

/** A change of a group. `member` counts from 0. */
export type GroupChange =
  | { readonly set: GroupFieldName; readonly value: string | undefined }
  | { readonly member: number; readonly set: MemberFieldName; readonly value: string | undefined }
  | { readonly add: MemberKind; readonly name: string }
  | { readonly remove: number }
  | { readonly duplicate: number; readonly name: string }
  | { readonly move: number; readonly to: number }
  | { readonly addProperty: string; readonly value: string }
  | { readonly removeProperty: string }

/** Paths of the fields of a group, from its `<endpoint>`; `GROUP` is `<loadbalance>` or `<failover>`. */
const GROUP_FIELDS = {
  name: ['@name'],
  algorithm: ['GROUP', '@algorithm'],
  failover: ['GROUP', '@failover'],
  retry: ['GROUP', '@retry'],
  slowStart: ['GROUP', '@slowStart'],
  session: ['session', '@type'],
  sessionTimeout: ['session', 'sessionTimeout', 'text()'],
  expiry: ['session', '@expiry'],
  maxSessions: ['session', '@maxSessions'],
  onLost: ['session', '@onLost']
} as const satisfies Readonly<Record<string, ValuePath>>

/** Paths of the fields of a member, from its `<endpoint>`; `PLACE` is `<address>`, `<http>` and their like. */
const MEMBER_FIELDS = {
  name: ['@name'],
  key: ['@key'],
  uri: ['PLACE', '@uri'],
  uriTemplate: ['PLACE', '@uri-template'],
  format: ['PLACE', '@format'],
  duration: ['PLACE', 'timeout', 'duration', 'text()'],
  responseAction: ['PLACE', 'timeout', 'responseAction', 'text()'],
  retriesBeforeSuspension: ['PLACE', 'markForSuspension', 'retriesBeforeSuspension', 'text()'],
  retryDelay: ['PLACE', 'markForSuspension', 'retryDelay', 'text()'],
  initialDuration: ['PLACE', 'suspendOnFailure', 'initialDuration', 'text()'],
  progressionFactor: ['PLACE', 'suspendOnFailure', 'progressionFactor', 'text()'],
  maximumDuration: ['PLACE', 'suspendOnFailure', 'maximumDuration', 'text()']
} as const satisfies Readonly<Record<string, ValuePath>>

const PLACES = ['address', 'http', 'wsdl', 'default'] as const
const NESTED = ['loadbalance', 'loadBalance', 'failover', 'dynamicLoadbalance', 'recipientlist'] as const

const ORDER: ChildOrder = {
  endpoint: ['description', 'property', 'session', ...NESTED, ...PLACES],
  address: ['enableSec', 'enableAddressing', 'enableRM', 'timeout', 'markForSuspension', 'suspendOnFailure'],
  timeout: ['duration', 'responseAction'],
  markForSuspension: ['errorCodes', 'retriesBeforeSuspension', 'retryDelay'],
  suspendOnFailure: ['errorCodes', 'initialDuration', 'progressionFactor', 'maximumDuration']
}
const ORDER_OF_PLACES: ChildOrder = {
  ...ORDER,
  http: ORDER['address']!,
  wsdl: ORDER['address']!,
  default: ORDER['address']!
}

const NESTED_MEMBER = (kind: string): string => `<P:endpoint name="NAME">
  <P:${kind}>
    <P:endpoint name="NAME-1">
      <P:address uri="http://localhost:9001/"/>
    </P:endpoint>
  </P:${kind}>
</P:endpoint>`

const PLAIN_MEMBER = (place: string): string => `<P:endpoint name="NAME">\n  <P:${place}/>\n</P:endpoint>`

/** New members of a group. `P:` stands for the prefix of the namespace. */
const NEW_MEMBERS = {
  address: PLAIN_MEMBER('address uri="http://localhost:9000/"'),
  http: PLAIN_MEMBER('http method="post" uri-template="http://localhost:9000/"'),
  wsdl: PLAIN_MEMBER('wsdl uri="http://localhost:9000/service?wsdl" service="Service" port="Port"'),
  default: PLAIN_MEMBER('default'),
  failover: NESTED_MEMBER('failover'),
  loadbalance: NESTED_MEMBER('loadbalance'),
  key: '<P:endpoint key="NAME"/>'
} as const
export type MemberKind = keyof typeof NEW_MEMBERS
export const MEMBER_KINDS = Object.keys(NEW_MEMBERS) as MemberKind[]

/** Which group of a document: its name, or its number among all groups, from 0, in the order of their start tags. */
export type GroupName = string | number

interface Found {
  readonly document: EditableDocument
  readonly endpoint: PositionedElement
  readonly group: PositionedElement
}

/** The groups of a document; `name` is undefined for one without a name of its own. */
export function groupsIn (
  text: string
): readonly { readonly name: string | undefined; readonly artefact: string | undefined }[] {
  const document = openDocument(text)
  return document === undefined
    ? []
    : groupElements(document.root).map(({ endpoint }) => ({ name: nameOf(endpoint), artefact: artefactOf(endpoint) }))
}

/** Reads a group as a form; undefined if it is not there, or if the text is not well-formed. */
export function readGroupForm (text: string, name: GroupName): GroupForm | undefined {
  const found = find(text, name)
  if (found === undefined) return undefined
  const { document, endpoint, group } = found
  return {
    kind: group.name === 'failover' ? 'failover' : 'loadbalance',
    line: lineOf(document, endpoint.start),
    fields: fieldsOf(document, endpoint, GROUP_FIELDS, group.name),
    members: membersOf(group).map(member => ({
      kind: kindOf(member),
      line: lineOf(document, member.start),
      fields: fieldsOf(document, member, MEMBER_FIELDS, placeOf(member))
    })),
    properties: endpoint.children
      .filter(({ name }) => name === 'property')
      .map(each => ({
        name: attributeOf(each, 'name')?.value ?? '',
        value: attributeOf(each, 'value')?.value ?? attributeOf(each, 'expression')?.value ?? '',
        scope: attributeOf(each, 'scope')?.value ?? 'default',
        line: lineOf(document, each.start)
      }))
  }
}

/**
 * Changes a group in place: only the characters of what changes are others afterwards.
 * @returns the text; undefined if this cannot be said in place, or if it would not read as what was meant
 */
export function editGroup (text: string, name: GroupName, change: GroupChange): string | undefined {
  const found = find(text, name)
  const edited = found && edit(found, name, change)
  if (edited === undefined || !('set' in change)) return edited
  const renamed =
    'member' in change || change.set !== 'name' || typeof name === 'number' ? name : (change.value ?? name)
  const form = readGroupForm(edited, renamed)
  const field = 'member' in change ? form?.members[change.member]?.fields[change.set] : form?.fields[change.set]
  return field !== undefined && field.value === change.value?.trim() ? edited : undefined
}

function edit ({ document, endpoint, group }: Found, name: GroupName, change: GroupChange): string | undefined {
  const members = membersOf(group)
  if ('set' in change) {
    const { value } = change
    if (!('member' in change)) {
      const session = childOf(endpoint, 'session')
      if (change.set === 'session' && value === undefined && session) return withoutElement(document, session)
      return withValue(document, endpoint, pathOf(GROUP_FIELDS[change.set], group.name), value, ORDER)
    }
    const member = members[change.member]
    return (
      member &&
      withValue(document, member, pathOf(MEMBER_FIELDS[change.set], placeOf(member)), value, ORDER_OF_PLACES)
    )
  }
  if ('add' in change) return withChild(document, group, 'endpoint', newMember(change.add, change.name, group), ORDER)
  if ('remove' in change) return members[change.remove] && withoutElement(document, members[change.remove]!)
  if ('move' in change) {
    const [a, b] = [members[change.move], members[change.to]]
    return a && b && a !== b ? withExchanged(document, a, b) : undefined
  }
  if ('duplicate' in change) {
    const member = members[change.duplicate]
    if (member === undefined) return undefined
    const copied = withChild(document, group, 'endpoint', markupAt(document, member), ORDER)
    if (kindOf(member) === 'key') return copied
    return editGroup(copied, name, { member: members.length, set: 'name', value: change.name })
  }
  if ('addProperty' in change) {
    const attributes = `name="${escapeAttribute(change.addProperty)}" value="${escapeAttribute(change.value)}"`
    const markup = `<${prefixOf(endpoint)}property ${attributes}/>`
    return withChild(document, endpoint, 'property', markup, ORDER)
  }
  const property = endpoint.children.find(
    each => each.name === 'property' && attributeOf(each, 'name')?.value === change.removeProperty
  )
  return property && withoutElement(document, property)
}

function find (text: string, name: GroupName): Found | undefined {
  const document = openDocument(text)
  if (document === undefined) return undefined
  const all = groupElements(document.root)
  const found = typeof name === 'number' ? all[name] : all.find(({ endpoint }) => nameOf(endpoint) === name)
  return found && { document, ...found }
}

/** All endpoints of the configuration that are groups, in document order. */
function groupElements (root: PositionedElement): { endpoint: PositionedElement; group: PositionedElement }[] {
  const group =
    root.name === 'endpoint' && root.namespace === SYNAPSE_NAMESPACE
      ? root.children.find(({ name }) => ['loadbalance', 'loadBalance', 'failover'].includes(name))
      : undefined
  return [...(group === undefined ? [] : [{ endpoint: root, group }]), ...root.children.flatMap(groupElements)]
}

const nameOf = (endpoint: PositionedElement): string | undefined => attributeOf(endpoint, 'name')?.value

/** The name of the proxy, sequence or API that an element stands in. */
function artefactOf ({ parent }: PositionedElement): string | undefined {
  if (parent === undefined) return undefined
  return ['proxy', 'sequence', 'api'].includes(parent.name) && nameOf(parent) !== undefined
    ? nameOf(parent)
    : artefactOf(parent)
}

const membersOf = (group: PositionedElement): PositionedElement[] =>
  group.children.filter(({ name }) => name === 'endpoint')

const kindOf = (member: PositionedElement): string =>
  attributeOf(member, 'key') === undefined
    ? ([...PLACES, ...NESTED].find(name => childOf(member, name) !== undefined) ?? 'other')
    : 'key'

const placeOf = (member: PositionedElement): string =>
  PLACES.find(name => childOf(member, name) !== undefined) ?? 'address'

/** A path with the name of the element that it leads through. */
const pathOf = (path: ValuePath, name: string): ValuePath =>
  path.map(step => (step === 'GROUP' || step === 'PLACE' ? name : step))

function fieldsOf<Name extends string> (
  document: EditableDocument,
  element: PositionedElement,
  paths: Readonly<Record<Name, ValuePath>>,
  name: string
): Readonly<Record<Name, FormField>> {
  const fields = Object.entries<ValuePath>(paths).map(([field, path]) => {
    const own = pathOf(path, name)
    return [field, { value: valueAt(element, own), line: lineOf(document, positionOfValue(element, own)) }]
  })
  return Object.fromEntries(fields)
}

const prefixOf = ({ prefix }: PositionedElement): string => (prefix === '' ? '' : `${prefix}:`)

const newMember = (kind: MemberKind, name: string, group: PositionedElement): string =>
  NEW_MEMBERS[kind].replaceAll('P:', prefixOf(group)).replaceAll('NAME', escapeAttribute(name))
