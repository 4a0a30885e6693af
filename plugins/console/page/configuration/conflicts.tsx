import { useEffect, useState } from 'preact/hooks'
import { conflicts, isComparing, opened, settleConflict, shortName, type OnDisk } from '../state/configuration-store.js'
import { Dialog } from '../elements/dialog.js'
import { TextDiff } from './text-diff.js'

/** Lines around a change that must be as they were, so that it finds its place. */
const CONTEXT = 3

/** Files that another editor has changed since they were opened: their changes, and three ways to continue. */
export const Conflicts = () => (
  <Dialog
    title='Changed by another hand'
    isWide
    onClose={() => {
      isComparing.value = false
    }}
  >
    <div class='stack'>
      {[...conflicts.value].map(([file, onDisk]) => (
        <Conflict key={file} file={file} onDisk={onDisk} />
      ))}
    </div>
  </Dialog>
)

function Conflict ({ file, onDisk }: { file: string; onDisk: OnDisk }) {
  const { text = null, saved = '' } = opened.value.get(file) ?? {}
  const merged = useMerged(saved, text, onDisk.text)
  return (
    <section aria-label={shortName(file)}>
      <p>
        <code>{shortName(file)}</code> has changed since it was opened{onDisk.text === null ? ': it is gone' : ''}.
      </p>
      <h3>Their changes</h3>
      <TextDiff file={file} before={saved} after={onDisk.text} label='Their changes of' />
      <h3>Yours</h3>
      <TextDiff file={file} before={saved} after={text} label='Your changes of' />
      <div class='actions'>
        <button type='button' disabled={merged === undefined} onClick={() => settleConflict(file, merged!)}>
          Keep both
        </button>
        <button type='button' onClick={() => settleConflict(file, text)}>
          Keep mine
        </button>
        <button type='button' onClick={() => settleConflict(file, onDisk.text)}>
          Keep theirs
        </button>
      </div>
      {merged === undefined && <p class='muted'>Both cannot be kept: they change lines that are near each other.</p>}
    </section>
  )
}

/** The text with both changes; undefined: they touch the same lines, or it is not known yet. */
function useMerged (base: string, mine: string | null, theirs: string | null): string | undefined {
  const [merged, setMerged] = useState<string>()
  useEffect(() => {
    setMerged(undefined)
    if (mine === null || theirs === null) return
    void import('diff').then(({ applyPatch, structuredPatch }) => {
      const result = applyPatch(theirs, structuredPatch('', '', base, mine, '', '', { context: CONTEXT }))
      setMerged(result === false ? undefined : result)
    })
  }, [base, mine, theirs])
  return merged
}
