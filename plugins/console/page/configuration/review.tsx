import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Effects } from '../../../../lib/compiler/effects.js'
import { count, plural } from '../../model/format.js'
import {
  apply,
  changed,
  check,
  configuration,
  conflicts,
  discard,
  isComparing,
  isReviewable,
  isReviewing
} from '../state/configuration-store.js'
import { Conflicts } from './conflicts.js'
import { Dialog } from '../elements/dialog.js'
import { Icon } from '../elements/icons.js'
import { downloadFile } from '../elements/download-file.js'
import { TextDiff } from './text-diff.js'

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
  const written = { chosen: way, choose: setWay, lockedBecause: writable === true ? undefined : writable }
  const confirm = async (): Promise<void> => {
    if (way === 'download') {
      for (const [file, { text }] of changed.value) {
        if (text !== null) downloadFile(file.split('/').at(-1)!, new Blob([text], { type: 'application/octet-stream' }))
      }
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
          <TextDiff key={file} file={file} before={saved} after={text} />
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
        <WayOption {...written} way='try' title='Try it'>
          Runs at once and is not saved. It is reverted after{' '}
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
        <WayOption {...written} way='save' title='Save and reload'>
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
    ...lostSessions.map(({ group, bound }) => `${group}: ${count(bound)} bound sessions start over.`)
  ]
  return sentences.length === 0 ? ['Nothing that runs: states and sessions stay.'] : sentences
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
        {conflicts.value.size > 0 && (
          <span class='bad'> {plural(conflicts.value.size, 'file')} changed by another hand</span>
        )}
      </p>
      {conflicts.value.size > 0 && (
        <button
          type='button'
          onClick={() => {
            isComparing.value = true
          }}
        >
          Compare…
        </button>
      )}
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
      {isComparing.value && <Conflicts />}
    </div>
  )
}
