import { useEffect, useState } from 'preact/hooks'
import { clock, plural } from '../../model/format.js'
import { api, messageOf } from '../state/api.js'
import { configuration, goBackTo, lockedBecause, type Reload } from '../state/configuration-store.js'
import { Dialog } from '../elements/dialog.js'
import { notify } from '../state/notice.js'
import { Loading } from '../elements/loading.js'
import { setQuery } from '../state/route.js'
import { TextDiff } from './text-diff.js'

const OUTCOMES = { ran: 'Runs', refused: 'Refused', tried: 'Tried' } as const

/** The last reloads, the newest first, and the way back to each. */
export function ReloadList () {
  const reloads = configuration.value!.reloads.toReversed()
  const [compared, compare] = useState<readonly [before: number, after: number]>()
  /** The reload before it whose texts are kept. */
  const earlier = ({ number }: Reload): Reload | undefined =>
    reloads.find(each => each.number < number && each.hasTexts)
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
              <tr key={each.number}>
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
                  {each.hasTexts && earlier(each) !== undefined && (
                    <button type='button' onClick={() => compare([earlier(each)!.number, each.number])}>
                      What changed
                    </button>
                  )}{' '}
                  {each.hasTexts && each !== current && lockedBecause.value === undefined && (
                    <button
                      type='button'
                      onClick={() => {
                        void goBack(each.number)
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
      {compared !== undefined && (
        <ReloadDiff before={compared[0]} after={compared[1]} onClose={() => compare(undefined)} />
      )}
    </section>
  )
}

interface ReloadDiffProps {
  /** Numbers of reloads. */
  readonly before: number
  readonly after: number
  readonly onClose: () => void
}

type Texts = Readonly<Record<string, string>>

/** What a reload changed in the texts of the configuration. */
function ReloadDiff ({ before, after, onClose }: ReloadDiffProps) {
  const [texts, setTexts] = useState<readonly [Texts, Texts] | string>()
  useEffect(() => {
    const read = async (number: number): Promise<Texts> =>
      (await api<{ files: Texts }>(`configuration/reloads/${number}`)).files
    void Promise.all([read(before), read(after)]).then(setTexts, error => setTexts(messageOf(error)))
  }, [before, after])
  return (
    <Dialog title={`What reload ${after} changed`} onClose={onClose} isWide>
      <div class='diffs'>
        {texts === undefined && <Loading />}
        {typeof texts === 'string' && <p class='bad'>{texts}</p>}
        {typeof texts === 'object' && <Changes of={texts} />}
      </div>
    </Dialog>
  )
}

function Changes ({ of: [before, after] }: { of: readonly [Texts, Texts] }) {
  const files = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const changed = files.filter(file => before[file] !== after[file])
  if (changed.length === 0) return <p class='muted'>No text of the configuration.</p>
  return (
    <>
      {changed.map(file => (
        <TextDiff key={file} file={file} before={before[file] ?? ''} after={after[file] ?? null} />
      ))}
    </>
  )
}

const resultOf = ({ problems: found, error }: Reload): string =>
  error !== undefined ? `: ${error}` : found.length > 0 ? `: ${plural(found.length, 'problem')}` : ''

async function goBack (number: number): Promise<void> {
  const failure = await goBackTo(number)
  if (failure !== undefined) notify(failure, undefined, true)
  else setQuery({ line: undefined })
}
