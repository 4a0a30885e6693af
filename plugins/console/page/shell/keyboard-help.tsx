import { Dialog } from '../elements/dialog.js'
import { choose, hasAnnouncements, hasLetters, isHelpOpen } from '../state/preferences.js'

const SHORTCUTS: readonly (readonly [keys: string, what: string])[] = [
  ['/', 'finds a proxy, a group or an endpoint'],
  ['g, then o p g m s c e x', 'opens Overview, Proxies, Groups, Messages, Sessions, Configuration, Events, Explain'],
  ['Ctrl Z', 'undoes the last switch'],
  ['Ctrl S', 'reviews the changes of the configuration'],
  ['Alt F', 'switches the filter of messages off and on'],
  ['Alt ← →', 'moves an endpoint in the form of its group'],
  ['F8', 'goes to the next problem in a source'],
  ['Esc', 'closes what was opened last'],
  ['?', 'shows this list']
]

const CHOICES = [
  ['letters', hasLetters, 'Letters open pages'],
  ['announcements', hasAnnouncements, 'Changes of states are read aloud']
] as const

/** The keys of the console, and what may be switched off. */
export function KeyboardHelp () {
  if (!isHelpOpen.value) return null
  return (
    <Dialog
      title='Keyboard'
      onClose={() => {
        isHelpOpen.value = false
      }}
    >
      <div class='stack'>
        <dl>
          {SHORTCUTS.map(([keys, what]) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        {CHOICES.map(([what, { value: isOn }, label]) => (
          <label key={what} class='check'>
            <input
              type='checkbox'
              checked={isOn}
              onChange={event => choose(what, event.currentTarget.checked)}
            />
            {label}
          </label>
        ))}
      </div>
    </Dialog>
  )
}
