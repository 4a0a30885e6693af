import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { json, jsonLanguage } from '@codemirror/lang-json'
import { xml, type ElementSpec } from '@codemirror/lang-xml'
import type { Extension } from '@codemirror/state'
import type { ArtefactNames, AttributeWord, ElementWord } from '../../../lib/definitions/vocabulary.js'
import { proposeInJson } from '../model/json-proposals.js'
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
  return elements.map(({ name, about, attributes, children, values }: ElementWord) => ({
    name,
    top: name === 'definitions' || artefacts.includes(name),
    children,
    textContent: values,
    completion: explained(about),
    attributes: attributes.map(each => ({
      name: each.name,
      values: valuesOf(each, names),
      completion: explained(each.about)
    }))
  }))
}

const valuesOf = ({ values, refersTo }: AttributeWord, names: ArtefactNames): Completion[] => [
  ...(refersTo === undefined ? [] : names[refersTo].map(label => ({ label, type: 'variable' }))),
  ...values.map(({ value, about }) => ({ label: value, type: 'constant', ...explained(about) }))
]

const explained = (about: string | undefined): { info?: string } => (about === undefined ? {} : { info: about })

function inJson (
  { state, pos, explicit }: CompletionContext,
  { vocabulary, names }: Proposing
): CompletionResult | null {
  const found = proposeInJson(state.doc.toString(), pos, vocabulary.schema, names)
  if (found === undefined || (found.from === pos && !explicit)) return null
  const { from, to, list } = found
  return {
    from,
    to,
    options: list.map(({ text, written, about }) => ({
      label: text, displayLabel: text.replace(/^"|"$/g, ''), apply: written, type: 'property', ...explained(about)
    })),
    validFor: /^"?[^"\n]*"?$/
  }
}
