import { findNodeAtLocation, getLocation, parseTree, type Node, type Segment } from 'jsonc-parser'
import type { Schema } from '../../../lib/definitions/schema.js'
import type { ArtefactNames, Category } from '../../../lib/definitions/vocabulary.js'

/** One text that an editor proposes. */
export interface Proposal {
  /** With its quotation marks. */
  readonly text: string
  /** What is written: a key with its colon. */
  readonly written: string
  readonly description?: string
}

/** What may replace the text from `from` to `to`. */
export interface Proposals {
  readonly from: number
  readonly to: number
  readonly list: readonly Proposal[]
}

/** Properties whose values name an artefact; of `key`, by the kind beside it. */
const REFERENCES: Readonly<Record<string, Category>> = {
  onError: 'sequences', receive: 'sequences', sequence: 'sequences', target: 'sequences', template: 'templates'
}
const KEYS: Readonly<Record<string, Category>> = { reference: 'endpoints', sequence: 'sequences' }

/**
 * Keys and values that the schema of a configuration allows at an offset of a JSON text, which may be unfinished.
 * @returns undefined if nothing is known there
 */
export function proposeInJson (
  text: string,
  offset: number,
  schema: Schema,
  names: ArtefactNames
): Proposals | undefined {
  const { path, isAtPropertyKey } = getLocation(text, offset)
  const tree = parseTree(text, [], { allowTrailingComma: true })
  const { from, to } = tokenAt(text, offset)
  const finder = new SchemaFinder(schema, tree)
  const list = isAtPropertyKey
    ? keysOf(finder, path.slice(0, -1), text.slice(from, to), /^\s*:/.test(text.slice(to)))
    : valuesOf(finder, path, names)
  return list.length === 0 ? undefined : { from, to, list }
}

/** The string or word at an offset; empty where there is none. A string ends with its line at the latest. */
function tokenAt (text: string, offset: number): { from: number, to: number } {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const end = text.indexOf('\n', offset)
  const line = text.slice(start, end < 0 ? undefined : end)
  for (const { index, 0: token } of line.matchAll(/"(?:[^"\\]|\\.)*"?|[\w$.-]+/g)) {
    const [from, to] = [start + index, start + index + token.length]
    const isInside = token.startsWith('"') ? from < offset && (offset < to || !token.endsWith('"')) : offset <= to
    if (from <= offset && isInside) return { from, to: token.endsWith('"') || !token.startsWith('"') ? to : offset }
  }
  return { from: offset, to: offset }
}

class SchemaFinder {
  readonly #root: Schema
  readonly #tree: Node | undefined

  constructor (root: Schema, tree: Node | undefined) {
    this.#root = root
    this.#tree = tree
  }

  nodeAt (path: readonly Segment[]): Node | undefined {
    return this.#tree && findNodeAtLocation(this.#tree, [...path])
  }

  /** The schemas that a value may have. @param ignoresKind whether its kind is about to be changed */
  at (path: readonly Segment[], ignoresKind = false): readonly Schema[] {
    let schemas: readonly Schema[] = [this.#root]
    for (const [depth, segment] of path.entries()) {
      const node = this.nodeAt(path.slice(0, depth))
      schemas = schemas.flatMap(each => this.#alternatives(each, node)).flatMap(each => below(each, segment))
    }
    const node = ignoresKind ? undefined : this.nodeAt(path)
    return schemas.flatMap(each => this.#alternatives(each, node))
  }

  /** A schema without references and unions; only those of the type and kind that the value has already. */
  #alternatives (schema: Schema, node: Node | undefined): readonly Schema[] {
    if (schema.$ref !== undefined) {
      const referred = this.#root.$defs?.[schema.$ref.split('/').at(-1)!]
      return referred === undefined ? [] : this.#alternatives({ ...referred, ...descriptionOf(schema) }, node)
    }
    if (schema.anyOf !== undefined) {
      return schema.anyOf.flatMap(each => this.#alternatives({ ...descriptionOf(schema), ...each }, node))
    }
    return fits(schema, node) ? [schema] : []
  }
}

const descriptionOf = ({ description }: Schema): Pick<Schema, 'description'> =>
  description === undefined ? {} : { description }

function fits ({ type, properties }: Schema, node: Node | undefined): boolean {
  if (node?.type === 'array') return type === 'array'
  if (node?.type !== 'object') return true
  const kind: unknown = findNodeAtLocation(node, ['kind'])?.value
  const known = properties?.['kind']?.const
  return type === 'object' && (kind === undefined || known === undefined || kind === known)
}

function below ({ items, properties, patternProperties }: Schema, segment: Segment): readonly Schema[] {
  if (typeof segment === 'number') return items === undefined ? [] : [items]
  const found = properties?.[segment] ?? Object.values(patternProperties ?? {})[0]
  return found === undefined ? [] : [found]
}

/** Keys that the object does not have yet. Where kinds differ in their keys, the kind comes first. */
function keysOf (finder: SchemaFinder, path: readonly Segment[], typed: string, hasColon: boolean): Proposal[] {
  const schemas = finder.at(path)
  const present = new Set(finder.nodeAt(path)?.children?.map(({ children }) => String(children?.[0]?.value)))
  present.delete(typed.replace(/^"|"$/g, ''))
  const isUndecided = schemas.filter(({ properties }) => properties?.['kind'] !== undefined).length > 1
  const keys = new Map<string, Schema>()
  for (const { properties = {} } of schemas) {
    for (const [key, schema] of Object.entries(properties)) {
      if (!present.has(key) && !keys.has(key) && (!isUndecided || key === 'kind')) keys.set(key, schema)
    }
  }
  return [...keys].map(([key, { description }]) => ({
    text: JSON.stringify(key),
    written: JSON.stringify(key) + (hasColon ? '' : ': '),
    ...(description !== undefined && { description })
  }))
}

function valuesOf (finder: SchemaFinder, path: readonly Segment[], names: ArtefactNames): Proposal[] {
  const [key, owner] = [path.at(-1), path.slice(0, -1)]
  const values = new Map<string, string | undefined>()
  if (key === 'kind') {
    for (const { properties, description } of finder.at(owner, true)) {
      const kind = properties?.['kind']?.const
      if (typeof kind === 'string') values.set(JSON.stringify(kind), description)
    }
  } else {
    for (const { type, const: only, description } of finder.at(path)) {
      if (only !== undefined) values.set(JSON.stringify(only), description)
      else if (type === 'boolean') for (const each of ['true', 'false']) values.set(each, description)
    }
    for (const name of referredNames(finder, key, owner, names)) values.set(JSON.stringify(name), undefined)
  }
  return [...values].map(([text, description]) => ({
    text,
    written: text,
    ...(description !== undefined && { description })
  }))
}

function referredNames (
  finder: SchemaFinder,
  key: Segment | undefined,
  owner: readonly Segment[],
  names: ArtefactNames
): readonly string[] {
  const kind: unknown = finder.nodeAt([...owner, 'kind'])?.value
  const category = key === 'key' ? (KEYS[String(kind)] ?? 'localEntries') : REFERENCES[String(key)]
  return category === undefined || finder.at([...owner, key!]).length === 0 ? [] : names[category]
}
