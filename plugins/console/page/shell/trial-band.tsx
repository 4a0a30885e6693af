import { countdown } from '../../model/format.js'
import { act, configuration, shortName } from '../state/configuration-store.js'
import { now } from '../state/store.js'

/** A configuration that is being tried, on every page. */
export function TrialBand () {
  const trial = configuration.value?.trial
  if (trial === undefined || trial === null) return null
  const left = trial.endsAt - now.value
  return (
    <div class='trial' role='region' aria-label='Trial'>
      <p>
        <b>A configuration is being tried.</b> The earlier one comes back in <b role='timer'>{countdown(left)}</b>.{' '}
        {trial.files.map(shortName).join(', ')}
      </p>
      <button
        type='button'
        class='primary'
        onClick={() => {
          void act('keep')
        }}
      >
        Keep it
      </button>
      <button
        type='button'
        onClick={() => {
          void act('revert')
        }}
      >
        Go back now
      </button>
    </div>
  )
}
