import { autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import {
  bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, syntaxHighlighting
} from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { search, searchKeymap } from '@codemirror/search'
import { Compartment, EditorState, RangeSet, StateEffect, StateField } from '@codemirror/state'
import {
  drawSelection, EditorView, gutterLineClass, GutterMarker, highlightActiveLine, highlightActiveLineGutter, keymap,
  lineNumbers
} from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { Problem } from '../../../../lib/definitions/model/problem.js'
import { languageOf } from './completion.js'
import type { Proposing } from './vocabulary-store.js'

/** The editor of sources. It is loaded where a source is shown first. */
export interface CodeEditor {
  /** Shows another text; only what differs is replaced, so that the cursor and the history stay. */
  setText (text: string): void
  setProblems (problems: readonly Problem[]): void
  /** Marks lines (from 1) that differ from the saved text. */
  setChangedLines (lines: readonly number[]): void
  /** Sets what is proposed while one types. */
  setProposals (proposing: Proposing): void
  /** Scrolls to a line (from 1). */
  reveal (line: number, focus: boolean): void
  destroy (): void
}

export interface CodeEditorOptions {
  readonly text: string
  readonly language: 'xml' | 'json' | 'text'
  readonly readOnly: boolean
  readonly label: string
  readonly onChange: (text: string) => void
  /** Called with the line of the cursor, from 1, when the reader moves it. */
  readonly onCursor: (line: number) => void
}

class ChangedLine extends GutterMarker {
  override elementClass = 'cm-changed'
}
const CHANGED = new ChangedLine()
const changedLines = StateEffect.define<readonly number[]>()
/** The lines that differ from the saved text; they move with the text until they are computed again. */
const changedMarks = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update (marks, { changes, effects, state: { doc } }) {
    const set = effects.find(each => each.is(changedLines))
    if (set === undefined) return marks.map(changes)
    const lines = (set.value as readonly number[]).filter(line => line <= doc.lines)
    return RangeSet.of(lines.map(line => CHANGED.range(doc.line(line).from)))
  },
  provide: field => gutterLineClass.from(field)
})

const colours = HighlightStyle.define([
  { tag: [tags.tagName, tags.propertyName], color: 'var(--code-name)' },
  { tag: [tags.attributeName, tags.number, tags.bool], color: 'var(--code-attribute)' },
  { tag: [tags.attributeValue, tags.string], color: 'var(--code-value)' },
  { tag: [tags.comment, tags.processingInstruction, tags.documentMeta], color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.angleBracket, tags.punctuation], color: 'var(--muted)' }
])

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '.96rem', color: 'var(--text)', backgroundColor: 'var(--surface)' },
  '.cm-scroller': { fontFamily: 'ui-monospace, Menlo, Consolas, "Liberation Mono", monospace', lineHeight: 1.55 },
  '.cm-content': { padding: '.7rem 0', caretColor: 'var(--accent)' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--muted)', border: 'none', paddingLeft: '.3rem' },
  '.cm-lineNumbers .cm-changed': { boxShadow: 'inset 3px 0 var(--accent)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--sunken) 70%, transparent)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'var(--accent-weak)'
  },
  '.cm-lintRange-error': {
    backgroundImage: 'none', textDecoration: 'underline wavy var(--red-mark) 1px', textUnderlineOffset: '3px'
  },
  '.cm-lintRange-warning': {
    backgroundImage: 'none', textDecoration: 'underline wavy var(--amber-mark) 1px', textUnderlineOffset: '3px'
  },
  '.cm-tooltip, .cm-panels': {
    backgroundColor: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--strong-line)'
  },
  '.cm-tooltip.cm-completionInfo': { padding: '.5rem .8rem', maxWidth: '26rem', lineHeight: 1.45 },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-button, .cm-textfield': {
    backgroundImage: 'none', backgroundColor: 'var(--surface)', color: 'var(--text)', borderColor: 'var(--strong-line)'
  },
  '.cm-diagnostic': { padding: '.45rem .8rem' }
})

/**
 * Opens an editor in the shadow root of an element: there its styles are adopted style sheets, which the policy of the
 * page allows.
 */
export function openEditor (host: HTMLElement, options: CodeEditorOptions): CodeEditor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  let isQuiet = false
  const language = new Compartment()
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        lineNumbers(), foldGutter(), lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(),
        closeBrackets(), autocompletion(), highlightActiveLine(), highlightActiveLineGutter(), search({ top: true }),
        syntaxHighlighting(colours), look, changedMarks,
        language.of(languageOf(options.language, undefined)),
        EditorState.readOnly.of(options.readOnly),
        EditorView.contentAttributes.of({ 'aria-label': options.label, tabindex: '0' }),
        keymap.of([
          ...completionKeymap, ...defaultKeymap, ...historyKeymap, ...searchKeymap, ...foldKeymap, ...lintKeymap
        ]),
        EditorView.updateListener.of(update => {
          const { doc, selection } = update.state
          if (update.docChanged && !isQuiet) options.onChange(doc.toString())
          if (update.selectionSet && !isQuiet && update.view.hasFocus) {
            options.onCursor(doc.lineAt(selection.main.head).number)
          }
        })
      ]
    })
  })
  return {
    setText (text) {
      const before = view.state.doc.toString()
      if (before === text) return
      isQuiet = true
      view.dispatch({ changes: difference(before, text) })
      isQuiet = false
    },
    setProblems (problems) {
      view.dispatch(setDiagnostics(view.state, problems.flatMap(each => diagnosticOf(view.state, each))))
    },
    setChangedLines (lines) {
      view.dispatch({ effects: changedLines.of(lines) })
    },
    setProposals (proposing) {
      view.dispatch({ effects: language.reconfigure(languageOf(options.language, proposing)) })
    },
    reveal (line, focus) {
      const { from } = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines))
      view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) })
      if (focus) view.focus()
    },
    destroy () { view.destroy() }
  }
}

/** The one part in which two texts differ. */
function difference (before: string, after: string): { from: number, to: number, insert: string } {
  const most = Math.min(before.length, after.length)
  let from = 0
  while (from < most && before[from] === after[from]) from++
  let end = 0
  while (end < most - from && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  return { from, to: before.length - end, insert: after.slice(from, after.length - end) }
}

/** A problem underlines the word or tag at its place. */
function diagnosticOf ({ doc }: EditorState, { line, column, severity, message, hint }: Problem): Diagnostic[] {
  if (line > doc.lines) return []
  const { from: start, text } = doc.line(line)
  const from = start + Math.min(column - 1, text.length)
  const length = /^<?[^\s<>]*/.exec(text.slice(column - 1))![0].length
  return [{
    from,
    to: from + Math.max(1, Math.min(length, text.length - column + 1)),
    severity: severity === 'hint' ? 'info' : severity,
    message: hint === undefined ? message : `${message} (${hint})`
  }]
}
