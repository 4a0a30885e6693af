import { omitUndefined } from '../contracts/fields.js'
import type { AnyKind, Kinds } from '../contracts/kind.js'
import { readPositionedTree, type PositionedElement } from '../xml/positioned-tree.js'
import { completeExample, definitionsExample } from './complete-example.js'
import { modelOf, type Definitions } from './model/model.js'
import { jsonSchema, type Fields, type Schema } from './schema.js'
import { writeArtefact, writeXml } from './write-xml.js'

/** A category of artefacts that others name. */
export type Category = 'endpoints' | 'sequences' | 'templates' | 'localEntries'
/** The names of the artefacts of a configuration. */
export type ArtefactNames = Readonly<Record<Category, readonly string[]>>

export interface ValueWord {
  readonly value: string
  readonly description?: string
}

export interface AttributeWord {
  readonly name: string
  readonly description?: string
  readonly values: readonly ValueWord[]
  /** What the value names. */
  readonly refersTo?: Category
}

export interface ElementWord {
  readonly name: string
  readonly description?: string
  readonly attributes: readonly AttributeWord[]
  /** Names of elements. */
  readonly children: readonly string[]
  /** Texts that it may have. */
  readonly values: readonly string[]
}

/** What an editor proposes while a configuration is written: by element in XML, and as a JSON Schema. */
export interface Vocabulary {
  readonly elements: readonly ElementWord[]
  readonly schema: Schema
}

/** The names of the artefacts that others may name. */
export const namesIn = (definitions: Definitions): ArtefactNames => ({
  endpoints: Object.keys(definitions.endpoints ?? {}),
  sequences: Object.keys(definitions.sequences ?? {}),
  templates: Object.keys(definitions.templates ?? {}),
  localEntries: Object.keys(definitions.localEntries ?? {})
})

/** The names of several configurations, each once. */
export function mergedNames (all: readonly ArtefactNames[]): ArtefactNames {
  const named = (category: Category): string[] => [...new Set(all.flatMap(each => each[category]))]
  return {
    endpoints: named('endpoints'),
    sequences: named('sequences'),
    templates: named('templates'),
    localEntries: named('localEntries')
  }
}

/** The vocabulary of configurations with these kinds, from their fields and from the XML that they write. */
export function vocabularyOf (kinds: Kinds): Vocabulary {
  const schema = jsonSchema(modelOf(kinds).Import('Definitions'))
  return { elements: new ElementWords(kinds).list(schema), schema }
}

const ENDPOINT = 'A destination: an address or a group; `key` names one that is defined elsewhere.'
/** Sentences of elements that no kind has, or that several have with different ones. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  definitions: 'A whole configuration: proxies, endpoints, sequences and what they need.',
  proxy: 'A service at `/services/NAME`.',
  api: 'A REST API: resources below one path.',
  resource: 'Requests of an API by method and pattern; of a WSDL, a document that it imports.',
  target: 'What a proxy does with messages; of a mediator, where its result goes.',
  inSequence: 'Mediators for requests.',
  outSequence: 'Mediators for responses.',
  faultSequence: 'Mediators for failures.',
  endpoint: ENDPOINT,
  sequence: 'Mediators in order, by name; `key` runs one that is defined elsewhere.',
  template: 'An endpoint or a sequence with parameters.',
  localEntry: 'A text, or the address of one, for WSDLs and expressions.',
  publishWSDL: 'The WSDL that a proxy publishes at `?wsdl`.',
  parameter: 'A parameter of a proxy, a template or a registry.'
}

/** Attributes that name an artefact, whatever their element is. */
const REFERENCES: Readonly<Record<string, Category>> = {
  endpoint: 'endpoints',
  configKey: 'localEntries',
  inSequence: 'sequences',
  outSequence: 'sequences',
  faultSequence: 'sequences',
  onError: 'sequences',
  receive: 'sequences',
  sequence: 'sequences',
  template: 'templates'
}
/** What `key` names, by element; elsewhere a local entry. */
const KEYS: Readonly<Record<string, Category>> = { endpoint: 'endpoints', sequence: 'sequences' }
/** Attributes in place of children, which no example shows beside these. */
const ATTRIBUTES_FOR_CHILDREN: Readonly<Record<string, readonly string[]>> = {
  target: ['inSequence', 'outSequence', 'faultSequence', 'sequence'],
  resource: ['inSequence', 'outSequence', 'faultSequence'],
  sequence: ['onError'],
  inSequence: ['onError'],
  outSequence: ['onError'],
  then: ['sequence'],
  else: ['sequence'],
  onComplete: ['sequence']
}

interface AttributeDraft {
  description: string | undefined
  readonly values: Map<string, string | undefined>
}

interface ElementDraft {
  description: string | undefined
  readonly attributes: Map<string, AttributeDraft>
  readonly children: Set<string>
  readonly values: Set<string>
  holdsMediators: boolean
}

/** What examples with every field at once show of each element. The same name in several places is one element. */
class ElementWords {
  readonly #kinds: Kinds
  readonly #words = new Map<string, ElementDraft>()
  readonly #mediators = new Set<string>()

  constructor (kinds: Kinds) {
    this.#kinds = kinds
  }

  list (schema: Schema): ElementWord[] {
    this.#read(writeXml(definitionsExample(schema)), undefined, {})
    for (const kind of this.#kinds.mediators) {
      for (const root of this.#readKind('mediators', kind)) this.#mediators.add(root)
    }
    for (const kind of this.#kinds.endpoints) this.#readKind('endpoints', kind)
    for (const kind of this.#kinds.sessions) {
      this.#readKind('sessions', kind)
      this.#attribute('session', 'type').values.set(kind.name, kind.description)
    }
    for (const kind of this.#kinds.algorithms) this.#readAlgorithm(kind)
    for (const [element, attributes] of Object.entries(ATTRIBUTES_FOR_CHILDREN)) {
      for (const each of attributes) if (this.#words.has(element)) this.#attribute(element, each)
    }
    return [...this.#words].map(([name, word]) => this.#finished(name, word))
  }

  #finished (name: string, { description, attributes, children, values, holdsMediators }: ElementDraft): ElementWord {
    return omitUndefined({
      name,
      description,
      attributes: [...attributes].map(([attribute, each]) => {
        const refersTo = attribute === 'key' ? (KEYS[name] ?? 'localEntries') : REFERENCES[attribute]
        return omitUndefined({
          name: attribute,
          description: each.description,
          values: [...each.values].map(([value, description]) => omitUndefined({ value, description })),
          refersTo
        })
      }),
      children: [...new Set([...children, ...(holdsMediators ? this.#mediators : [])])],
      values: [...values]
    })
  }

  /** @returns the names of its element */
  #readKind (family: 'mediators' | 'endpoints' | 'sessions', kind: AnyKind): readonly string[] {
    const { name, description, fields } = kind
    const ofRoot = family === 'mediators' ? description : undefined
    const markup = exampleOf(family, kind, this.#kinds)
    if (markup !== undefined) return this.#read(markup, ofRoot, fields, kind)
    // A kind of the app that cannot be written: its fields are its attributes.
    this.#word(name, description)
    for (const [field, schema] of Object.entries(fields)) {
      this.#attribute(name, field).description = descriptionOf(schema)
    }
    if (family === 'endpoints') this.#word('endpoint', undefined).children.add(name)
    return [name]
  }

  #readAlgorithm (kind: AnyKind): void {
    const name = kind.aliases?.find(alias => alias.includes('.')) ?? kind.name
    for (const group of ['loadbalance', 'dynamicLoadbalance']) {
      this.#attribute(group, 'algorithm').values.set(name, kind.description)
    }
  }

  /** @returns the names of the root */
  #read (markup: string, description: string | undefined, fields: Fields, kind?: AnyKind): readonly string[] {
    const tree = readPositionedTree(Buffer.from(markup.replace(TAG, tag => tag.replaceAll('|', OR))))
    if (!('root' in tree)) return []
    this.#add(tree.root, description, fields, kind)
    return namesOf(tree.root)
  }

  #add (element: PositionedElement, description: string | undefined, fields: Fields, kind: AnyKind | undefined): void {
    for (const name of namesOf(element)) this.#addAs(name, element, description, fields, kind)
  }

  #addAs (
    own: string,
    element: PositionedElement,
    description: string | undefined,
    fields: Fields,
    kind: AnyKind | undefined
  ): void {
    const word = this.#word(own, description)
    for (const { name, prefix, declaration, value } of element.attributes) {
      if (declaration || prefix !== '') continue
      const attribute = this.#attribute(own, name)
      attribute.description ??= descriptionOf(fieldNamed(fields, name))
      for (const each of valuesIn(value)) if (!attribute.values.has(each)) attribute.values.set(each, undefined)
    }
    if (element.children.length === 0) for (const each of valuesIn(element.text)) word.values.add(each)
    for (const child of element.children) {
      if (child.name === MEDIATOR) word.holdsMediators = true
      else if (child.name !== ANY) this.#addChild(word, child, fields, kind)
    }
  }

  #addChild (word: ElementDraft, child: PositionedElement, fields: Fields, kind: AnyKind | undefined): void {
    for (const name of namesOf(child)) word.children.add(name)
    if (child.name === kind?.name) this.#add(child, kind.description, fields, undefined)
    else {
      const field = fieldNamed(fields, child.name) ?? {}
      this.#add(child, descriptionOf(field), fieldsOf(field), undefined)
    }
  }

  #word (name: string, description: string | undefined): ElementDraft {
    const word = this.#words.get(name) ?? {
      description: DESCRIPTIONS[name],
      attributes: new Map(),
      children: new Set(),
      values: new Set(),
      holdsMediators: false
    }
    this.#words.set(name, word)
    word.description ??= description
    return word
  }

  #attribute (element: string, name: string) {
    const { attributes } = this.#word(element, undefined)
    const attribute: AttributeDraft = attributes.get(name) ?? { description: undefined, values: new Map() }
    attributes.set(name, attribute)
    return attribute
  }
}

/** Examples show an element with several names as `<http.get|post>`, which is no markup. */
const TAG = /<\/?[\w.|-]+/g
const OR = '\u00b7'

/** The names of an element: `http.get|post` is `http.get` or `http.post`. */
function namesOf ({ name }: PositionedElement): readonly string[] {
  const [first = '', ...others] = name.split(OR)
  const [prefix] = /^(?:.*\.)?/.exec(first)!
  return [first, ...others.map(each => prefix + each)]
}

/** The elements that stand for any mediator, and for any XML, in examples. */
const MEDIATOR = 'drop'
const ANY = 'any'

/** Undefined for a kind of the app that cannot be written. */
function exampleOf (family: keyof Kinds, kind: AnyKind, kinds: Kinds): string | undefined {
  try {
    return writeArtefact(family, { kind: kind.name, ...completeExample(kind.fields) }, kinds)
  } catch {
    return undefined
  }
}

const descriptionOf = (schema: Schema | undefined): string | undefined => schema?.description

/** The fields of an object, of the items of a list, or of all alternatives. */
function fieldsOf ({ properties, items, anyOf }: Schema): Fields {
  if (items !== undefined) return fieldsOf(items)
  return anyOf === undefined ? (properties ?? {}) : Object.assign({}, ...anyOf.map(fieldsOf))
}

/** The field of an element or attribute: `uri-template` is `uriTemplate`, each `property` one of `properties`. */
function fieldNamed (fields: Fields, name: string): Schema | undefined {
  const camel = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return fields[camel] ?? fields[`${camel}s`] ?? fields[camel.replace(/y$/, 'ies')]
}

/** The values that an example shows: `true|false`. `n` is any number, `p` any prefix, `…` any text. */
const valuesIn = (text: string): string[] =>
  text.split('|').filter(each => /^[\w.-]{2,}$/.test(each))
