import { SYNAPSE_NAMESPACE } from '../../message/soap-version.js'
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
} from '../../xml/edit-document.js'
import { attributeOf, type PositionedElement } from '../../xml/positioned-tree.js'
import {
  MEMBER_KINDS,
  SYNAPSE_ALGORITHMS,
  type FormField,
  type GroupChange,
  type GroupFieldName,
  type GroupForm,
  type GroupLanguage,
  type GroupName,
  type MemberFieldName,
  type MemberKind
} from './group-form.js'
import { newMemberMarkup } from './xml-member.js'
import { readProperties, readWeight, withProperty, withPropertyChange, withWeight } from './xml-property.js'

/** Groups of a configuration in XML. */
export const xmlGroups: GroupLanguage = { list, read: readGroup, edit }

/** Paths of the fields of a group, from its `<endpoint>`; `GROUP` is `<loadbalance>` or `<failover>`. */
const GROUP_PATHS = {
  name: ['@name'],
  algorithm: ['GROUP', '@algorithm'],
  failover: ['GROUP', '@failover'],
  dynamic: ['GROUP', '@dynamic'],
  retry: ['GROUP', '@retry'],
  slowStart: ['GROUP', '@slowStart'],
  session: ['session', '@type'],
  sessionName: ['session', '@name'],
  sessionKeys: ['session', '@keys'],
  sessionTimeout: ['session', 'sessionTimeout', 'text()'],
  expiry: ['session', '@expiry'],
  maxSessions: ['session', '@maxSessions'],
  onLost: ['session', '@onLost']
} as const satisfies Readonly<Record<GroupFieldName, ValuePath>>

/**
 * Paths of the fields of a member, from its `<endpoint>`; `PLACE` is `<address>`, `<http>`, `<wsdl>` or `<default>`.
 */
const MEMBER_PATHS = {
  name: ['@name'],
  key: ['@key'],
  keyExpression: ['@key-expression'],
  template: ['@template'],
  uri: ['PLACE', '@uri'],
  uriTemplate: ['PLACE', '@uri-template'],
  service: ['PLACE', '@service'],
  port: ['PLACE', '@port'],
  hostName: ['PLACE', '@hostName'],
  httpPort: ['PLACE', '@httpPort'],
  httpsPort: ['PLACE', '@httpsPort'],
  format: ['PLACE', '@format'],
  duration: ['PLACE', 'timeout', 'duration', 'text()'],
  responseAction: ['PLACE', 'timeout', 'responseAction', 'text()'],
  markErrorCodes: ['PLACE', 'markForSuspension', 'errorCodes', 'text()'],
  retriesBeforeSuspension: ['PLACE', 'markForSuspension', 'retriesBeforeSuspension', 'text()'],
  retryDelay: ['PLACE', 'markForSuspension', 'retryDelay', 'text()'],
  suspendErrorCodes: ['PLACE', 'suspendOnFailure', 'errorCodes', 'text()'],
  initialDuration: ['PLACE', 'suspendOnFailure', 'initialDuration', 'text()'],
  progressionFactor: ['PLACE', 'suspendOnFailure', 'progressionFactor', 'text()'],
  maximumDuration: ['PLACE', 'suspendOnFailure', 'maximumDuration', 'text()'],
  enabledErrorCodes: ['PLACE', 'retryConfig', 'enabledErrorCodes', 'text()'],
  disabledErrorCodes: ['PLACE', 'retryConfig', 'disabledErrorCodes', 'text()']
} as const satisfies Readonly<Record<Exclude<MemberFieldName, 'weight'>, ValuePath>>

const PLACES = ['address', 'http', 'wsdl', 'default'] as const
/** Groups in groups, in all spellings that are read. */
const NESTED = [
  'loadbalance',
  'loadBalance',
  'failover',
  'dynamicLoadbalance',
  'dynamicLoadBalance',
  'recipientlist',
  'recipientList'
] as const

const ORDER: ChildOrder = {
  endpoint: ['description', 'property', 'session', ...NESTED, ...PLACES],
  address: [
    'enableSec', 'enableAddressing', 'enableRM', 'timeout', 'markForSuspension', 'suspendOnFailure', 'retryConfig'
  ],
  timeout: ['duration', 'responseAction'],
  markForSuspension: ['errorCodes', 'retriesBeforeSuspension', 'retryDelay'],
  suspendOnFailure: ['errorCodes', 'initialDuration', 'progressionFactor', 'maximumDuration'],
  retryConfig: ['disabledErrorCodes', 'enabledErrorCodes']
}
const ORDER_OF_PLACES: ChildOrder = {
  ...ORDER,
  http: ORDER['address']!,
  wsdl: ORDER['address']!,
  default: ORDER['address']!,
  member: ORDER['address']!
}

interface XmlGroup {
  readonly document: EditableDocument
  readonly endpoint: PositionedElement
  readonly group: PositionedElement
}

function list (text: string): ReturnType<GroupLanguage['list']> {
  const document = openDocument(text)
  return document === undefined
    ? []
    : groupElements(document.root)
      .map(({ endpoint }) => ({ name: endpointName(endpoint), artefact: artefactOf(endpoint) }))
}

function readGroup (text: string, name: GroupName): GroupForm | undefined {
  const xmlGroup = find(text, name)
  if (xmlGroup === undefined) return undefined
  const { document, endpoint, group } = xmlGroup
  const fields = fieldsOf(document, endpoint, GROUP_PATHS, path => pathInGroup(path, group.name))
  return {
    kind: group.name === 'failover' ? 'failover' : 'loadbalance',
    line: lineOf(document, endpoint.start),
    fields: { ...fields, algorithm: { ...fields.algorithm, value: algorithmName(fields.algorithm.value) } },
    members: membersOf(group).map(member => ({
      kind: kindOf(member),
      line: lineOf(document, member.start),
      fields: {
        ...fieldsOf(document, member, MEMBER_PATHS, path => pathInMember(path, member)),
        weight: readWeight(document, member)
      }
    })),
    properties: readProperties(document, endpoint)
  }
}

function edit (text: string, name: GroupName, change: GroupChange): string | undefined {
  const xmlGroup = find(text, name)
  if (xmlGroup === undefined) return undefined
  const { document, endpoint, group } = xmlGroup
  const members = membersOf(group)
  if ('property' in change) return withPropertyChange(document, endpoint, change, ORDER)
  if ('set' in change) {
    if (!('member' in change)) return setInGroup(xmlGroup, change.set, change.value)
    return setInMember(document, members[change.member]!, change.set, change.value)
  }
  if ('remove' in change) return withoutElement(document, members[change.remove]!)
  if ('move' in change) return withExchanged(document, members[change.move]!, members[change.to]!)
  if ('duplicate' in change) {
    return withChild(document, group, 'endpoint', markupAt(document, members[change.duplicate]!), ORDER)
  }
  if ('add' in change) {
    const element = change.add === 'member' ? 'member' : 'endpoint'
    return withChild(document, group, element, newMemberMarkup(change.add, change.name, prefixOf(group)), ORDER)
  }
  return withProperty(document, endpoint, change.addProperty, ORDER)
}

function setInGroup (
  { document, endpoint, group }: XmlGroup,
  field: GroupFieldName,
  value: string | undefined
): string | undefined {
  const session = childOf(endpoint, 'session')
  if (field === 'session' && value === undefined && session) return withoutElement(document, session)
  const xmlValue = field === 'algorithm' ? algorithmClass(value) : value
  return withValue(document, endpoint, pathInGroup(GROUP_PATHS[field], group.name), xmlValue, ORDER)
}

/** Sets a value of a member. Its `PLACE` stays when it becomes empty: without it the member has no kind. */
function setInMember (
  document: EditableDocument,
  member: PositionedElement,
  field: MemberFieldName,
  value: string | undefined
): string | undefined {
  if (field === 'weight') return withWeight(document, member, value, ORDER)
  const path = pathInMember(MEMBER_PATHS[field], member)
  const part = PLACES.some(name => name === path[0]) ? childOf(member, path[0]!) : undefined
  return part === undefined
    ? withValue(document, member, path, value, ORDER_OF_PLACES)
    : withValue(document, part, path.slice(1), value, ORDER_OF_PLACES)
}

const PACKAGE = 'org.apache.synapse.endpoints.algorithms'

/** The name that JSON has for an algorithm; any other text as it is. */
const algorithmName = (text: string | undefined): string | undefined =>
  Object.entries(SYNAPSE_ALGORITHMS).find(([, known]) => text === known || text === `${PACKAGE}.${known}`)?.[0] ??
  text

/** The class of an algorithm of Synapse; any other text as it is. */
function algorithmClass (name: string | undefined): string | undefined {
  const known = SYNAPSE_ALGORITHMS[name ?? '']
  return known === undefined ? name : `${PACKAGE}.${known}`
}

function find (text: string, name: GroupName): XmlGroup | undefined {
  const document = openDocument(text)
  if (document === undefined) return undefined
  const all = groupElements(document.root)
  const elements = typeof name === 'number' ? all[name] : all.find(({ endpoint }) => endpointName(endpoint) === name)
  return elements && { document, ...elements }
}

/** All endpoints of the configuration that are groups, in document order. */
function groupElements (root: PositionedElement): { endpoint: PositionedElement; group: PositionedElement }[] {
  const group =
    root.name === 'endpoint' && root.namespace === SYNAPSE_NAMESPACE
      ? root.children.find(({ name }) => ['loadbalance', 'loadBalance', 'failover'].includes(name))
      : undefined
  return [...(group === undefined ? [] : [{ endpoint: root, group }]), ...root.children.flatMap(groupElements)]
}

const endpointName = (endpoint: PositionedElement): string | undefined => attributeOf(endpoint, 'name')?.value

/** The name of the proxy, sequence or API that contains an element. */
function artefactOf ({ parent }: PositionedElement): string | undefined {
  if (parent === undefined) return undefined
  return ['proxy', 'sequence', 'api'].includes(parent.name) && endpointName(parent) !== undefined
    ? endpointName(parent)
    : artefactOf(parent)
}

const membersOf = (group: PositionedElement): PositionedElement[] =>
  group.children.filter(({ name }) => name === 'endpoint' || name === 'member')

const KIND_BY_ATTRIBUTE = [
  ['key', 'reference'],
  ['key-expression', 'dynamicReference'],
  ['template', 'template']
] as const

function kindOf (member: PositionedElement): string {
  if (member.name === 'member') return 'member'
  const [, kind] = KIND_BY_ATTRIBUTE.find(([name]) => attributeOf(member, name) !== undefined) ?? []
  return kind ?? nestedKind(member) ?? PLACES.find(name => childOf(member, name) !== undefined) ?? 'other'
}

function nestedKind (member: PositionedElement): MemberKind | undefined {
  const name = NESTED.find(nested => childOf(member, nested) !== undefined)?.toLowerCase()
  return MEMBER_KINDS.find(kind => kind.toLowerCase() === name)
}

const placeOf = (member: PositionedElement): string =>
  PLACES.find(name => childOf(member, name) !== undefined) ?? 'address'

const pathInGroup = (path: ValuePath, name: string): ValuePath => path.map(step => (step === 'GROUP' ? name : step))

/** A `<member>` has its values itself, and so has an endpoint made from a template. */
function pathInMember (path: ValuePath, member: PositionedElement): ValuePath {
  const [first, ...rest] = path
  if (first !== 'PLACE') return path
  return ['member', 'template'].includes(kindOf(member)) ? rest : [placeOf(member), ...rest]
}

function fieldsOf<Name extends string> (
  document: EditableDocument,
  element: PositionedElement,
  paths: Readonly<Record<Name, ValuePath>>,
  placed: (path: ValuePath) => ValuePath
): Readonly<Record<Name, FormField>> {
  const fields = Object.entries<ValuePath>(paths).map(([field, path]) => {
    const own = placed(path)
    const line = lineOf(document, positionOfValue(element, own))
    return [field, { value: valueAt(element, own), line, partLine: line }]
  })
  return Object.fromEntries(fields)
}

const prefixOf = ({ prefix }: PositionedElement): string => (prefix === '' ? '' : `${prefix}:`)
