import type { Definitions } from '../model/model.js'
import { problemAt, type Problem, type SourceLocations } from '../model/problem.js'

type Category = 'sequences' | 'endpoints'
/** The kind that refers to an artefact of its category by `key`. */
const REFERENCE_KINDS: Readonly<Record<Category, string>> = { sequences: 'sequence', endpoints: 'reference' }
const NOUNS: Readonly<Record<Category, string>> = { sequences: 'sequence', endpoints: 'endpoint' }

/** The artefacts of one category by name, with the names of those that each contains by reference. */
type Graph = ReadonlyMap<string, readonly string[]>

/** Returns the names of all sequences, each behind those that it contains: so they can be built one by one. */
export const sequencesInOrder = (definitions: Definitions): readonly string[] =>
  walk(graphOf(definitions, 'sequences')).order

/**
 * Returns a problem for each sequence or endpoint that contains itself in any case, directly or through others. A
 * reference that a condition guards may end: messages that come round too often fail.
 */
export function circles (definitions: Definitions, locations: SourceLocations): readonly Problem[] {
  return (['sequences', 'endpoints'] as const).flatMap(category =>
    walk(graphOf(definitions, category, GUARDS)).circles.map(circle => {
      const [first = ''] = circle
      const value: unknown = definitions[category]?.[first]
      const location = typeof value === 'object' && value !== null ? locations.get(value) : undefined
      return problemAt(location, 'circular-reference',
        `the ${NOUNS[category]} "${first}" contains itself: ${circle.join(' → ')}`, 'remove one of these references')
    }))
}

/** Kinds whose mediators run for some messages only. */
const GUARDS: readonly string[] = ['filter', 'switch', 'conditionalRouter', 'router', 'iterate', 'foreach']

/** @param skipped kinds of mediators whose references do not count */
function graphOf (definitions: Definitions, category: Category, skipped: readonly string[] = []): Graph {
  const artefacts: Readonly<Record<string, unknown>> = definitions[category] ?? {}
  const kind = REFERENCE_KINDS[category]
  return new Map(Object.entries(artefacts).map(([name, artefact]) =>
    [name, referencesIn(artefact, kind, skipped).filter(key => Object.hasOwn(artefacts, key))]))
}

/** Returns the keys in a value, in order, without recursion. */
function referencesIn (value: unknown, kind: string, skipped: readonly string[]): string[] {
  const found = new Set<string>()
  const left: unknown[] = [value]
  while (left.length > 0) {
    const each = left.pop()
    if (typeof each !== 'object' || each === null) continue
    const { kind: own, key } = each as { kind?: unknown, key?: unknown }
    if (own === kind && typeof key === 'string') found.add(key)
    if (typeof own === 'string' && skipped.includes(own)) continue
    for (const inside of Object.values(each).reverse()) left.push(inside)
  }
  return [...found]
}

/** Depth first, without recursion. */
function walk (graph: Graph): { order: readonly string[], circles: readonly (readonly string[])[] } {
  const order: string[] = []
  const circles: string[][] = []
  const state = new Map<string, 'open' | 'done'>()
  for (const root of graph.keys()) {
    if (state.has(root)) continue
    const path: { readonly name: string, readonly left: Iterator<string> }[] = []
    const enter = (name: string): void => {
      state.set(name, 'open')
      path.push({ name, left: (graph.get(name) ?? [])[Symbol.iterator]() })
    }
    enter(root)
    while (path.length > 0) {
      const { name, left } = path.at(-1)!
      const next = left.next()
      if (next.done === true) {
        path.pop()
        state.set(name, 'done')
        order.push(name)
      } else if (state.get(next.value) === 'open') {
        const start = path.findIndex(each => each.name === next.value)
        circles.push([...path.slice(start).map(each => each.name), next.value])
      } else if (!state.has(next.value)) enter(next.value)
    }
  }
  return { order, circles }
}
