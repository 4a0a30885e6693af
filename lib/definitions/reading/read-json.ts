import { getNodePath, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'
import { isDeeperThan, MAX_JSON_DEPTH, TooDeep } from '../../json/json-depth.js'
import { normalise } from '../../xml/parse-xml.js'
import type { Sliced } from '../../slices/sliced-work.js'
import { didYouMean } from '../model/closest-name.js'
import { partsOf, type JsonCategory, type JsonMember, type JsonPart } from './json-parts.js'
import { problemAt, type ArtefactName, type Problem, type SourceLocations, type SourceText } from '../model/problem.js'
import { ADVICE_FOR_REGEX, wrongJsonSetting } from '../model/json-settings.js'
import type { Artefact, Reading } from './read-xml.js'

const CATEGORIES: readonly string[] = [
  'proxies',
  'apis',
  'sequences',
  'endpoints',
  'localEntries',
  'templates',
  'defaults',
  'json',
  'registry'
] satisfies Artefact['category'][]

/** Categories whose parts are settings, and no objects. */
const SETTINGS: readonly string[] = ['defaults', 'json', 'registry'] satisfies Artefact['category'][]

export interface ReadJsonOptions {
  /** Whether problems name paths rather than lines: definitions that are an object have no text. Default: false */
  readonly paths?: boolean
}

/**
 * Reads the model as JSON, with comments and trailing commas, into artefacts, one artefact a slice; each object gets
 * its location.
 */
export function * readJson (
  file: string,
  text: string,
  locations: SourceLocations,
  { paths = false }: ReadJsonOptions = {}
): Sliced<Reading> {
  const source = { file, text: normalise(text) }
  try {
    const categories = yield * partsOf(source.text, MAX_JSON_DEPTH)
    if (categories === undefined) return { artefacts: [], problems: [whyUnreadable(source)] }
    return yield * new JsonReader(source, locations, paths).read(categories)
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error
    const reason = `lists and objects are nested more than ${MAX_JSON_DEPTH} deep`
    return { artefacts: [], problems: [problemAt({ source, offset: 0 }, 'malformed-json', reason)] }
  }
}

/** What is wrong with a text that has no parts. @throws TooDeep */
function whyUnreadable (source: SourceText): Problem {
  if (isDeeperThan(source.text, MAX_JSON_DEPTH)) throw new TooDeep()
  const errors: ParseError[] = []
  const tree = parseTree(source.text, errors, { allowTrailingComma: true })
  if (errors.length > 0 || tree === undefined) return malformed(source, errors[0])
  const advice = `with ${CATEGORIES.join(', ')}`
  return problemAt({ source, offset: tree.offset }, 'malformed-json', 'a configuration is an object', advice)
}

/** @param base where the text that was parsed begins */
function malformed (source: SourceText, { error, offset }: Partial<ParseError> = {}, base = 0): Problem {
  const expected = printParseErrorCode(error ?? 4)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  const location = { source, offset: base + (offset ?? 0), artefact: { category: 'none', name: source.file } } as const
  return problemAt(location, 'malformed-json', `malformed JSON: ${expected}`)
}

class JsonReader {
  readonly #source: SourceText
  readonly #locations: SourceLocations
  readonly #paths: boolean
  readonly #artefacts: Artefact[] = []
  /** Problems inside of parts that are read all the same: repeated keys, invalid settings. */
  readonly #inside: Problem[] = []

  constructor (source: SourceText, locations: SourceLocations, paths: boolean) {
    this.#source = source
    this.#locations = locations
    this.#paths = paths
  }

  * read (categories: readonly JsonMember<JsonCategory>[]): Sliced<Reading> {
    const problems: Problem[] = []
    for (const category of categories) {
      const problem = yield * this.#category(category)
      // Nothing of a malformed document is read.
      if (problem?.code === 'malformed-json') return { artefacts: [], problems: [problem] }
      if (problem !== undefined) problems.push(problem)
    }
    return { artefacts: this.#artefacts, problems: [...this.#inside, ...problems] }
  }

  * #category ({ key, keyOffset, offset, end, parts }: JsonMember<JsonCategory>): Sliced<Problem | undefined> {
    if (parts === undefined) {
      const [, wrong] = this.#tree({ offset, end })
      if (wrong !== undefined) return wrong
    }
    const location = { source: this.#source, offset: keyOffset, ...(this.#paths && { path: key }) }
    if (key === '$schema') return undefined
    if (!CATEGORIES.includes(key)) {
      const hint = didYouMean(key, CATEGORIES) ?? `known: ${CATEGORIES.join(', ')}`
      return problemAt(location, 'unknown-property', `unknown property "${key}"`, hint)
    }
    if (parts === undefined) {
      return problemAt(location, 'invalid-value', `"${key}" must be an object: its parts by their names`)
    }
    for (const part of parts) {
      const problem = this.#part(key as Artefact['category'], part)
      if (problem !== undefined) return problem
      yield
    }
    return undefined
  }

  #part (category: Artefact['category'], { key: name, ...part }: JsonMember<JsonPart>): Problem | undefined {
    const [node, wrong] = this.#tree(part)
    if (node === undefined) return wrong
    const reading: PartReading = { artefact: { category, name }, base: part.offset }
    if (!SETTINGS.includes(category) && typeof node.value !== 'undefined') {
      const message = `invalid value ${JSON.stringify(node.value)} for "${name}" at ${category}`
      return problemAt({ ...this.#locationOf(node, reading), artefact: undefined }, 'invalid-value', message)
    }
    const reason = category === 'json' ? wrongJsonSetting(name, node.value) : undefined
    if (reason !== undefined) {
      const location = this.#locationOf(node, reading)
      this.#inside.push(problemAt(location, 'invalid-value', `json.${name}: ${reason}`, ADVICE_FOR_REGEX))
      return undefined
    }
    this.#artefacts.push({ category, name, value: this.#valueOf(node, reading) as Artefact['value'] })
    return undefined
  }

  /** Parses one part of the text. */
  #tree ({ offset, end }: JsonPart): [Node, undefined] | [undefined, Problem] {
    const errors: ParseError[] = []
    const tree = parseTree(this.#source.text.slice(offset, end), errors, { allowTrailingComma: true })
    return errors.length > 0 || tree === undefined
      ? [undefined, malformed(this.#source, errors[0], offset)]
      : [tree, undefined]
  }

  #valueOf (node: Node, reading: PartReading): unknown {
    if (node.type === 'array') {
      return this.#located(node, reading, (node.children ?? []).map(each => this.#valueOf(each, reading)))
    }
    if (node.type !== 'object') return node.value
    const key = repeatedKey(node)
    if (key !== undefined) {
      const message = `the key "${key.value}" is repeated in one object`
      this.#inside.push(problemAt(this.#locationOf(key, reading), 'malformed-json', message))
    }
    const members = (node.children ?? []).map(({ children: [key, value] = [] }) => [
      key!.value,
      value && this.#valueOf(value, reading)
    ])
    return this.#located(node, reading, Object.fromEntries(members))
  }

  #located<T extends object>(node: Node, reading: PartReading, value: T): T {
    this.#locations.set(value, this.#locationOf(node, reading))
    return value
  }

  #locationOf (node: Node, { artefact, base }: PartReading) {
    const path = this.#paths ? { path: pathOf([artefact.category, artefact.name, ...getNodePath(node)]) } : {}
    return { source: this.#source, offset: base + node.offset, artefact, ...path }
  }
}

/** What an artefact is read for, and where its text begins. */
interface PartReading {
  readonly artefact: ArtefactName
  readonly base: number
}

/** A path as it would be written in code. */
const pathOf = (path: readonly (string | number)[]): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    ''
  )

/** Returns the first key of an object that an earlier member has, too. */
function repeatedKey ({ children = [] }: Node): Node | undefined {
  const keys = children.map(({ children: [key] = [] }) => key!)
  const seen = new Set<unknown>()
  return keys.find(({ value }) => seen.size === seen.add(value).size)
}
