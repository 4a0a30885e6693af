import { useEffect } from 'preact/hooks'
import { clock } from '../../model/format.js'
import { ExportProject, ImportFiles } from './import-and-export.js'
import { act, configuration, loadConfiguration, lockedBecause, opened } from '../state/configuration-store.js'
import { FileList } from './file-list.js'
import { FileSource } from './file-source.js'
import { Icon } from '../elements/icons.js'
import { NewFile } from './new-file.js'
import { ProblemList } from './problem-list.js'
import { Loading } from '../elements/loading.js'
import { ReloadList } from './reload-list.js'
import { ApplyBar } from './review.js'
import { route } from '../state/route.js'
import { gateway } from '../state/store.js'

/** Files, problems and reloads of the configuration; a file with its editor. */
export function ConfigurationPage () {
  useEffect(() => {
    void loadConfiguration()
  }, [])
  const known = configuration.value
  if (known === undefined) {
    return <Loading />
  }
  const files = [...known.files, ...newFiles()]
  const file = files.find(each => each === route.value.name)
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
        {gateway.value?.maySee === true && <ExportProject />}
        {lockedBecause.value === undefined && (
          <>
            <NewFile />
            <ImportFiles />
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
        <FileList files={files} current={file} />
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
          <ProblemList />
        </div>
      </div>
      <ReloadList />
      <ApplyBar />
    </>
  )
}

const newFiles = (): string[] => [...opened.value].flatMap(([file, { was }]) => (was === null ? [file] : []))
