import type { GroupChange, GroupForm, PropertyForm } from '../../../../lib/definitions/group-form/group-form.js'

/** Scopes of a property; the first one is that of a property without any. */
const SCOPES = ['default', 'transport', 'axis2', 'axis2-client']

interface PropertiesProps {
  readonly form: GroupForm
  readonly isLocked: boolean
  readonly onFocus: (line: number) => void
  readonly change: (change: GroupChange) => void
}

/** The properties that a group sets on its messages, each changed in place. */
export function PropertiesForm ({ form: { properties }, isLocked, onFocus, change }: PropertiesProps) {
  return (
    <section>
      <h2>
        Properties <span class='badge'>{properties.length}</span>
      </h2>
      <div class='scroll' tabIndex={isLocked ? 0 : undefined}>
        <table class='properties'>
          <thead>
            <tr>
              <th>Name</th>
              <th>Given by</th>
              <th>Value or expression</th>
              <th>Scope</th>
              <th>
                <span class='aside'>Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {properties.map((property, at) => (
              <PropertyRow key={at} property={property} at={at} isLocked={isLocked} onFocus={onFocus} change={change} />
            ))}
            {!isLocked && <NewPropertyRow change={change} />}
          </tbody>
        </table>
      </div>
    </section>
  )
}

interface PropertyRowProps extends Omit<PropertiesProps, 'form'> {
  readonly property: PropertyForm
  readonly at: number
}

function PropertyRow ({ property, at, isLocked, onFocus, change }: PropertyRowProps) {
  const { name, value, isExpression, scope, line } = property
  const text = (set: 'name' | 'value', label: string, shown: string) => (
    <input
      aria-label={`${label} of property ${at + 1}`}
      value={shown}
      readOnly={isLocked}
      onFocus={() => onFocus(line)}
      onInput={event => change({ property: at, set, value: event.currentTarget.value })}
    />
  )
  return (
    <tr>
      <td>{text('name', 'Name', name)}</td>
      <td>{isExpression ? 'expression' : 'value'}</td>
      <td>{text('value', 'Value', value)}</td>
      <td>
        <select
          aria-label={`Scope of property ${at + 1}`}
          disabled={isLocked}
          value={scope}
          onFocus={() => onFocus(line)}
          onChange={({ currentTarget: { value: next } }) =>
            change({ property: at, set: 'scope', value: next === SCOPES[0] ? undefined : next })}
        >
          {[...new Set([...SCOPES, scope])].map(each => <option key={each}>{each}</option>)}
        </select>
      </td>
      <td>
        {!isLocked && (
          <button type='button' class='plain' onClick={() => change({ property: at })}>
            Remove
          </button>
        )}
      </td>
    </tr>
  )
}

function NewPropertyRow ({ change }: Pick<PropertiesProps, 'change'>) {
  const add = (event: MouseEvent): void => {
    const fields = [...(event.currentTarget as HTMLElement).closest('tr')!.querySelectorAll('input, select')] as
      (HTMLInputElement | HTMLSelectElement)[]
    const [name = '', given, value = '', scope = ''] = fields.map(field => field.value)
    if (name.trim() === '') return
    change({ addProperty: { name: name.trim(), value, isExpression: given === 'expression', scope } })
    for (const field of fields) if (field instanceof HTMLInputElement) field.value = ''
  }
  return (
    <tr>
      <td>
        <input aria-label='Name of the property' placeholder='loadbalance.weight' />
      </td>
      <td>
        <select aria-label='What gives the property'>
          <option>value</option>
          <option>expression</option>
        </select>
      </td>
      <td>
        <input aria-label='Value of the property' />
      </td>
      <td>
        <select aria-label='Scope of the property'>
          {SCOPES.map(each => <option key={each}>{each}</option>)}
        </select>
      </td>
      <td>
        <button type='button' onClick={add}>
          Add
        </button>
      </td>
    </tr>
  )
}
