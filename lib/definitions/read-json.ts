import { getNodePath, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'
import { bracketDepth } from '../json/bracket-depth.js'
import { normalise } from '../xml/parse-xml.js'
import { didYouMean } from './closest-name.js'
import { problemAt, type ArtefactName, type Problem, type SourceLocations } from './problem.js'
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

const MAX_DEPTH = 200

export interface ReadJsonOptions {
  /** Whether problems name paths rather than lines: definitions that are an object have no text. Default: false */
  readonly paths?: boolean
}

/** Reads the model as JSON, with comments and trailing commas, into artefacts; each object gets its location. */
export function readJson (
  file: string,
  text: string,
  locations: SourceLocations,
  { paths = false }: ReadJsonOptions = {}
): Reading {
  const source = { file, text: normalise(text) }
  const failed = (...problem: Parameters<typeof problemAt>): Reading => ({
    artefacts: [],
    problems: [problemAt(...problem)]
  })
  if (bracketDepth(source.text) > MAX_DEPTH) {
    return failed({ source, offset: 0 }, 'malformed-json', `lists and objects are nested more than ${MAX_DEPTH} deep`)
  }
  const errors: ParseError[] = []
  const tree = parseTree(source.text, errors, { allowTrailingComma: true })
  if (errors.length > 0 || tree === undefined) {
    const { error = 4, offset = 0 } = errors[0] ?? {}
    const expected = printParseErrorCode(error)
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
    return failed(
      { source, offset, artefact: { category: 'none', name: file } },
      'malformed-json',
      `malformed JSON: ${expected}`
    )
  }
  if (tree.type !== 'object') {
    return failed(
      { source, offset: tree.offset },
      'malformed-json',
      'a configuration is an object',
      `with ${CATEGORIES.join(', ')}`
    )
  }

  let artefact: ArtefactName | undefined
  const locationOf = (node: Node) => ({ source, offset: node.offset, ...(paths && { path: pathOf(node) }) })
  const repeated: Problem[] = []
  const valueOf = (node: Node): unknown => {
    if (node.type === 'array') return located(node, (node.children ?? []).map(valueOf))
    if (node.type !== 'object') return node.value
    const key = repeatedKey(node)
    if (key !== undefined) {
      repeated.push(
        problemAt(
          { ...locationOf(key), artefact },
          'malformed-json',
          `the key "${key.value}" is repeated in one object`
        )
      )
    }
    const members = (node.children ?? []).map(({ children: [key, value] = [] }) => [
      key!.value,
      value && valueOf(value)
    ])
    return located(node, Object.fromEntries(members))
  }
  const located = <T extends object>(node: Node, value: T): T => {
    locations.set(value, { ...locationOf(node), artefact })
    return value
  }
  const artefacts: Artefact[] = []
  const problems = (tree.children ?? []).flatMap(({ children: [key, value] = [] }): Problem[] => {
    const name = String(key!.value)
    const location = locationOf(key!)
    if (name === '$schema') return []
    if (!CATEGORIES.includes(name)) {
      const hint = didYouMean(name, CATEGORIES) ?? `known: ${CATEGORIES.join(', ')}`
      return [problemAt(location, 'unknown-property', `unknown property "${name}"`, hint)]
    }
    if (value?.type !== 'object') {
      return [problemAt(location, 'invalid-value', `"${name}" must be an object: its parts by their names`)]
    }
    for (const { children: [partName, part] = [] } of value.children ?? []) {
      if (!SETTINGS.includes(name) && typeof part?.value !== 'undefined') {
        const found = JSON.stringify(part.value)
        return [
          problemAt(locationOf(part), 'invalid-value', `invalid value ${found} for "${partName!.value}" at ${name}`)
        ]
      }
      artefact = { category: name as Artefact['category'], name: partName!.value }
      artefacts.push({ ...artefact, value: part && (valueOf(part) as object) } as Artefact)
    }
    return []
  })
  return { artefacts, problems: [...repeated, ...problems] }
}

/** The path of a node, as it would be written in code. */
const pathOf = (node: Node): string =>
  getNodePath(node).reduce<string>(
    (path, part) => (typeof part === 'number' ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`),
    ''
  )

/** Returns the first key of an object that an earlier member has, too. */
function repeatedKey ({ children = [] }: Node): Node | undefined {
  const keys = children.map(({ children: [key] = [] }) => key!)
  const seen = new Set<unknown>()
  return keys.find(({ value }) => seen.size === seen.add(value).size)
}
