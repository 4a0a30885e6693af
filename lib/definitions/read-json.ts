import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'
import { normalise } from '../xml/element.js'
import { problemAt, type ArtefactName, type SourceLocations } from './problem.js'
import type { Artefact, Reading } from './read-xml.js'

const CATEGORIES: readonly string[] = ['proxies', 'sequences', 'endpoints', 'localEntries', 'templates', 'defaults'] satisfies Artefact['category'][]

const MAX_DEPTH = 200

/** How deep brackets are nested, those in texts included: an upper bound. */
function depthOf (text: string): number {
  let [depth, deepest] = [0, 0]
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) deepest = Math.max(deepest, depth += bracket === '[' || bracket === '{' ? 1 : -1)
  return deepest
}

/** The model as JSON (comments and trailing commas allowed) as artefacts, each object with its place. */
export function readJson (file: string, text: string, origins: SourceLocations): Reading {
  const source = { file, text: normalise(text) }
  const errors: ParseError[] = []
  if (depthOf(source.text) > MAX_DEPTH) return { artefacts: [], problems: [problemAt({ source, offset: 0 }, `lists and objects are nested more than ${MAX_DEPTH} deep`)] }
  const tree = parseTree(source.text, errors, { allowTrailingComma: true })
  if (errors.length > 0 || tree === undefined) {
    const { error = 4, offset = 0 } = errors[0] ?? {}
    return { artefacts: [], problems: [problemAt({ source, offset, artefact: { category: 'none', name: file } }, `this is no JSON: ${printParseErrorCode(error).replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()}`)] }
  }
  let artefact: ArtefactName | undefined
  const valueOf = (node: Node): unknown => {
    if (node.type === 'array') return placed(node, (node.children ?? []).map(valueOf))
    if (node.type === 'object') return placed(node, Object.fromEntries((node.children ?? []).map(({ children: [key, value] = [] }) => [key!.value, value && valueOf(value)])))
    return node.value
  }
  const placed = <T extends object>(node: Node, value: T): T => {
    origins.set(value, { source, offset: node.offset, artefact })
    return value
  }
  if (tree.type !== 'object') return { artefacts: [], problems: [problemAt({ source, offset: tree.offset }, 'a configuration is an object', `with ${CATEGORIES.join(', ')}`)] }

  const artefacts: Artefact[] = []
  const problems = (tree.children ?? []).flatMap(({ children: [key, value] = [] }) => {
    if (key!.value === '$schema') return []
    if (!CATEGORIES.includes(key!.value)) return [problemAt({ source, offset: key!.offset }, `"${key!.value}" means nothing here`, `these do: ${CATEGORIES.join(', ')}`)]
    if (value?.type !== 'object') return [problemAt({ source, offset: key!.offset }, `"${key!.value}" is an object: its parts by their names`)]
    for (const { children: [name, part] = [] } of value.children ?? []) {
      artefact = { category: key!.value, name: name!.value }
      artefacts.push({ category: key!.value, name: name!.value, value: part && valueOf(part) as object } as Artefact)
    }
    return []
  })
  return { artefacts, problems }
}
