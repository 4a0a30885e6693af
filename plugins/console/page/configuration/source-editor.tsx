import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { changedLinesOf } from '../../model/diff-lines.js'
import type { Problem } from '../../../../lib/definitions/model/problem.js'
import type { CodeEditor } from './code-editor.js'
import { loadVocabulary, proposing } from './vocabulary-store.js'

interface SourceEditorProps {
  readonly file: string
  readonly text: string
  /** As it is on disk: lines that differ are marked. Default: none is */
  readonly saved?: string | undefined
  readonly readOnly: boolean
  readonly problems: readonly Problem[]
  /** A line to show, from 1; with each new object. */
  readonly reveal?: { readonly line: number; readonly focus: boolean } | undefined
  readonly onChange: (text: string) => void
  /** Called with the line of the cursor, from 1, when the reader moves it. */
  readonly onCursor?: (line: number) => void
}

/** The source of a file. The editor itself is loaded with the first one. */
export function SourceEditor (props: SourceEditorProps) {
  const { file, text, saved, readOnly, problems, reveal, onChange, onCursor } = props
  const host = useRef<HTMLDivElement>(null)
  const [editor, setEditor] = useState<CodeEditor>()
  const latest = useRef({ text, onChange, onCursor })
  latest.current = { text, onChange, onCursor }
  useEffect(() => {
    let isGone = false
    let mine: CodeEditor | undefined
    void import('./code-editor.js').then(({ openEditor }) => {
      if (isGone) return
      const language = file.endsWith('.json') ? 'json' : file.endsWith('.xml') ? 'xml' : 'text'
      mine = openEditor(host.current!, {
        text: latest.current.text,
        language,
        readOnly,
        label: `Source of ${file}`,
        onChange: value => latest.current.onChange(value),
        onCursor: line => latest.current.onCursor?.(line)
      })
      setEditor(mine)
    })
    return () => {
      isGone = true
      mine?.destroy()
      setEditor(undefined)
    }
  }, [file, readOnly])
  // Before the next key: a text from before it would take that key back.
  useLayoutEffect(() => editor?.setText(text), [editor, text])
  useEffect(() => editor?.setProblems(problems), [editor, problems])
  const proposals = proposing.value
  useEffect(() => {
    if (!readOnly) void loadVocabulary()
  }, [readOnly])
  useEffect(() => {
    if (proposals !== undefined) editor?.setProposals(proposals)
  }, [editor, proposals])
  useEffect(() => {
    let isOver = false
    if (editor === undefined || saved === undefined) return
    void import('diff').then(({ diffLines }) => {
      if (!isOver) editor.setChangedLines(changedLinesOf(diffLines(saved, text)))
    })
    return () => {
      isOver = true
    }
  }, [editor, saved, text])
  useEffect(() => {
    if (reveal !== undefined) editor?.reveal(reveal.line, reveal.focus)
  }, [editor, reveal])
  return <div ref={host} class='source' data-file={file} />
}
