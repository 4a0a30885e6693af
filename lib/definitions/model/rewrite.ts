import type { Sliced } from '../../slices/sliced-work.js'
import type { Definitions } from './model.js'
import type { SourceLocations } from './problem.js'

/** An object of definitions. */
export type Config = Readonly<Record<string, unknown>>
export const isConfig = (value: unknown): value is Config =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type ConfigChange = (node: Config, key: string, depth: number) => Config

/**
 * Replaces each object outside of templates by what `change` makes of it, from the outside in, one artefact a slice.
 * Parts in which nothing changes stay the same objects.
 * `change` gets the key of each object, and how many lists and objects are around it in its artefact.
 */
export function * rewrite (
  definitions: Definitions, locations: SourceLocations, change: ConfigChange
): Sliced<Definitions> {
  const rewritten: Record<string, unknown> = {}
  for (const [category, artefacts] of Object.entries(definitions)) {
    if (category === 'templates' || typeof artefacts !== 'object') {
      rewritten[category] = artefacts
      continue
    }
    const changed: [string, unknown][] = []
    let isSame = true
    for (const [name, artefact] of Object.entries<unknown>(artefacts)) {
      const value = rewriteValue(artefact, name, 0, locations, change)
      isSame &&= value === artefact
      changed.push([name, value])
      yield
    }
    rewritten[category] = isSame ? artefacts : Object.fromEntries(changed)
  }
  return rewritten as Definitions
}

function rewriteValue (
  value: unknown, key: string, depth: number, locations: SourceLocations, change: ConfigChange
): unknown {
  if (typeof value !== 'object' || value === null) return value
  const node = Array.isArray(value) ? value : change(value as Config, key, depth)
  const entries = Object.entries(node)
  const changed = entries.map(([key, each]) => [key, rewriteValue(each, key, depth + 1, locations, change)] as const)
  if (changed.every(([, each], index) => each === entries[index]![1])) return node
  const copy = Array.isArray(node) ? changed.map(([, each]) => each) : Object.fromEntries(changed)
  const location = locations.get(node) ?? locations.get(value)
  if (location !== undefined) locations.set(copy, location)
  return copy
}
