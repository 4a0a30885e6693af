/**
 * How a value of a form is written in JSON. `words`: a list; in XML with spaces between. `numbers`: a list of numbers;
 * in XML with commas or spaces between.
 */
export type FieldType = 'text' | 'number' | 'flag' | 'words' | 'numbers'

/** The values of a group, by the names that the form has for them. */
export const GROUP_FIELDS = {
  name: 'text',
  algorithm: 'text',
  failover: 'flag',
  dynamic: 'flag',
  retry: 'text',
  slowStart: 'number',
  session: 'text',
  sessionName: 'text',
  sessionKeys: 'words',
  sessionTimeout: 'number',
  expiry: 'text',
  maxSessions: 'number',
  onLost: 'text'
} as const satisfies Readonly<Record<string, FieldType>>
export type GroupFieldName = keyof typeof GROUP_FIELDS

/** The values of a member. Each kind has some of them. */
export const MEMBER_FIELDS = {
  name: 'text',
  key: 'text',
  keyExpression: 'text',
  template: 'text',
  uri: 'text',
  uriTemplate: 'text',
  service: 'text',
  port: 'text',
  hostName: 'text',
  httpPort: 'number',
  httpsPort: 'number',
  format: 'text',
  duration: 'number',
  responseAction: 'text',
  weight: 'text',
  markErrorCodes: 'numbers',
  retriesBeforeSuspension: 'number',
  retryDelay: 'number',
  suspendErrorCodes: 'numbers',
  initialDuration: 'number',
  progressionFactor: 'number',
  maximumDuration: 'number',
  enabledErrorCodes: 'numbers',
  disabledErrorCodes: 'numbers'
} as const satisfies Readonly<Record<string, FieldType>>
export type MemberFieldName = keyof typeof MEMBER_FIELDS

const SUSPENSION = [
  'duration',
  'responseAction',
  'markErrorCodes',
  'retriesBeforeSuspension',
  'retryDelay',
  'suspendErrorCodes',
  'initialDuration',
  'progressionFactor',
  'maximumDuration',
  'enabledErrorCodes',
  'disabledErrorCodes'
] as const satisfies readonly MemberFieldName[]

/** Fields that a group without a session has not. */
const SESSION_FIELDS: readonly GroupFieldName[] = [
  'sessionName',
  'sessionKeys',
  'sessionTimeout',
  'expiry',
  'maxSessions',
  'onLost'
]

/** Whether a session of this kind has a field; undefined: there is no session. */
export function hasSessionField (session: string | undefined, field: GroupFieldName): boolean {
  if (!SESSION_FIELDS.includes(field)) return true
  if (field === 'sessionKeys') return session === 'cookie'
  return field === 'sessionName' ? session === 'header' || session === 'cookie' : session !== undefined
}

/** Which fields a kind of group has. */
export const FIELDS_OF_GROUP: Readonly<Record<GroupForm['kind'], readonly GroupFieldName[]>> = {
  loadbalance: (Object.keys(GROUP_FIELDS) as GroupFieldName[]).filter(name => name !== 'dynamic'),
  failover: ['name', 'dynamic', 'retry']
}

/** Which fields a kind of member has; the source has the rest. */
export const FIELDS_OF_MEMBER: Readonly<Record<string, readonly MemberFieldName[]>> = {
  address: ['name', 'uri', 'weight', 'format', ...SUSPENSION],
  http: ['name', 'uriTemplate', 'weight', ...SUSPENSION],
  wsdl: ['name', 'uri', 'service', 'port', 'weight', 'format', ...SUSPENSION],
  default: ['name', 'weight', 'format', ...SUSPENSION],
  member: ['hostName', 'httpPort', 'httpsPort', 'format', ...SUSPENSION],
  reference: ['key'],
  dynamicReference: ['keyExpression'],
  template: ['name', 'template', 'uri'],
  loadbalance: ['name', 'weight'],
  failover: ['name', 'weight'],
  recipientlist: ['name', 'weight'],
  dynamicLoadbalance: ['name', 'weight']
}

/** Kinds of members that can be added, by the names that JSON has for them. */
export const MEMBER_KINDS = [
  'address',
  'failover',
  'loadbalance',
  'reference',
  'wsdl',
  'http',
  'default',
  'dynamicLoadbalance',
  'recipientlist',
  'member',
  'dynamicReference',
  'template'
] as const
export type MemberKind = (typeof MEMBER_KINDS)[number]

/** The algorithms of Synapse have a name of their own in JSON, and the name of a class in XML. */
export const SYNAPSE_ALGORITHMS: Readonly<Record<string, string>> = {
  roundRobin: 'RoundRobin',
  weightedRoundRobin: 'WeightedRoundRobin',
  weightedRRLC: 'WeightedRRLCAlgorithm'
}

/** One value of a form. */
export interface FormField {
  /** Undefined: it is not set. */
  readonly value: string | undefined
  /** The line where it is or would be, from 1. */
  readonly line: number
  /** The line where the part begins that has it: problems of JSON name that one. */
  readonly partLine: number
}

/** A group as the form of a console shows it, in whichever language it is written. */
export interface GroupForm {
  readonly kind: 'loadbalance' | 'failover'
  readonly line: number
  readonly fields: Readonly<Record<GroupFieldName, FormField>>
  readonly members: readonly MemberForm[]
  readonly properties: readonly PropertyForm[]
}

export interface MemberForm {
  /** One of `MEMBER_KINDS`, or `other`. */
  readonly kind: string
  readonly line: number
  readonly fields: Readonly<Record<MemberFieldName, FormField>>
}

/** The property of a member that algorithms with weights read. */
export const WEIGHT = 'loadbalance.weight'

export interface NewProperty {
  readonly name: string
  /** The value, or the expression that gives it. */
  readonly value: string
  readonly isExpression: boolean
  readonly scope: string
}

export interface PropertyForm extends NewProperty {
  readonly line: number
}

/** A change of one property, which counts from 0; without `set` it is removed. */
export type PropertyChange =
  | { readonly property: number; readonly set: 'name' | 'value'; readonly value: string }
  | { readonly property: number; readonly set: 'scope'; readonly value: string | undefined }
  | { readonly property: number }

/** A change of a group. `member` counts from 0. */
export type GroupChange =
  | { readonly set: GroupFieldName; readonly value: string | undefined }
  | { readonly member: number; readonly set: MemberFieldName; readonly value: string | undefined }
  | { readonly add: MemberKind; readonly name: string }
  | { readonly remove: number }
  | { readonly duplicate: number; readonly name: string }
  | { readonly move: number; readonly to: number }
  | { readonly addProperty: NewProperty }
  | PropertyChange

/** Which group of a document: its name, or its number among all groups, from 0, in the order of their beginnings. */
export type GroupName = string | number

/** A group of a document. */
export interface GroupListing {
  /** Undefined for one without a name of its own. */
  readonly name: string | undefined
  /** The proxy, sequence or API that contains it. */
  readonly artefact: string | undefined
}

/** How groups are read and changed in one language. */
export interface GroupLanguage {
  list(text: string): readonly GroupListing[]
  /** @returns undefined if the group is not there, or if the text is malformed */
  read(text: string, name: GroupName): GroupForm | undefined
  /**
   * Makes one change, of members that are there.
   * @returns the text; undefined if the change is not possible in place
   */
  edit(text: string, name: GroupName, change: GroupChange): string | undefined
}
