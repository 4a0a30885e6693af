import { useRef, useState } from 'preact/hooks'
import type {
  GroupChange,
  GroupForm,
  MemberFieldName,
  MemberForm,
  MemberKind
} from '../../../lib/definitions/group-form.js'
import { duration } from '../model/format.js'
import { ladderOf } from '../model/suspension-ladder.js'
import { SelectField, TextField, type FieldProps } from './form-field.js'
import type { GroupPlace } from './group-store.js'
import { glyphOf, Icon, StateIcon } from './icons.js'
import { rowsByName } from './store.js'

const KINDS: readonly (readonly [MemberKind, string, string])[] = [
  ['address', 'Address', 'one http or https address'],
  ['failover', 'Failover group', 'the first member that is ready'],
  ['loadbalance', 'Load balance group', 'a group in this group'],
  ['key', 'By name', 'an endpoint that stands elsewhere'],
  ['http', 'HTTP', 'a URI template'],
  ['wsdl', 'WSDL', 'the address of a port of a WSDL'],
  ['default', 'Default', 'where the message itself says']
]

type Common = Pick<FieldProps, 'problems' | 'isLocked' | 'onFocus'>
interface MembersProps extends Common {
  readonly place: GroupPlace
  readonly form: GroupForm
  readonly change: (change: GroupChange) => void
}

/** The members of a group: a tab for each, with its state now. */
export function MembersForm ({ form, change, ...common }: MembersProps) {
  const [selected, select] = useState(0)
  const tabs = useRef<HTMLDivElement>(null)
  const { members } = form
  const at = Math.min(selected, members.length - 1)
  const go = (to: number): void => {
    select(to)
    common.onFocus(members[to]!.line)
    setTimeout(() => tabs.current?.querySelector<HTMLElement>('[aria-selected=true]')?.focus())
  }
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    const to = (at + step + members.length) % members.length
    if (event.altKey && !common.isLocked) change({ move: at, to })
    go(to)
  }
  return (
    <section>
      <div class='section-head'>
        <h2>
          Endpoints <span class='badge'>{members.length}</span>
        </h2>
        {!common.isLocked && (
          <AddMenu
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
            onClick={() => go(index)}
          >
            <Glyph name={titleOf(member, index)} /> {titleOf(member, index)}
          </button>
        ))}
      </div>
      {members[at] !== undefined && (
        <div role='tabpanel' id='member' aria-labelledby={`tab-${at}`}>
          <MemberFields member={members[at]} index={at} change={change} {...common} />
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
                  select(at + 1)
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

const titleOf = ({ fields }: MemberForm, index: number): string =>
  fields.name.value ?? fields.key.value ?? `endpoint ${index + 1}`

function Glyph ({ name }: { name: string }) {
  const row = rowsByName.value.get(name)
  return row === undefined ? null : <StateIcon state={glyphOf(row.endpoint.value)} />
}

/** A name that no member has: the name of the group with a number. */
function freshName ({ fields, members }: GroupForm): string {
  const known = new Set(members.map(titleOf))
  const stem = members[0]?.fields.name.value?.replace(/-?\d+$/, '') ?? fields.name.value ?? 'endpoint'
  for (let n = members.length + 1; ; n++) if (!known.has(`${stem}-${n}`)) return `${stem}-${n}`
}

function AddMenu ({ add }: { add: (kind: MemberKind) => void }) {
  const menu = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const place = (event: Pick<ToggleEvent, 'newState'>): void => {
    if (event.newState !== 'open') return
    const { right, bottom } = button.current!.getBoundingClientRect()
    menu.current!.style.left = `${Math.max(8, right - menu.current!.offsetWidth)}px`
    menu.current!.style.top = `${Math.min(bottom + 4, innerHeight - menu.current!.offsetHeight - 8)}px`
    menu.current!.querySelector('button')?.focus()
  }
  return (
    <>
      <button ref={button} type='button' popovertarget='add-endpoint'>
        <Icon name='plus' /> Add endpoint
      </button>
      <div ref={menu} id='add-endpoint' popover='auto' class='menu' onToggle={place}>
        {KINDS.map(([kind, label, note]) => (
          <button
            key={kind}
            type='button'
            onClick={() => {
              menu.current!.hidePopover()
              add(kind)
            }}
          >
            {label} <small class='muted'>{note}</small>
          </button>
        ))}
      </div>
    </>
  )
}

interface MemberFieldsProps extends Common {
  readonly member: MemberForm
  readonly index: number
  readonly change: (change: GroupChange) => void
}

function MemberFields ({ member: { kind, fields }, index, change, ...common }: MemberFieldsProps) {
  const field = (name: MemberFieldName, label: string): FieldProps => ({
    ...common,
    id: `member-${name}`,
    label,
    field: fields[name],
    onChange: value => change({ member: index, set: name, value })
  })
  if (kind === 'key') {
    return (
      <div class='fields'>
        <TextField {...field('key', 'Name of the endpoint')} isWide />
      </div>
    )
  }
  if (!['address', 'http', 'wsdl', 'default'].includes(kind)) {
    return (
      <div class='fields'>
        <TextField {...field('name', 'Endpoint name')} />
        <p class='muted wide'>A member of the kind {kind}: the source has the rest.</p>
      </div>
    )
  }
  return (
    <>
      <div class='fields'>
        <TextField {...field('name', 'Endpoint name')} />
        {kind === 'http'
          ? (
            <TextField {...field('uriTemplate', 'URI template')} />
            )
          : (
              kind !== 'default' && <TextField {...field('uri', 'Address')} />
            )}
        <TextField {...field('duration', 'Response timeout')} unit='ms' />
        <SelectField
          {...field('responseAction', 'When it is too late')}
          options={[
            [undefined, 'not set'],
            ['fault', 'fault', 'The fault sequence runs.'],
            ['discard', 'discard', 'The response is dropped.'],
            ['never', 'never', 'It waits on.']
          ]}
        />
        {kind !== 'http' && (
          <SelectField
            {...field('format', 'Format')}
            options={[
              [undefined, 'as it comes'],
              ['soap11', 'SOAP 1.1'],
              ['soap12', 'SOAP 1.2'],
              ['pox', 'plain XML'],
              ['get', 'GET'],
              ['rest', 'REST']
            ]}
          />
        )}
        <TextField {...field('retriesBeforeSuspension', 'Failures before suspension')} unset='0' />
      </div>
      <h3>Suspension</h3>
      <div class='fields three'>
        <TextField {...field('initialDuration', 'First')} unit='ms' unset='30000' />
        <TextField {...field('progressionFactor', 'Then times')} unset='1' />
        <TextField {...field('maximumDuration', 'At most')} unit='ms' unset='no limit' />
      </div>
      <LadderLine {...fields} />
    </>
  )
}

const THEN = { longest: 'and no longer', each: 'each time', more: '…' } as const

function LadderLine ({ initialDuration, progressionFactor, maximumDuration }: MemberForm['fields']) {
  const ladder = ladderOf(initialDuration.value ?? '30000', progressionFactor.value, maximumDuration.value)
  return (
    <p class='muted ladder'>
      {ladder === undefined
        ? 'The suspensions are shown here when their numbers are valid.'
        : `Suspended for ${ladder.steps.map(duration).join(' → ')} ${THEN[ladder.then]}`}
    </p>
  )
}
