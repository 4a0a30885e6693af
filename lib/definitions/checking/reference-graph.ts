import { CATEGORY_NOUNS } from '../model/category-nouns.js'
import type { Sliced } from '../../slices/sliced-work.js'
import type { Definitions } from '../model/model.js'

/** The categories of parts that others refer to. */
export type PartCategory = 'sequences' | 'endpoints' | 'templates'

/** How a part refers to another one: the kind of the reference, and the field that has the name. */
interface ReferenceForm {
  readonly to: PartCategory
  /** Undefined: any object. */
  readonly kind?: string
  readonly field: string
}

/** References by which a part contains another one. */
const CONTAINING: readonly ReferenceForm[] = [
  { to: 'sequences', kind: 'sequence', field: 'key' },
  { to: 'sequences', kind: 'call-template', field: 'target' },
  { to: 'endpoints', kind: 'reference', field: 'key' },
  { to: 'templates', kind: 'template', field: 'template' }
]

/** All references: also those by which a part hands over a failed message, or a response. */
const ALL: readonly ReferenceForm[] = [
  ...CONTAINING,
  { to: 'sequences', kind: 'send', field: 'receive' },
  { to: 'sequences', field: 'onError' }
]

/** Kinds whose mediators run for some messages only. */
const GUARDS: readonly string[] = ['filter', 'switch', 'conditionalRouter', 'router', 'iterate', 'foreach']

/** Kinds inside of which a message needs no deeper stack: their mediators run in the flow around them. */
const WITHOUT_STACK: readonly string[] = [
  'sequence', 'call-template', 'filter', 'switch', 'in', 'out', 'propertyGroup', 'send', 'reference'
]

/** The parts that one part contains, by the levels of the stack that a message needs on its way there. */
interface Contents {
  /** By node. */
  readonly references: ReadonlyMap<string, number>
  /** The levels inside of the part itself. */
  readonly levels: number
}

/** What each part contains, by its node: category and name. */
export type Graph = ReadonlyMap<string, Contents>

export const nodeOf = (category: string, name: string): string => `${category} ${name}`
export const categoryOf = (node: string): string => node.slice(0, node.indexOf(' '))
export const nameOf = (node: string): string => node.slice(node.indexOf(' ') + 1)

/** What a part is called in problems. A template of sequences is a sequence with parameters. */
export const nounOf = (category: string, part: unknown): string | undefined =>
  (CATEGORY_NOUNS as Readonly<Record<string, string>>)[
    typeof part === 'object' && part !== null && 'parameters' in part ? 'templates' : category
  ]

/** Returns the parts that contain another part in any case: what a condition guards may end. */
export const containment = (definitions: Definitions, category: PartCategory): Graph =>
  new Map(partsOf(definitions, category).map(([name, part]) =>
    [nodeOf(category, name), contentsOf(part, definitions, CONTAINING.filter(({ to }) => to === category), GUARDS)]))

/** Returns which sequences and endpoints refer to which, in any way, one artefact a slice. */
export function * references (definitions: Definitions): Sliced<Graph> {
  const graph = new Map<string, Contents>()
  for (const category of ['sequences', 'endpoints', 'proxies', 'apis'] as const) {
    for (const [name, part] of partsOf(definitions, category)) {
      graph.set(nodeOf(category, name), contentsOf(part, definitions, ALL, []))
      yield
    }
  }
  return graph
}

const partsOf = (
  definitions: Definitions, category: PartCategory | 'proxies' | 'apis'
): [string, unknown][] =>
  Object.entries<unknown>(definitions[category] ?? {})

/**
 * Returns what a part refers to, in order, without recursion.
 * @param skipped kinds of mediators whose references do not count
 */
function contentsOf (
  part: unknown, definitions: Definitions, forms: readonly ReferenceForm[], skipped: readonly string[]
): Contents {
  const references = new Map<string, number>()
  let deepest = 0
  const left: [value: unknown, levels: number][] = [[part, 0]]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [value, around] = next
    if (typeof value !== 'object' || value === null) continue
    const { kind } = value as { kind?: unknown }
    const levels = around + (typeof kind === 'string' && !WITHOUT_STACK.includes(kind) ? 1 : 0)
    deepest = Math.max(deepest, levels)
    for (const form of forms) {
      const name = (value as Record<string, unknown>)[form.field]
      if ((form.kind !== undefined && form.kind !== kind) || typeof name !== 'string') continue
      if (!Object.hasOwn(definitions[form.to] ?? {}, name)) continue
      const node = nodeOf(form.to, name)
      references.set(node, Math.max(levels, references.get(node) ?? 0))
    }
    if (typeof kind === 'string' && skipped.includes(kind)) continue
    for (const inside of Object.values(value).reverse()) left.push([inside, levels])
  }
  return { references, levels: deepest }
}

/** A step of a walk: it enters a node, or has been to all that the node refers to. */
export interface WalkStep {
  readonly node: string
  readonly isDone: boolean
}

export interface Walk {
  readonly steps: readonly WalkStep[]
  /** The ways that lead from a node back to it. */
  readonly circles: readonly (readonly string[])[]
}

/** Depth first, without recursion. */
export function walk (graph: Graph): Walk {
  const steps: WalkStep[] = []
  const circles: string[][] = []
  const state = new Map<string, 'open' | 'done'>()
  for (const root of graph.keys()) {
    if (state.has(root)) continue
    const path: { readonly node: string, readonly left: Iterator<string> }[] = []
    const enter = (node: string): void => {
      state.set(node, 'open')
      steps.push({ node, isDone: false })
      path.push({ node, left: (graph.get(node)?.references ?? new Map<string, number>()).keys() })
    }
    enter(root)
    while (path.length > 0) {
      const { node, left } = path.at(-1)!
      const next = left.next()
      if (next.done === true) {
        path.pop()
        state.set(node, 'done')
        steps.push({ node, isDone: true })
      } else if (state.get(next.value) === 'open') {
        const start = path.findIndex(each => each.node === next.value)
        circles.push([...path.slice(start).map(each => each.node), next.value])
      } else if (!state.has(next.value)) enter(next.value)
    }
  }
  return { steps, circles }
}
