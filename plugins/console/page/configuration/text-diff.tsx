import { useEffect, useState } from 'preact/hooks'
import { hunksOf, type DiffLine } from '../../model/diff-lines.js'
import { shortName } from '../state/configuration-store.js'

interface TextDiffProps {
  readonly file: string
  readonly before: string
  /** Null: it is removed. */
  readonly after: string | null
  /** Whose changes these are. */
  readonly label?: string
}

/** The lines in which a file differs, with those around them. */
export function TextDiff ({ file, before, after, label = 'Changes of' }: TextDiffProps) {
  const [hunks, setHunks] = useState<readonly (readonly DiffLine[])[]>()
  useEffect(() => {
    void import('diff').then(({ diffLines }) => setHunks(hunksOf(diffLines(before, after ?? ''))))
  }, [before, after])
  return (
    <div class='diff' tabIndex={0} role='region' aria-label={`${label} ${shortName(file)}`}>
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
