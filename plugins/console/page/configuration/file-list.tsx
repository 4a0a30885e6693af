import { useEffect, useState } from 'preact/hooks'
import type { ProjectArchive } from '../../../admin/project/project-archive.js'
import { api } from '../state/api.js'
import { changed, configuration, opened, problems, shortName } from '../state/configuration-store.js'
import { linkTo } from '../state/route.js'
import { gateway } from '../state/store.js'

/** Shorter texts are looked for in names only. */
const MIN_SEARCHED = 3

/** All files by folder, with what was changed and how many problems each has. The filter finds names and texts. */
export function FileList ({ files, current }: { files: readonly string[]; current: string | undefined }) {
  const [text, setText] = useState('')
  const searched = text.toLowerCase()
  const texts = useTexts(text.length >= MIN_SEARCHED)
  /** The line of the first place in a file; undefined: there is none. */
  const lineOfMatch = (file: string): number | undefined => {
    const content = opened.value.get(file)?.text ?? texts[shortName(file)] ?? ''
    const at = text.length < MIN_SEARCHED ? -1 : content.toLowerCase().indexOf(searched)
    return at < 0 ? undefined : content.slice(0, at).split('\n').length
  }
  const wanted = files.filter(
    file => shortName(file).toLowerCase().includes(searched) || lineOfMatch(file) !== undefined
  )
  const folders = Map.groupBy(wanted, file => shortName(file).split('/').slice(0, -1).join('/'))
  const edited = new Set(changed.value.map(([file]) => file))
  return (
    <nav class='files' aria-label='Files'>
      <input
        type='search'
        placeholder='Find in names and texts'
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
                const line = lineOfMatch(file)
                const count = problems.value.filter(problem => problem.file === file).length
                return (
                  <li key={file}>
                    <a
                      href={`${linkTo('configuration', file)}${line === undefined ? '' : `?line=${line}`}`}
                      aria-current={file === current ? 'page' : undefined}
                    >
                      <span>{shortName(file).split('/').at(-1)}</span>
                      {line !== undefined && <span class='muted'>line {line}</span>}
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

/** The texts of all files by their short names, once they are wanted; empty where they may not be seen. */
function useTexts (isWanted: boolean): Readonly<Record<string, string>> {
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({})
  const loadedAt = configuration.value?.loadedAt
  const maySee = gateway.value?.maySee === true
  useEffect(() => {
    if (!isWanted || !maySee) return
    api<ProjectArchive>('configuration/archive?as=asIs').then(({ files }) => setTexts(files), () => {})
  }, [isWanted, maySee, loadedAt])
  return texts
}
