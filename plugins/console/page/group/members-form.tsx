import { useEffect, useRef, useState } from 'preact/hooks'
import type { GroupChange, GroupForm, MemberForm } from '../../../../lib/definitions/group-form/group-form.js'
import { AddMember } from './add-member.js'
import type { FieldProps } from './form-field.js'
import { cursorLine, type GroupLocation } from './group-store.js'
import { glyphOf, StateIcon } from '../elements/icons.js'
import { MemberFields } from './member-fields.js'
import { rowsByName } from '../state/store.js'

type Common = Pick<FieldProps, 'problems' | 'isLocked' | 'onFocus'>
interface MembersProps extends Common {
  readonly location: GroupLocation
  readonly form: GroupForm
  readonly change: (change: GroupChange) => void
}

/** The members of a group: a tab for each, with its state now. */
export function MembersForm ({ form, change, ...common }: MembersProps) {
  const [selected, select] = useState(0)
  const tabs = useRef<HTMLDivElement>(null)
  const { members } = form
  const at = Math.min(selected, members.length - 1)
  const line = cursorLine.value
  useEffect(() => {
    // The last one that begins before the cursor; above all of them it is not in a member.
    const inside = line === undefined ? -1 : members.findLastIndex(member => member.line <= line)
    if (inside >= 0) select(inside)
  }, [line])
  const focusMember = (to: number): void => {
    select(to)
    common.onFocus(members[to]!.line)
    setTimeout(() => tabs.current?.querySelector<HTMLElement>('[aria-selected=true]')?.focus())
  }
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    const to = (at + step + members.length) % members.length
    if (event.altKey && !common.isLocked) change({ move: at, to })
    focusMember(to)
  }
  return (
    <section>
      <div class='section-head'>
        <h2>
          Endpoints <span class='badge'>{members.length}</span>
        </h2>
        {!common.isLocked && (
          <AddMember
            members={members}
            add={kind => {
              change({ add: kind, name: freshName(form) })
              select(members.length)
            }}
          />
        )}
      </div>
      <div class='tabs' role='tablist' aria-label='Endpoints of the group' ref={tabs} onKeyDown={onKey}>
        {members.map((member, index) => (
          <button
            key={`${index} ${titleOf(member, index)}`}
            type='button'
            role='tab'
            id={`tab-${index}`}
            aria-controls='member'
            aria-selected={index === at}
            tabIndex={index === at ? 0 : -1}
            onClick={() => focusMember(index)}
          >
            <Glyph name={titleOf(member, index)} /> {titleOf(member, index)}
          </button>
        ))}
      </div>
      {members[at] !== undefined && (
        <div role='tabpanel' id='member' aria-labelledby={`tab-${at}`}>
          <MemberFields member={members[at]} index={at} usesWeight={usesWeight(form)} change={change} {...common} />
          {!common.isLocked && (
            <div class='actions'>
              <button
                type='button'
                disabled={at === 0}
                onClick={() => {
                  change({ move: at, to: at - 1 })
                  select(at - 1)
                }}
              >
                Move left
              </button>
              <button
                type='button'
                disabled={at === members.length - 1}
                onClick={() => {
                  change({ move: at, to: at + 1 })
                  select(at + 1)
                }}
              >
                Move right
              </button>
              <button
                type='button'
                onClick={() => {
                  change({ duplicate: at, name: freshName(form) })
                  select(members.length)
                }}
              >
                Duplicate
              </button>
              <button
                type='button'
                disabled={members.length === 1}
                onClick={() => {
                  change({ remove: at })
                }}
              >
                Remove
              </button>
            </div>
          )}
        </div>
      )}
    </section>
  )
}

/** Whether the algorithm of the group reads the weights of its members. */
const usesWeight = ({ fields: { algorithm } }: GroupForm): boolean =>
  !['roundRobin', undefined].includes(algorithm.value)

const titleOf = ({ fields: { name, key, hostName } }: MemberForm, index: number): string =>
  name.value ?? key.value ?? hostName.value ?? `endpoint ${index + 1}`

function Glyph ({ name }: { name: string }) {
  const row = rowsByName.value.get(name)
  return row === undefined ? null : <StateIcon state={glyphOf(row.endpoint.value)} />
}

/** A name that no member has: the name of the group with a number. */
function freshName ({ fields, members }: GroupForm): string {
  const known = new Set(members.map(titleOf))
  const prefix = members[0]?.fields.name.value?.replace(/-?\d+$/, '') ?? fields.name.value ?? 'endpoint'
  for (let n = members.length + 1; ; n++) if (!known.has(`${prefix}-${n}`)) return `${prefix}-${n}`
}
