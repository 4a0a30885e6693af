import { FAILURE_CODES } from '../../model/failure-codes.js'
import { TextField, type FieldProps } from './form-field.js'

/** A list of error codes: typed, or chosen from those that attempts end with. */
export function CodesField (props: FieldProps) {
  const { id, field: { value = '' }, isLocked, onChange } = props
  const codes = value.split(/[\s,]+/).filter(Boolean)
  const toggle = (code: string): void => {
    const next = codes.includes(code) ? codes.filter(each => each !== code) : [...codes, code]
    onChange(next.length === 0 ? undefined : next.join(', '))
  }
  return (
    <div class='codes wide'>
      <TextField {...props} />
      {!isLocked && (
        <details>
          <summary>Choose error codes</summary>
          <ul>
            {FAILURE_CODES.map(([code, sentence]) => (
              <li key={code}>
                <label>
                  <input
                    type='checkbox'
                    id={`${id}-${code}`}
                    checked={codes.includes(String(code))}
                    onChange={() => toggle(String(code))}
                  />
                  <b>{code}</b> <span class='muted'>{sentence}</span>
                </label>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}
