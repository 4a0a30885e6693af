import { countdown } from '../../model/format.js'
import { act, configuration, shortName } from '../state/configuration-store.js'
import { now } from '../state/store.js'

/** The unconfirmed configuration, on every page. */
export function UnconfirmedBand () {
  const unconfirmed = configuration.value?.unconfirmed
  if (unconfirmed === undefined || unconfirmed === null) return null
  const left = unconfirmed.endsAt - now.value
  return (
    <div class='unconfirmed' role='region' aria-label='Unconfirmed configuration'>
      <p>
        <b>An unconfirmed configuration runs.</b> It is reverted in <b role='timer'>{countdown(left)}</b>.{' '}
        {unconfirmed.files.map(shortName).join(', ')}
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
        Revert now
      </button>
    </div>
  )
}
