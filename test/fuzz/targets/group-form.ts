import { editGroup, groupsIn, readGroupForm } from '../../../lib/definitions/group-form/edit-group.js'
import {
  MEMBER_KINDS,
  type GroupChange,
  type GroupFieldName,
  type GroupForm,
  type MemberFieldName
} from '../../../lib/definitions/group-form/group-form.js'
import type { Random } from '../../support/random.js'
import { expect, expectSame, type Target } from '../target.js'
import { configurations } from './seeds.js'
import { JSON_SNIPPETS, XML_SNIPPETS } from './snippets.js'

const VALUES = ['1', 'a b', '30000', 'true', 'http://h:1/?a=1&b=2', '<&"\'>', ' x ', '\u00e9', '', undefined] as const

function run (input: Buffer, random: Random): void {
  const text = input.toString('utf8')
  const groups = groupsIn(text)
  if (groups.length === 0) return
  const index = random.below(groups.length)
  const before = readGroupForm(text, index)
  expect(before !== undefined, 'a group that is there has no form')
  const change = changeOf(before!, random)
  const edited = editGroup(text, index, change)
  if (edited === undefined) return
  const after = readGroupForm(edited, index)
  expect(after !== undefined, () => `${JSON.stringify(change)} leaves no group`)
  const wanted = expected(before!, change, shape(after!))
  expectSame(JSON.stringify(shape(after!)), JSON.stringify(wanted), JSON.stringify(change))
}

const hasGroups = (text: string): boolean => groupsIn(text).length > 0

export const GROUP_FORM_XML: Target = {
  name: 'group-form-xml',
  looksFor: 'edits of a group in XML after which its form differs in more than the edit',
  share: 3,
  seeds: configurations('.xml').filter(hasGroups),
  snippets: [
    ...XML_SNIPPETS,
    'name="a"',
    ' key="b"',
    '<session type="http"/>',
    '<endpoint key="k"/>',
    '<property name="a" value="b"/>'
  ],
  maxLength: 8192,
  run
}

export const GROUP_FORM_JSON: Target = {
  name: 'group-form-json',
  looksFor: 'edits of a group in JSON after which its form differs in more than the edit',
  share: 3,
  seeds: configurations('.json').filter(hasGroups),
  snippets: [
    ...JSON_SNIPPETS,
    '"name":"a",',
    '"kind":"reference",',
    '// a comment\n',
    '/* b */',
    '"session":{"kind":"http"},'
  ],
  maxLength: 8192,
  run
}

function changeOf ({ fields, members, properties }: GroupForm, { below, oneOf }: Random): GroupChange {
  const member = below(members.length + 1)
  const value = oneOf(VALUES)
  switch (below(9)) {
    case 0:
      return { add: oneOf(MEMBER_KINDS), name: 'new' }
    case 1:
      return { remove: member }
    case 2:
      return { move: member, to: below(members.length + 1) }
    case 3:
      return { duplicate: member, name: 'copy' }
    case 4:
      return { addProperty: { name: 'added', value: value ?? '', isExpression: below(2) === 0, scope: 'default' } }
    case 5:
      return { property: below(properties.length + 1) }
    case 6:
      return { property: below(properties.length + 1), set: oneOf(['name', 'value'] as const), value: value ?? '' }
    case 7: {
      const names = Object.keys(members[member]?.fields ?? { uri: '' }) as MemberFieldName[]
      return { member, set: oneOf(names), value }
    }
    default:
      return { set: oneOf(Object.keys(fields) as GroupFieldName[]), value }
  }
}

interface Shape {
  readonly kind: string
  readonly fields: Record<string, string | undefined>
  readonly members: { readonly kind: string; readonly fields: Record<string, string | undefined> }[]
  readonly properties: { name: string; value: string; scope: string }[]
}

const valuesOf = (
  fields: Readonly<Record<string, { readonly value: string | undefined }>>
): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value?.trim()]))

/** A form without its lines. */
const shape = ({ kind, fields, members, properties }: GroupForm): Shape => ({
  kind,
  fields: valuesOf(fields),
  members: members.map(each => ({ kind: each.kind, fields: valuesOf(each.fields) })),
  properties: properties.map(({ name, value, scope }) => ({ name, value, scope }))
})

/** The form as the change should make it. What a new member has is taken from `after`. */
function expected (before: GroupForm, change: GroupChange, after: Shape): Shape {
  const form = shape(before)
  if ('property' in change) {
    if (!('set' in change)) return { ...form, properties: form.properties.filter((_, at) => at !== change.property) }
    form.properties[change.property]![change.set] = change.value ?? ''
    return form
  }
  if ('addProperty' in change) {
    const { name, value, scope } = change.addProperty
    return { ...form, properties: [...form.properties, { name, value, scope }] }
  }
  if ('set' in change) {
    const value = change.value?.trim()
    if (!('member' in change)) {
      // Another kind of session has other fields, and none is left without one.
      if (change.set === 'session') {
        return { ...form, fields: { ...form.fields, ...pick(after.fields, SESSION_FIELDS) } }
      }
      return { ...form, fields: { ...form.fields, [change.set]: value } }
    }
    form.members[change.member]!.fields[change.set] = value
    return form
  }
  if ('add' in change) return { ...form, members: [...form.members, after.members.at(-1)!] }
  if ('duplicate' in change) return { ...form, members: [...form.members, after.members.at(-1)!] }
  if ('remove' in change) return { ...form, members: form.members.filter((_, at) => at !== change.remove) }
  const { members } = form
  ;[members[change.move], members[change.to]] = [members[change.to]!, members[change.move]!]
  return form
}

const SESSION_FIELDS = ['session', 'sessionName', 'sessionKeys', 'sessionTimeout', 'expiry', 'maxSessions', 'onLost']

const pick = (
  fields: Record<string, string | undefined>,
  names: readonly string[]
): Record<string, string | undefined> => Object.fromEntries(names.map(name => [name, fields[name]]))
