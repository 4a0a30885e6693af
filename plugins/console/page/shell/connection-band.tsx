import { useEffect, useState } from 'preact/hooks'
import { clock } from '../../model/format.js'
import { retryNow } from '../state/connection.js'
import { connection } from '../state/store.js'

/** Reports when the page is not up to date. */
export function ConnectionBand () {
  const state = connection.value
  if (state.kind === 'lost') return <LostBand since={state.since} retryAt={state.retryAt} />
  return state.kind === 'stopping'
    ? (
      <p class='band' role='alert'>
        The gateway is stopping: it takes no new connections.
      </p>
      )
    : null
}

/** By the clock of the page, which continues. */
function LostBand ({ since, retryAt }: { since: number; retryAt: number }) {
  const [left, setLeft] = useState(retryAt - Date.now())
  useEffect(() => {
    setLeft(retryAt - Date.now())
    const timer = setInterval(() => setLeft(retryAt - Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [retryAt])
  return (
    <div class='band' role='region' aria-label='Connection'>
      <p role='alert'>
        <b>No connection to the gateway since {clock(since)}.</b> The page shows the state of that moment.
      </p>
      <span role='timer'>Trying again in {Math.max(0, Math.ceil(left / 1_000))} s.</span>
      <button type='button' onClick={retryNow}>
        Try now
      </button>
    </div>
  )
}
