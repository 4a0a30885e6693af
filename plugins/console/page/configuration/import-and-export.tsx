import { useRef, useState } from 'preact/hooks'
import type { ArchiveForm, ProjectArchive } from '../../../admin/project/project-archive.js'
import type { Imported } from '../../model/imported-files.js'
import { plural } from '../../model/format.js'
import { configuration, openFile, putFile } from '../state/configuration-store.js'
import { api, messageOf } from '../state/api.js'
import { Dialog } from '../elements/dialog.js'
import { Icon } from '../elements/icons.js'
import { notify } from '../state/notice.js'

/** Imports files into the project, as changes that are reviewed like any other. */
export function ImportFiles () {
  const input = useRef<HTMLInputElement>(null)
  const [imported, setImported] = useState<Imported>()
  const source = configuration.value?.sources.find(({ isFolder }) => isFolder)
  if (source === undefined) return null
  const read = async (chosen: readonly File[]): Promise<void> => {
    try {
      const [{ readImported }, { placeImportedFiles }] = await Promise.all([
        import('./archive.js'),
        import('../../model/imported-files.js')
      ])
      setImported(placeImportedFiles(await readImported(chosen)))
    } catch (error) {
      notify(`Not imported: ${error instanceof Error ? error.message : 'the file cannot be read'}.`, undefined, true)
    }
  }
  const openAsChanges = async (files: Imported['files']): Promise<void> => {
    for (const [path, text] of files) {
      const file = `${source.baseDir}/${path}`
      if (configuration.value!.files.includes(file)) await openFile(file)
      putFile(file, text)
    }
    setImported(undefined)
  }
  return (
    <>
      <input
        ref={input}
        type='file'
        multiple
        hidden
        accept='.xml,.json,.car,.zip'
        aria-label='Files to import'
        onChange={event => {
          void read([...(event.currentTarget.files ?? [])])
          event.currentTarget.value = ''
        }}
      />
      <button type='button' onClick={() => input.current?.click()}>
        Import…
      </button>
      {imported !== undefined && (
        <Dialog title='Import into the project' onClose={() => setImported(undefined)}>
          <ImportList imported={imported} known={configuration.value!.files} folder={source.baseDir} />
          <footer>
            <button type='button' onClick={() => setImported(undefined)}>
              Cancel
            </button>
            <button
              type='button'
              class='primary'
              disabled={imported.files.size === 0}
              onClick={() => {
                void openAsChanges(imported.files)
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

function ImportList ({ imported, known, folder }: { imported: Imported; known: readonly string[]; folder: string }) {
  return (
    <div class='stack'>
      <p>
        {plural(imported.files.size, 'file')} {imported.files.size === 1 ? 'becomes a change' : 'become changes'},
        checked and reviewed before anything runs.
      </p>
      <ul class='imported'>
        {[...imported.files.keys()].map(path => (
          <li key={path}>
            <span class='good'>
              <Icon name='check' />
            </span>{' '}
            <code>{path}</code> <span class='muted'>{known.includes(`${folder}/${path}`) ? 'replaces' : 'new'}</span>
          </li>
        ))}
        {imported.leftOut.map(({ path, reason }) => (
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
  ['asIs', 'As it is', 'The files in their folders.'],
  ['json', 'As JSON', 'All artefacts in configuration.json.'],
  ['xml', 'As Synapse XML', 'All artefacts in synapse.xml.']
]

/** Exports the whole project, as an archive that `serve` runs. */
export function ExportProject () {
  const [isOpen, setOpen] = useState(false)
  const [exported, setExported] = useState<ProjectArchive>()
  const [failure, setFailure] = useState<string>()
  const close = (): void => {
    setOpen(false)
    setExported(undefined)
  }
  const exportAs = async (form: ArchiveForm): Promise<void> => {
    try {
      const [{ offerArchive }, archive] = await Promise.all([
        import('./archive.js'),
        api<ProjectArchive>(`configuration/archive?as=${form}`)
      ])
      offerArchive('configuration.zip', archive.files)
      setExported(archive)
      setFailure(undefined)
    } catch (error) {
      setFailure(messageOf(error))
    }
  }
  return (
    <>
      <button type='button' onClick={() => setOpen(true)}>
        Export…
      </button>
      {isOpen && (
        <Dialog title='Export the project' onClose={close}>
          <div class='stack'>
            <p>
              An archive with the documents that the configuration names. Unpacked, its folder is what{' '}
              <code>proxy-services serve</code> runs and <code>check</code> checks.
            </p>
            {FORMS.map(([form, label, what]) => (
              <p key={form} class='export-form'>
                <button
                  type='button'
                  onClick={() => {
                    void exportAs(form)
                  }}
                >
                  {label}
                </button>{' '}
                <span class='muted'>{what}</span>
              </p>
            ))}
            <p role='status' class={failure === undefined ? 'muted' : 'warning'}>
              {failure ?? (exported === undefined ? '' : summaryOf(exported))}
            </p>
          </div>
        </Dialog>
      )}
    </>
  )
}

const summaryOf = ({ files, leftOut, losses }: ProjectArchive): string =>
  [
    `${plural(Object.keys(files).length, 'file')} exported.`,
    ...(leftOut.length === 0 ? [] : [`Not in it: ${leftOut.join(', ')}.`]),
    ...(losses.length === 0 ? [] : [`XML cannot express: ${losses.join(', ')}.`])
  ].join(' ')
