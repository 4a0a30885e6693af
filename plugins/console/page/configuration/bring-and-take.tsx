import { useRef, useState } from 'preact/hooks'
import type { ArchiveForm, ProjectArchive } from '../../../admin/project/project-archive.js'
import type { Brought } from '../../model/brought-files.js'
import { plural } from '../../model/format.js'
import { configuration, openFile, putFile } from '../state/configuration-store.js'
import { api, messageOf } from '../state/api.js'
import { Dialog } from '../elements/dialog.js'
import { Icon } from '../elements/icons.js'
import { notify } from '../state/notice.js'

/** Brings files into the project, as changes that are reviewed like any other. */
export function Bring () {
  const input = useRef<HTMLInputElement>(null)
  const [brought, setBrought] = useState<Brought>()
  const source = configuration.value?.sources.find(({ isFolder }) => isFolder)
  if (source === undefined) return null
  const read = async (chosen: readonly File[]): Promise<void> => {
    try {
      const [{ readBrought }, { placeBroughtFiles }] = await Promise.all([
        import('./archive.js'),
        import('../../model/brought-files.js')
      ])
      setBrought(placeBroughtFiles(await readBrought(chosen)))
    } catch (error) {
      notify(`Not brought: ${error instanceof Error ? error.message : 'the file cannot be read'}.`, undefined, true)
    }
  }
  const take = async (files: Brought['files']): Promise<void> => {
    for (const [path, text] of files) {
      const file = `${source.baseDir}/${path}`
      if (configuration.value!.files.includes(file)) await openFile(file)
      putFile(file, text)
    }
    setBrought(undefined)
  }
  return (
    <>
      <input
        ref={input}
        type='file'
        multiple
        hidden
        accept='.xml,.json,.car,.zip'
        aria-label='Files to bring'
        onChange={event => {
          void read([...(event.currentTarget.files ?? [])])
          event.currentTarget.value = ''
        }}
      />
      <button type='button' onClick={() => input.current?.click()}>
        Bring…
      </button>
      {brought !== undefined && (
        <Dialog title='Bring into the project' onClose={() => setBrought(undefined)}>
          <BroughtList brought={brought} known={configuration.value!.files} folder={source.baseDir} />
          <footer>
            <button type='button' onClick={() => setBrought(undefined)}>
              Cancel
            </button>
            <button
              type='button'
              class='primary'
              disabled={brought.files.size === 0}
              onClick={() => {
                void take(brought.files)
              }}
            >
              Open as changes
            </button>
          </footer>
        </Dialog>
      )}
    </>
  )
}

function BroughtList ({ brought, known, folder }: { brought: Brought; known: readonly string[]; folder: string }) {
  return (
    <div class='stack'>
      <p>
        {plural(brought.files.size, 'file')} {brought.files.size === 1 ? 'becomes a change' : 'become changes'}, checked
        and reviewed before anything runs.
      </p>
      <ul class='brought'>
        {[...brought.files.keys()].map(path => (
          <li key={path}>
            <span class='good'>
              <Icon name='check' />
            </span>{' '}
            <code>{path}</code> <span class='muted'>{known.includes(`${folder}/${path}`) ? 'replaces' : 'new'}</span>
          </li>
        ))}
        {brought.leftOut.map(({ path, reason }) => (
          <li key={path}>
            <span class='warn'>
              <Icon name='warning' />
            </span>{' '}
            <code>{path}</code> <span class='muted'>left out: {reason}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

const FORMS: readonly (readonly [ArchiveForm, string, string])[] = [
  ['asIs', 'As it lies', 'The files in their folders.'],
  ['json', 'As JSON', 'All artefacts in configuration.json.'],
  ['xml', 'As Synapse XML', 'All artefacts in synapse.xml.']
]

/** Takes the whole project away, as an archive that `serve` runs. */
export function Take () {
  const [isOpen, setOpen] = useState(false)
  const [taken, setTaken] = useState<ProjectArchive>()
  const [failure, setFailure] = useState<string>()
  const close = (): void => {
    setOpen(false)
    setTaken(undefined)
  }
  const take = async (form: ArchiveForm): Promise<void> => {
    try {
      const [{ offerArchive }, archive] = await Promise.all([
        import('./archive.js'),
        api<ProjectArchive>(`configuration/archive?as=${form}`)
      ])
      offerArchive('configuration.zip', archive.files)
      setTaken(archive)
      setFailure(undefined)
    } catch (error) {
      setFailure(messageOf(error))
    }
  }
  return (
    <>
      <button type='button' onClick={() => setOpen(true)}>
        Take…
      </button>
      {isOpen && (
        <Dialog title='Take the project' onClose={close}>
          <div class='stack'>
            <p>
              An archive with the documents that the configuration names. Unpacked, its folder is what{' '}
              <code>proxy-services serve</code> runs and <code>check</code> checks.
            </p>
            {FORMS.map(([form, label, what]) => (
              <p key={form} class='take-form'>
                <button
                  type='button'
                  onClick={() => {
                    void take(form)
                  }}
                >
                  {label}
                </button>{' '}
                <span class='muted'>{what}</span>
              </p>
            ))}
            <p role='status' class={failure === undefined ? 'muted' : 'warning'}>
              {failure ?? (taken === undefined ? '' : summaryOf(taken))}
            </p>
          </div>
        </Dialog>
      )}
    </>
  )
}

const summaryOf = ({ files, leftOut, losses }: ProjectArchive): string =>
  [
    `${plural(Object.keys(files).length, 'file')} taken.`,
    ...(leftOut.length === 0 ? [] : [`Not in it: ${leftOut.join(', ')}.`]),
    ...(losses.length === 0 ? [] : [`XML cannot express: ${losses.join(', ')}.`])
  ].join(' ')
