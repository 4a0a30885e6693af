import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { FormField } from '../../../../lib/definitions/group-form/group-form.js'
import type { Problem } from '../../../../lib/definitions/model/problem.js'
import { duration } from '../../model/format.js'
import { cursorLine } from './group-store.js'
import { Icon } from '../elements/icons.js'

export interface FieldProps {
  readonly id: string
  readonly label: string
  readonly field: FormField
  /** Problems of the file. */
  readonly problems: readonly Problem[]
  readonly onChange: (value: string | undefined) => void
  readonly onFocus: (line: number) => void
  readonly isLocked: boolean
  /** `ms`: the value is also shown in words. */
  readonly unit?: 'ms' | undefined
  /** What holds if nothing is set. */
  readonly unset?: string
  readonly help?: string | undefined
  readonly isWide?: boolean
  /** Values that are proposed. */
  readonly proposals?: readonly string[]
}

/** The problem of a field: one on its line, or on that of its part, that names its value. */
const problemOf = ({ value, line, partLine }: FormField, problems: readonly Problem[]): Problem | undefined =>
  problems.find(
    problem =>
      problem.severity === 'error' &&
      (problem.line === line || problem.line === partLine) &&
      value !== undefined &&
      problem.message.includes(value)
  )

/** A value that is typed. Empty: not set. */
export function TextField (props: FieldProps) {
  const { id, field: { value, line }, unit, unset, isLocked } = props
  const problem = problemOf(props.field, props.problems)
  // A list in JSON has no place for a separator without a value after it: what is typed stays until the field is left.
  const [typed, setTyped] = useState<string>()
  const shown = typed !== undefined && plain(typed) === plain(value) ? typed : (value ?? '')
  return (
    <Labelled {...props} problem={problem}>
      <span class={`input ${problem === undefined ? '' : 'wrong'}`}>
        <input
          id={id}
          value={shown}
          placeholder={unset ?? 'not set'}
          readOnly={isLocked}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-help`}
          list={props.proposals === undefined ? undefined : `${id}-proposals`}
          onFocus={() => props.onFocus(line)}
          onBlur={() => setTyped(undefined)}
          onInput={({ currentTarget: { value: next } }) => {
            setTyped(next)
            props.onChange(next || undefined)
          }}
        />
        {props.proposals !== undefined && (
          <datalist id={`${id}-proposals`}>
            {props.proposals.map(each => (
              <option key={each} value={each} />
            ))}
          </datalist>
        )}
        {unit !== undefined && (
          <span class='unit'>
            {unit}
            {inWords(value)}
          </span>
        )}
      </span>
    </Labelled>
  )
}

const plain = (text = ''): string => text.split(/[\s,]+/).filter(Boolean).join(' ')

const inWords = (value: string | undefined): string => {
  const ms = Number(value)
  return ms >= 1_000 && Number.isFinite(ms) ? ` = ${duration(ms)}` : ''
}

interface ChoiceProps extends FieldProps {
  /** Value, name and sentence of each option; undefined: not set. */
  readonly options: readonly (readonly [value: string | undefined, name: string, sentence?: string])[]
}

/** A value of a list. A value that is not in the list stays, as it is written. */
export function SelectField (props: ChoiceProps) {
  const { id, field: { value, line }, isLocked } = props
  const options = withCurrent(props)
  const chosen = options.find(([each]) => each === value)
  return (
    <Labelled {...props} problem={problemOf(props.field, props.problems)} help={chosen?.[2] ?? props.help}>
      <select
        id={id}
        disabled={isLocked}
        aria-describedby={`${id}-help`}
        value={String(options.indexOf(chosen!))}
        onFocus={() => props.onFocus(line)}
        onChange={event => props.onChange(options[Number(event.currentTarget.value)]![0])}
      >
        {options.map(([each, name], at) => (
          <option key={each ?? ''} value={String(at)}>
            {name}
          </option>
        ))}
      </select>
    </Labelled>
  )
}

/** A value of a short list, all of which is seen. */
export function RadioField (props: ChoiceProps) {
  const { id, label, field: { value, line }, isLocked } = props
  const options = withCurrent(props)
  return (
    <fieldset class='field wide' aria-describedby={`${id}-help`}>
      <legend>{label}</legend>
      <div class='choice'>
        {options.map(([each, name]) => (
          <label key={each ?? ''}>
            <input
              type='radio'
              name={id}
              checked={each === value}
              disabled={isLocked}
              onFocus={() => props.onFocus(line)}
              onChange={() => props.onChange(each)}
            />
            <span>{name}</span>
          </label>
        ))}
      </div>
      <p class='help' id={`${id}-help`}>
        {options.find(([each]) => each === value)?.[2]}
      </p>
    </fieldset>
  )
}

const withCurrent = ({ options, field: { value } }: ChoiceProps): ChoiceProps['options'] =>
  options.some(([each]) => each === value) ? options : [...options, [value, value ?? 'not set', 'As it is written.']]

interface LabelledProps extends Pick<FieldProps, 'id' | 'label' | 'field' | 'isWide' | 'help'> {
  readonly problem: Problem | undefined
  readonly children: ComponentChildren
}

/** Whether the cursor of the source is at a value that is set. */
const isCurrent = ({ line, value }: FormField): boolean => value !== undefined && line === cursorLine.value

const Labelled = ({ id, label, field, isWide = false, problem, help, children }: LabelledProps) => (
  <div class={`field ${isWide ? 'wide' : ''} ${isCurrent(field) ? 'current' : ''}`}>
    <label for={id}>{label}</label>
    {children}
    <p class={problem === undefined ? 'help' : 'bad'} id={`${id}-help`}>
      {problem === undefined
        ? (
            help
          )
        : (
          <>
            <Icon name='error' /> {problem.message}
            {problem.hint === undefined ? '' : `: ${problem.hint}`}
          </>
          )}
    </p>
  </div>
)
