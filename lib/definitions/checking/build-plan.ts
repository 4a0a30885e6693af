import type { Sliced } from '../../slices/sliced-work.js'
import type { Definitions } from '../model/model.js'
import { problemAt, type Problem, type SourceLocations } from '../model/problem.js'
import { categoryOf, nameOf, nounOf, references, walk, type Graph, type WalkStep } from './reference-graph.js'

/**
 * How deep groups, loops, branches and error handlers of endpoints may be in one another, references included: a
 * message needs that much stack. Sequences, templates and conditions in one another need none.
 */
export const MAX_LEVELS = 250

/** In which order the named parts of a configuration are built. */
export interface BuildPlan {
  /**
   * A part is entered before those that it refers to, and done after them. One that closes a circle refers to a part
   * that is entered and not done.
   */
  readonly steps: readonly (WalkStep & { readonly category: 'sequences' | 'endpoints', readonly name: string })[]
  /** Whether parts lead back to themselves. */
  readonly isCircular: boolean
  /** The levels of stack that a message needs in a part, by its node. */
  readonly levels: ReadonlyMap<string, number>
  /** A part is nested deeper than messages can be. */
  readonly problems: readonly Problem[]
}

export function * buildPlan (definitions: Definitions, locations: SourceLocations): Sliced<BuildPlan> {
  const graph = yield * references(definitions)
  const { steps, circles } = walk(graph)
  const levels = levelsOf(graph, steps)
  return {
    steps: steps.flatMap(step => {
      const category = categoryOf(step.node)
      return category === 'sequences' || category === 'endpoints'
        ? [{ ...step, category, name: nameOf(step.node) } as const]
        : []
    }),
    isCircular: circles.length > 0,
    levels,
    problems: tooDeep(graph, levels, definitions, locations)
  }
}

/** What leads back to itself counts once. */
function levelsOf (graph: Graph, steps: readonly WalkStep[]): Map<string, number> {
  const levels = new Map<string, number>()
  for (const { node, isDone } of steps) {
    if (!isDone) continue
    const { references, levels: own } = graph.get(node)!
    let most = own
    for (const [inside, around] of references) most = Math.max(most, around + (levels.get(inside) ?? 0))
    levels.set(node, most)
  }
  return levels
}

/** The innermost parts that are nested too deep: those around them are so, too. */
function tooDeep (
  graph: Graph, levels: ReadonlyMap<string, number>, definitions: Definitions, locations: SourceLocations
): Problem[] {
  const isTooDeep = (node: string): boolean => (levels.get(node) ?? 0) > MAX_LEVELS
  return [...graph].flatMap(([node, { references }]) => {
    if (!isTooDeep(node) || [...references.keys()].some(isTooDeep)) return []
    const [category, name] = [categoryOf(node), nameOf(node)]
    const part = (definitions as Readonly<Record<string, Readonly<Record<string, object>>>>)[category]?.[name]
    return problemAt(part && locations.get(part), 'invalid-configuration',
      `the ${nounOf(category, part)} "${name}" is nested more than ${MAX_LEVELS} deep`,
      'groups, loops and branches in one another count, also through references')
  })
}
