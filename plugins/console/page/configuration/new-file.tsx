import { useState } from 'preact/hooks'
import { SAMPLES } from '../../model/samples.js'
import { addFile, configuration } from '../state/configuration-store.js'
import { Dialog } from '../elements/dialog.js'
import { Icon } from '../elements/icons.js'
import { linkTo } from '../state/route.js'

/** Adds an artefact in a file of its own, in the folder where the configuration reads its kind. */
export function NewFile () {
  const [isOpen, setOpen] = useState(false)
  const [kind, setKind] = useState<keyof typeof SAMPLES>('proxy')
  const [name, setName] = useState('')
  const source = configuration.value?.sources.find(({ isFolder }) => isFolder)
  if (source === undefined) return null
  const sample = SAMPLES[kind]
  const file = `${source.baseDir}/${sample.folder}/${name}.xml`
  const problem =
    name === '' || /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(name)
      ? configuration.value!.files.includes(file)
        ? 'This file exists.'
        : undefined
      : 'Letters, digits, "_", "." and "-" only.'
  const close = (): void => setOpen(false)
  const add = (event: SubmitEvent): void => {
    event.preventDefault()
    if (name === '' || problem !== undefined) return
    addFile(file, sample.text(name))
    setOpen(false)
    setName('')
    location.hash = linkTo('configuration', file).slice(1)
  }
  return (
    <>
      <button type='button' onClick={() => setOpen(true)}>
        <Icon name='plus' /> New…
      </button>
      {isOpen && (
        <Dialog title='New artefact' onClose={close}>
          <form class='stack' onSubmit={event => add(event as SubmitEvent)}>
            <label>
              Kind
              <select value={kind} onChange={event => setKind(event.currentTarget.value as keyof typeof SAMPLES)}>
                {Object.entries(SAMPLES).map(([key, { label }]) => (
                  <option key={key} value={key}>
                    {label}
                  </option>
                ))}
              </select>
            </label>
            <label>
              Name
              <input required autofocus value={name} onInput={event => setName(event.currentTarget.value)} />
            </label>
            <p class={problem === undefined ? 'muted' : 'warning'}>{problem ?? file}</p>
            <footer>
              <button type='button' onClick={close}>
                Cancel
              </button>
              <button class='primary'>Add</button>
            </footer>
          </form>
        </Dialog>
      )}
    </>
  )
}
