import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Problem } from '../../../lib/definitions/problem.js'
import type { CodeEditor } from './code-editor.js'

interface SourceEditorProps {
  readonly file: string
  readonly text: string
  readonly readOnly: boolean
  readonly problems: readonly Problem[]
  /** A line to show, from 1; with each new object. */
  readonly reveal?: { readonly line: number; readonly focus: boolean } | undefined
  readonly onChange: (text: string) => void
}

/** The source of a file. The editor itself is loaded with the first one. */
export function SourceEditor ({ file, text, readOnly, problems, reveal, onChange }: SourceEditorProps) {
  const host = useRef<HTMLDivElement>(null)
  const [editor, setEditor] = useState<CodeEditor>()
  const latest = useRef({ text, onChange })
  latest.current = { text, onChange }
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
        onChange: value => latest.current.onChange(value)
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
  useEffect(() => {
    if (reveal !== undefined) editor?.reveal(reveal.line, reveal.focus)
  }, [editor, reveal])
  return <div ref={host} class='source' data-file={file} />
}
