import { useState } from 'preact/hooks'
import { changed, problems, shortName } from './configuration-store.js'
import { linkTo } from './route.js'

/** All files by folder, with what was changed and how many problems each has. */
export function FileList ({ files, current }: { files: readonly string[]; current: string | undefined }) {
  const [text, setText] = useState('')
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
