import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Effects } from '../../../lib/compiler/effects.js'
import { count, plural } from '../model/format.js'
import { hunksOf, type DiffLine } from '../model/diff-lines.js'
import {
  apply,
  changed,
  check,
  configuration,
  discard,
  isReviewable,
  isReviewing,
  shortName
} from './configuration-store.js'
import { Dialog } from './dialog.js'
import { Icon } from './icons.js'

type Way = 'try' | 'save' | 'download'

/** The changes, what they do, and the three ways to use them. */
export function Review () {
  const [way, setWay] = useState<Way>(configuration.value?.isWritable === true ? 'try' : 'download')
  const [minutes, setMinutes] = useState(5)
  const [failure, setFailure] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const close = (): void => {
    isReviewing.value = false
  }
  const writable = configuration.value?.isWritable
  const confirm = async (): Promise<void> => {
    if (way === 'download') {
      for (const [file, { text }] of changed.value) if (text !== null) download(file, text)
      return close()
    }
    setBusy(true)
    setFailure(await apply(way, minutes))
    setBusy(false)
  }
  const effects = check.value?.effects ?? []
  return (
    <Dialog title='Review and apply' onClose={close} isWide>
      <div class='diffs'>
        {changed.value.map(([file, { text, saved }]) => (
          <Diff key={file} file={file} before={saved} after={text} />
        ))}
      </div>
      <section>
        <h3>What it does</h3>
        <ul class='effects'>
          {effects.flatMap(sentencesOf).map(each => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      </section>
      <fieldset class='ways'>
        <legend>How</legend>
        <WayOption way='try' chosen={way} choose={setWay} title='Try it'>
          Runs at once and is not saved. Goes back by itself after{' '}
          <input
            type='number'
            min={1}
            max={60}
            value={minutes}
            aria-label='Minutes'
            onInput={event => setMinutes(Math.min(60, Math.max(1, Number(event.currentTarget.value) || 1)))}
          />{' '}
          min, unless it is kept.
        </WayOption>
        <WayOption
          way='save'
          chosen={way}
          choose={setWay}
          title='Save and reload'
          lockedBecause={writable === true ? undefined : writable}
        >
          Writes {plural(changed.value.length, 'file')} and reloads. Requests in progress end as they began.
        </WayOption>
        <WayOption way='download' chosen={way} choose={setWay} title='Download'>
          Nothing changes here: for a pipeline, or a read-only folder.
        </WayOption>
      </fieldset>
      <p role='alert' class='warning'>
        {failure}
      </p>
      <footer>
        <button type='button' onClick={close}>
          Cancel
        </button>
        <button
          type='button'
          class='primary'
          disabled={isBusy}
          onClick={() => {
            void confirm()
          }}
        >
          {way === 'try' ? `Try it for ${minutes} min` : way === 'save' ? 'Save and reload' : 'Download'}
        </button>
      </footer>
    </Dialog>
  )
}

interface WayOptionProps {
  readonly way: Way
  readonly chosen: Way
  readonly choose: (way: Way) => void
  readonly title: string
  readonly lockedBecause?: string | undefined
  readonly children: ComponentChildren
}

const WayOption = ({ way, chosen, choose, title, lockedBecause, children }: WayOptionProps) => (
  <label class={chosen === way ? 'chosen' : ''}>
    <input
      type='radio'
      name='way'
      checked={chosen === way}
      disabled={lockedBecause !== undefined}
      onChange={() => choose(way)}
    />
    <span>
      <b>{title}</b>
      <small>{lockedBecause ?? children}</small>
    </span>
  </label>
)

function Diff ({ file, before, after }: { file: string; before: string; after: string | null }) {
  const [hunks, setHunks] = useState<readonly (readonly DiffLine[])[]>()
  useEffect(() => {
    void import('diff').then(({ diffLines }) => setHunks(hunksOf(diffLines(before, after ?? ''))))
  }, [before, after])
  return (
    <div class='diff' tabIndex={0} role='region' aria-label={`Changes of ${shortName(file)}`}>
      <p>
        <code>{shortName(file)}</code> {after === null && <span class='bad'>is removed</span>}
      </p>
      <table>
        <caption class='aside'>Lines before and after</caption>
        <tbody>
          {hunks?.map((lines, at) => [
            at > 0 && (
              <tr key={`gap ${at}`} class='gap'>
                <td colSpan={4}>…</td>
              </tr>
            ),
            ...lines.map(({ kind, text, before: old, after: next }) => (
              <tr key={`${kind} ${old ?? ''} ${next ?? ''}`} class={kind}>
                <td class='number'>{old}</td>
                <td class='number'>{next}</td>
                <td>{kind === 'added' ? '+' : kind === 'removed' ? '−' : ''}</td>
                <td>
                  <code>{text}</code>
                </td>
              </tr>
            ))
          ])}
        </tbody>
      </table>
    </div>
  )
}

/** What changes, in sentences; the harmless first. */
function sentencesOf ({ artefacts, newEndpoints, removedEndpoints, lostSessions }: Effects): string[] {
  const named = (verb: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`${verb} ${names.join(', ')}.`]
  const sentences = [
    ...named('Adds', artefacts.added),
    ...named('Changes', artefacts.changed),
    ...named('Removes', artefacts.removed),
    ...named('Endpoints that begin with a new state:', newEndpoints),
    ...named('Endpoints that are no longer used:', removedEndpoints),
    ...lostSessions.map(({ group, bound }) => `${group}: ${count(bound)} bound sessions begin anew.`)
  ]
  return sentences.length === 0 ? ['Nothing that runs: states and sessions stay.'] : sentences
}

function download (file: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }))
  link.download = file.split('/').at(-1)!
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

/** Opens the review, unless there are errors. */
export function ApplyBar () {
  const files = changed.value
  if (files.length === 0) return null
  const errors = check.value?.problems.filter(({ severity }) => severity === 'error').length
  return (
    <div class='apply-bar'>
      <p role='status'>
        <b>{plural(files.length, 'file')} changed</b>{' '}
        {check.value === undefined
          ? (
            <span class='muted'>being checked…</span>
            )
          : errors === 0
            ? (
              <span class='good'>
                <Icon name='check' /> valid
              </span>
              )
            : (
              <span class='bad'>{plural(errors!, 'error')} to be corrected first</span>
              )}
      </p>
      <button type='button' onClick={discard}>
        Discard
      </button>
      <button
        type='button'
        class='primary'
        disabled={!isReviewable.value}
        onClick={() => {
          isReviewing.value = true
        }}
      >
        Review and apply…
      </button>
      {isReviewing.value && <Review />}
    </div>
  )
}
