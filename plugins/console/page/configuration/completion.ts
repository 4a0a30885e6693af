import {
  insertCompletionText, pickedCompletion, type Completion, type CompletionContext, type CompletionResult
} from '@codemirror/autocomplete'
import { json, jsonLanguage } from '@codemirror/lang-json'
import { xml, type ElementSpec } from '@codemirror/lang-xml'
import type { Extension } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import type { ArtefactNames, AttributeWord, ElementWord } from '../../../../lib/definitions/vocabulary.js'
import { proposeInJson } from '../../model/json-proposals.js'
import type { Proposing } from './vocabulary-store.js'

/** A language with what may be written in it; without proposals while they are not known. */
export function languageOf (language: 'xml' | 'json' | 'text', proposing: Proposing | undefined): Extension {
  if (language === 'text') return []
  if (language === 'xml') return xml({ elements: proposing === undefined ? [] : elementsOf(proposing) })
  if (proposing === undefined) return json()
  return [json(), jsonLanguage.data.of({ autocomplete: (context: CompletionContext) => inJson(context, proposing) })]
}

function elementsOf ({ vocabulary: { elements }, names }: Proposing): ElementSpec[] {
  const artefacts = elements.find(({ name }) => name === 'definitions')?.children ?? []
  return elements.map(({ name, description, attributes, children, values }: ElementWord) => ({
    name,
    top: name === 'definitions' || artefacts.includes(name),
    children,
    textContent: values,
    completion: explained(description),
    attributes: attributes.map(each => ({
      name: each.name,
      values: valuesOf(each, names),
      completion: explained(each.description)
    }))
  }))
}

const valuesOf = ({ values, refersTo }: AttributeWord, names: ArtefactNames): Completion[] => [
  ...(refersTo === undefined ? [] : names[refersTo].map(label => ({ label, type: 'variable' }))),
  ...values.map(({ value, description }) => ({ label: value, type: 'constant', ...explained(description) }))
]

const explained = (description: string | undefined): { info?: string } =>
  description === undefined ? {} : { info: description }

/** The letters between the quotation marks are compared with names, and marks and letters are replaced together. */
function inJson (
  { state, pos, explicit }: CompletionContext,
  { vocabulary, names }: Proposing
): CompletionResult | null {
  const found = proposeInJson(state.doc.toString(), pos, vocabulary.schema, names)
  if (found === undefined || (found.from === pos && !explicit)) return null
  const { from, to, list } = found
  const isQuoted = state.sliceDoc(from, from + 1) === '"'
  const isClosed = isQuoted && to - from > 1 && state.sliceDoc(to - 1, to) === '"'
  return {
    from: isQuoted ? from + 1 : from,
    to: isClosed ? to - 1 : to,
    options: list.map(({ text, written, description }) => ({
      label: text.replace(/^"|"$/g, ''),
      apply: isQuoted ? inQuotes(written) : written,
      type: 'property',
      ...explained(description)
    })),
    validFor: isQuoted ? /^[^"\n]*$/ : /^[\w$.-]*$/
  }
}

/** Replaces the letters of a string together with its quotation marks; the closing one may be missing. */
const inQuotes = (written: string) => (view: EditorView, chosen: Completion, from: number, to: number): void => {
  const end = view.state.sliceDoc(to, to + 1) === '"' ? to + 1 : to
  view.dispatch({
    ...insertCompletionText(view.state, written, from - 1, end),
    annotations: pickedCompletion.of(chosen)
  })
}
