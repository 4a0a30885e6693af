import { useEffect, useState } from 'preact/hooks'
import type { Problem } from '../../../lib/definitions/problem.js'
import { clock, countdown, plural } from '../model/format.js'
import {
  act,
  changed,
  checkFailure,
  configuration,
  edit,
  goBackTo,
  isChanged,
  loadConfiguration,
  lockedBecause,
  opened,
  openFile,
  problems,
  shortName,
  type Reload
} from './configuration-store.js'
import { Bring, Take } from './bring-and-take.js'
import { Icon } from './icons.js'
import { NewFile } from './new-file.js'
import { notify } from './notice.js'
import { ApplyBar } from './review.js'
import { linkTo, route, setQuery } from './route.js'
import { SourceEditor } from './source-editor.js'
import { gateway, now } from './store.js'
import { Reading } from './reading.js'

/** Files, problems and reloads of the configuration; a file with its editor. */
export function ConfigurationPage () {
  useEffect(() => {
    void loadConfiguration()
  }, [])
  const known = configuration.value
  if (known === undefined) {
    return <Reading />
  }
  const file = known.files.concat(newFiles()).find(each => each === route.value.name)
  return (
    <>
      <div class='section-head'>
        <div>
          <h1 tabIndex={-1}>Configuration</h1>
          <p class='muted'>
            {known.sources.map(({ path }) => path ?? 'given by the app').join(', ')} · read at {clock(known.loadedAt)}
            {known.upToDate ? '' : ' · the last reload was refused'}
          </p>
        </div>
        {gateway.value?.maySee === true && <Take />}
        {lockedBecause.value === undefined && (
          <>
            <NewFile />
            <Bring />
            <button
              type='button'
              onClick={() => {
                void act('reload')
              }}
            >
              Reload now
            </button>
          </>
        )}
      </div>
      {lockedBecause.value !== undefined && (
        <p class='card note'>
          <Icon name='key' /> {lockedBecause.value}
        </p>
      )}
      <div class='project card'>
        <Files current={file} />
        <div class='project-main'>
          {file === undefined
            ? (
              <p class='empty'>
                {known.files.length === 0 ? 'There are no files.' : 'Choose a file to see its source.'}
              </p>
              )
            : (
              <FileSource key={file} file={file} />
              )}
          <Problems />
        </div>
      </div>
      <Reloads />
      <ApplyBar />
    </>
  )
}

const newFiles = (): string[] => [...opened.value].flatMap(([file, { was }]) => (was === null ? [file] : []))

/** All files by folder, with what was changed and how many problems each has. */
function Files ({ current }: { current: string | undefined }) {
  const [text, setText] = useState('')
  const files = [...configuration.value!.files, ...newFiles()]
  const wanted = files.filter(file => shortName(file).toLowerCase().includes(text.toLowerCase()))
  const folders = Map.groupBy(wanted, file => shortName(file).split('/').slice(0, -1).join('/'))
  const edited = new Set(changed.value.map(([file]) => file))
  return (
    <nav class='files' aria-label='Files'>
      <input
        type='search'
        placeholder='Filter files'
        aria-label='Filter files'
        value={text}
        onInput={event => setText(event.currentTarget.value)}
      />
      {[...folders]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([folder, inside]) => (
          <section key={folder}>
            {folder !== '' && <h2>{folder}</h2>}
            <ul>
              {inside.map(file => {
                const count = problems.value.filter(problem => problem.file === file).length
                return (
                  <li key={file}>
                    <a href={linkTo('configuration', file)} aria-current={file === current ? 'page' : undefined}>
                      <span>{shortName(file).split('/').at(-1)}</span>
                      {edited.has(file) && (
                        <span class='dot' title='changed'>
                          <span class='aside'>changed</span>
                        </span>
                      )}
                      {count > 0 && (
                        <span class='badge warn'>
                          {count}
                          <span class='aside'> problems</span>
                        </span>
                      )}
                    </a>
                  </li>
                )
              })}
            </ul>
          </section>
        ))}
    </nav>
  )
}

function FileSource ({ file }: { file: string }) {
  const [failure, setFailure] = useState<string>()
  const isLocked = configuration.value !== undefined && lockedBecause.value !== undefined
  useEffect(() => {
    void openFile(file).then(setFailure)
  }, [file])
  const draft = opened.value.get(file)
  const line = Number(route.value.query.get('line')) || undefined
  const [reveal, setReveal] = useState<{ line: number; focus: boolean }>()
  useEffect(() => {
    if (line !== undefined) setReveal({ line, focus: true })
  }, [line, file])
  if (failure !== undefined) return <p class='empty'>{failure}</p>
  if (draft === undefined) {
    return <Reading />
  }
  return (
    <>
      <header class='file-head'>
        <code>{shortName(file)}</code>
        {draft.text === null
          ? (
            <button type='button' onClick={() => edit(file, draft.saved)}>
              Do not remove it
            </button>
            )
          : (
              !isLocked && (
                <button type='button' class='plain' onClick={() => edit(file, null)}>
                  Remove…
                </button>
              )
            )}
      </header>
      {draft.text === null
        ? (
          <p class='empty'>The file is removed when the changes are applied.</p>
          )
        : (
          <SourceEditor
            file={file}
            text={draft.text.replaceAll('\r\n', '\n')}
            readOnly={isLocked}
            reveal={reveal}
            problems={problems.value.filter(problem => problem.file === file)}
            onChange={text => edit(file, text)}
          />
          )}
    </>
  )
}

const SEVERITIES = { error: 'error', warning: 'warning', hint: 'hint' } as const
const TONES = { error: 'bad', warning: 'warn', hint: 'muted' } as const

/** All problems by place. A click goes there. */
export function Problems () {
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

const OUTCOMES = { ran: 'Runs', refused: 'Refused', tried: 'Tried' } as const

/** The last reloads, the newest first, and the way back to each. */
function Reloads () {
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
