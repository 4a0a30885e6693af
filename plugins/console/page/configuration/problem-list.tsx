import type { Problem } from '../../../../lib/definitions/model/problem.js'
import { plural } from '../../model/format.js'
import { checkFailure, isChanged, problems, shortName } from '../state/configuration-store.js'
import { Icon } from '../elements/icons.js'
import { linkTo } from '../state/route.js'

const SEVERITIES = { error: 'error', warning: 'warning', hint: 'hint' } as const
const TONES = { error: 'bad', warning: 'warn', hint: 'muted' } as const

/** All problems by place. A click goes there. */
export function ProblemList () {
  const all = problems.value
  return (
    <section class='problems' aria-label='Problems'>
      <p class='label' role='status'>
        {checkFailure.value !== undefined && isChanged.value
          ? (
          `Not checked: ${checkFailure.value}`
            )
          : all.length === 0
            ? (
              <>
                <Icon name='check' /> No problems
              </>
              )
            : (
                plural(all.length, 'problem')
              )}
      </p>
      <ul>
        {all.map(problem => (
          <ProblemLine key={keyOf(problem)} problem={problem} />
        ))}
      </ul>
    </section>
  )
}

const keyOf = ({ file, line, column, message }: Problem): string => `${file}:${line}:${column} ${message}`

const ProblemLine = ({ problem: { file, line, column, severity, message, hint } }: { problem: Problem }) => (
  <li>
    <a href={`${linkTo('configuration', file)}?line=${line}`}>
      <span class={TONES[severity]}>
        <Icon name={SEVERITIES[severity]} />
        <span class='aside'>{severity}: </span>
      </span>
      <span>
        <b>{message}</b> {hint !== undefined && <span class='muted'>{hint}</span>}
      </span>
      <code class='muted'>
        {shortName(file)}:{line}:{column}
      </code>
    </a>
  </li>
)
