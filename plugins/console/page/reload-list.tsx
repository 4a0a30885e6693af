import { clock, plural } from '../model/format.js'
import { configuration, goBackTo, lockedBecause, type Reload } from './configuration-store.js'
import { notify } from './notice.js'
import { setQuery } from './route.js'

const OUTCOMES = { ran: 'Runs', refused: 'Refused', tried: 'Tried' } as const

/** The last reloads, the newest first, and the way back to each. */
export function ReloadList () {
  const reloads = configuration.value!.reloads.toReversed()
  const current = reloads.find(({ outcome }) => outcome !== 'refused')
  return (
    <section aria-labelledby='reloads'>
      <h2 id='reloads'>Reloads</h2>
      <div class='card scroll' tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th>Time</th>
              <th>Reason</th>
              <th>Result</th>
              <th>Proxies</th>
              <th>
                <span class='aside'>Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {reloads.map(each => (
              <tr key={each.n}>
                <td class='time'>{clock(each.at)}</td>
                <td>{each.reason}</td>
                <td class={each.outcome === 'refused' ? 'bad' : ''}>
                  {OUTCOMES[each.outcome]}
                  {resultOf(each)}
                </td>
                <td>
                  {[...each.added.map(name => `+ ${name}`), ...each.removed.map(name => `− ${name}`)].join(', ') ||
                    '–'}
                </td>
                <td class='number'>
                  {each.hasTexts && each !== current && lockedBecause.value === undefined && (
                    <button
                      type='button'
                      onClick={() => {
                        void goBack(each.n)
                      }}
                    >
                      Go back to this
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

const resultOf = ({ problems: found, error }: Reload): string =>
  error !== undefined ? `: ${error}` : found.length > 0 ? `: ${plural(found.length, 'problem')}` : ''

async function goBack (n: number): Promise<void> {
  const failure = await goBackTo(n)
  if (failure !== undefined) notify(failure, undefined, true)
  else setQuery({ line: undefined })
}
