import {
  FIELDS_OF_MEMBER,
  type GroupChange,
  type MemberFieldName,
  type MemberForm
} from '../../../../lib/definitions/group-form/group-form.js'
import { duration } from '../../model/format.js'
import { ladderOf } from '../../model/suspension-ladder.js'
import { CodesField } from './codes-field.js'
import { SelectField, TextField, type FieldProps } from './form-field.js'
import { endpoints, groups } from '../state/store.js'

interface MemberFieldsProps extends Pick<FieldProps, 'problems' | 'isLocked' | 'onFocus'> {
  readonly member: MemberForm
  readonly index: number
  /** Whether the algorithm of the group reads weights. One that is set is shown in any case. */
  readonly usesWeight: boolean
  readonly change: (change: GroupChange) => void
}

/** Labels of the texts, and what holds where one is not set. */
const TEXTS: readonly (readonly [name: MemberFieldName, label: string, more?: Partial<FieldProps>])[] = [
  ['name', 'Endpoint name'],
  ['key', 'Name of the endpoint', { isWide: true }],
  ['keyExpression', 'Expression for the name', { isWide: true }],
  ['template', 'Template'],
  ['uri', 'Address'],
  ['uriTemplate', 'URI template'],
  ['service', 'Service'],
  ['port', 'Port'],
  ['hostName', 'Host'],
  ['httpPort', 'Port for http'],
  ['httpsPort', 'Port for https'],
  ['duration', 'Response timeout', { unit: 'ms' }],
  ['retriesBeforeSuspension', 'Failures before suspension', { unset: '0' }],
  ['retryDelay', 'Pause after each of them', { unit: 'ms', unset: '0' }]
]
const FORMATS = [
  [undefined, 'as it comes'],
  ['soap11', 'SOAP 1.1'],
  ['soap12', 'SOAP 1.2'],
  ['pox', 'plain XML'],
  ['get', 'GET'],
  ['rest', 'REST']
] as const
const ACTIONS = [
  [undefined, 'not set'],
  ['fault', 'fault', 'The fault sequence runs.'],
  ['discard', 'discard', 'The response is dropped.']
] as const
/** Lists of error codes, and what holds where one is not set. */
const CODES: readonly (readonly [name: MemberFieldName, label: string, unset: string])[] = [
  ['suspendErrorCodes', 'Suspend at once', 'every failure that is not counted first'],
  ['markErrorCodes', 'Counted before it is suspended', '101504, 101505'],
  ['enabledErrorCodes', 'Only these fail over to another member', 'every failure'],
  ['disabledErrorCodes', 'These do not fail over', 'none']
]
const MAX_PROPOSALS = 200

/** The fields of one member: those that its kind has. */
export function MemberFields ({ member: { kind, fields }, index, usesWeight, change, ...common }: MemberFieldsProps) {
  const has = FIELDS_OF_MEMBER[kind] ?? []
  const field = (name: MemberFieldName, label: string): FieldProps => ({
    ...common,
    id: `member-${name}`,
    label,
    field: fields[name],
    onChange: value => change({ member: index, set: name, value }),
    ...(name === 'key' && { proposals: knownNames() })
  })
  return (
    <>
      <div class='fields'>
        {TEXTS.filter(([name]) => has.includes(name)).map(([name, label, more]) => (
          <TextField key={name} {...field(name, label)} {...more} />
        ))}
        {has.includes('responseAction') && (
          <SelectField {...field('responseAction', 'When it is too late')} options={ACTIONS} />
        )}
        {has.includes('format') && <SelectField {...field('format', 'Format')} options={FORMATS} />}
        {has.includes('weight') && (usesWeight || fields.weight.value !== undefined) && (
          <TextField {...field('weight', 'Weight')} unset='1' />
        )}
        {has.length <= 1 && !has.includes('key') && !has.includes('keyExpression') && (
          <p class='muted wide'>A member of the kind {kind}: the source has the rest.</p>
        )}
      </div>
      {has.includes('initialDuration') && (
        <>
          <h3>Suspension</h3>
          <div class='fields three'>
            <TextField
              {...field('initialDuration', 'First')}
              unit='ms'
              unset={kind === 'member' ? 'until it listens' : '30000'}
            />
            <TextField {...field('progressionFactor', 'Then times')} unset='1' />
            <TextField {...field('maximumDuration', 'At most')} unit='ms' unset='no limit' />
          </div>
          {kind !== 'member' && <LadderLine {...fields} />}
          <h3>Error codes</h3>
          <div class='fields'>
            {CODES.map(([name, label, unset]) => (
              <CodesField key={name} {...field(name, label)} unset={unset} isWide />
            ))}
          </div>
        </>
      )}
    </>
  )
}

/** Names of endpoints and groups that run. */
const knownNames = (): string[] =>
  [...groups.value, ...endpoints.value].map(({ name }) => name).slice(0, MAX_PROPOSALS)

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
