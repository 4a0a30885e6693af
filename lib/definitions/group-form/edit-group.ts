import {
  FIELDS_OF_GROUP,
  FIELDS_OF_MEMBER,
  GROUP_FIELDS,
  MEMBER_FIELDS,
  hasSessionField,
  type FormField,
  type GroupChange,
  type GroupFieldName,
  type GroupForm,
  type GroupLanguage,
  type GroupListing,
  type GroupName,
  type PropertyChange,
  type FieldType
} from './group-form.js'
import { jsonGroups } from './json-group.js'
import { xmlGroups } from './xml-group.js'

/** XML begins with `<`; everything else is read as JSON. */
const languageOf = (text: string): GroupLanguage => (/^\ufeff?\s*</.test(text) ? xmlGroups : jsonGroups)

/** The groups of a document, in document order; none if it is malformed. */
export const groupsIn = (text: string): readonly GroupListing[] => languageOf(text).list(text)

/** Reads a group as a form; undefined if it is not there, or if the text is malformed. */
export const readGroupForm = (text: string, name: GroupName): GroupForm | undefined =>
  languageOf(text).read(text, name)

/**
 * Changes a group in place: only the characters of what changes are others afterwards.
 * @returns the text; undefined if the change is not possible in place, or if the text would have another meaning
 */
export function editGroup (text: string, name: GroupName, change: GroupChange): string | undefined {
  const language = languageOf(text)
  const before = language.read(text, name)
  if (before === undefined || !isPossible(before, change)) return undefined
  const edited = changed(language, { text, form: before }, name, change)
  if (edited === undefined) return undefined
  const following = changesAfter(before, change, edited.form)
  return following.reduce<GroupText | undefined>((each, next) => each && changed(language, each, name, next), edited)
    ?.text
}

/** A text with the group that is read from it. */
interface GroupText {
  readonly text: string
  readonly form: GroupForm
}

/** Changes a group; undefined if that is not possible in place, or if the text would have another meaning. */
function changed (
  language: GroupLanguage,
  { text, form }: GroupText,
  name: GroupName,
  change: GroupChange
): GroupText | undefined {
  const edited = language.edit(text, name, change)
  if (edited === undefined) return undefined
  const isOfGroup = 'set' in change && !('member' in change) && !('property' in change)
  const isRenamed = isOfGroup && change.set === 'name' && typeof name === 'string'
  const after = language.read(edited, isRenamed ? (change.value ?? name) : name)
  return after !== undefined && isMeant(form, change, after) ? { text: edited, form: after } : undefined
}

/** Whether the group has the members, and the group, its session or the member has the field that is set. */
function isPossible ({ kind, fields, members, properties }: GroupForm, change: GroupChange): boolean {
  if ('remove' in change) return members[change.remove] !== undefined
  if ('duplicate' in change) return members[change.duplicate] !== undefined
  if ('move' in change) {
    return change.move !== change.to && members[change.move] !== undefined && members[change.to] !== undefined
  }
  if ('property' in change) return properties[change.property] !== undefined
  if (!('set' in change)) return true
  if (!('member' in change)) {
    return FIELDS_OF_GROUP[kind].includes(change.set) && hasSessionField(fields.session.value, change.set)
  }
  return FIELDS_OF_MEMBER[members[change.member]?.kind ?? '']?.includes(change.set) ?? false
}

/** Whether a text that was changed has the meaning of the change. */
function isMeant (before: GroupForm, change: GroupChange, after: GroupForm): boolean {
  if ('property' in change) return isPropertyMeant(before, change, after)
  if ('set' in change) {
    const isSet = ({ value }: FormField, type: FieldType): boolean => isSame(value, change.value, type)
    if (!('member' in change)) return isSet(after.fields[change.set], GROUP_FIELDS[change.set])
    const [was, is] = [before.members[change.member], after.members[change.member]]
    return is !== undefined && is.kind === was?.kind && isSet(is.fields[change.set], MEMBER_FIELDS[change.set])
  }
  if ('addProperty' in change) return after.properties.length === before.properties.length + 1
  const more = 'move' in change ? 0 : 'remove' in change ? -1 : 1
  return after.members.length === before.members.length + more
}

function isPropertyMeant (before: GroupForm, change: PropertyChange, { properties }: GroupForm): boolean {
  const count = before.properties.length
  if (!('set' in change)) return properties.length === count - 1
  const { property, set, value = 'default' } = change
  return properties.length === count && properties[property]?.[set] === value
}

/** Whether two values are the same. White space around them counts for nothing, nor does what separates a list. */
function isSame (a: string | undefined, b: string | undefined, type: FieldType): boolean {
  if (a === undefined || b === undefined) return a === b
  const separator = type === 'words' ? /\s+/ : type === 'numbers' ? /[\s,]+/ : undefined
  const plain = (text: string): string =>
    separator === undefined ? text.trim() : text.split(separator).filter(Boolean).join(' ')
  return plain(a) === plain(b)
}

/**
 * What a change takes with it: a copy of a member with a name has another one; what a kind of session cannot have goes
 * with the kind that had it, and a header has a name from the beginning.
 */
function changesAfter (before: GroupForm, change: GroupChange, after: GroupForm): readonly GroupChange[] {
  if ('duplicate' in change) {
    const { name } = before.members[change.duplicate]!.fields
    return name.value === undefined ? [] : [{ member: before.members.length, set: 'name', value: change.name }]
  }
  return 'set' in change && !('property' in change) && change.set === 'session' ? changesOfSession(after) : []
}

function changesOfSession ({ fields: { session, sessionName, sessionKeys } }: GroupForm): readonly GroupChange[] {
  const changes: GroupChange[] = []
  for (const [set, { value }] of Object.entries({ sessionName, sessionKeys }) as [GroupFieldName, FormField][]) {
    if (value !== undefined && !hasSessionField(session.value, set)) changes.push({ set, value: undefined })
  }
  if (session.value === 'header' && sessionName.value === undefined) {
    changes.push({ set: 'sessionName', value: 'X-Session' })
  }
  return changes
}
