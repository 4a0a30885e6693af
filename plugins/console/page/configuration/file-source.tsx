import { useEffect, useState } from 'preact/hooks'
import { edit, lockedBecause, opened, openFile, problems, shortName } from '../state/configuration-store.js'
import { Loading } from '../elements/loading.js'
import { route } from '../state/route.js'
import { SourceEditor } from './source-editor.js'

/** A file of the configuration in its editor, at the line that the address names. */
export function FileSource ({ file }: { file: string }) {
  const [failure, setFailure] = useState<string>()
  const isLocked = lockedBecause.value !== undefined
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
    return <Loading />
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
            saved={draft.saved.replaceAll('\r\n', '\n')}
            readOnly={isLocked}
            reveal={reveal}
            problems={problems.value.filter(problem => problem.file === file)}
            onChange={text => edit(file, text)}
          />
          )}
    </>
  )
}
