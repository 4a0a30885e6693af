import type { Definitions } from '../model/model.js'
import { problemAt, type Problem, type SourceLocations } from '../model/problem.js'
import { containment, nameOf, nounOf, walk } from './reference-graph.js'

/**
 * Returns a problem for each sequence, endpoint or template that contains itself in any case, directly or through
 * others. A reference that a condition guards may end: messages that come round too often fail.
 */
export const circles = (definitions: Definitions, locations: SourceLocations): readonly Problem[] =>
  (['sequences', 'endpoints', 'templates'] as const).flatMap(category =>
    walk(containment(definitions, category)).circles.map(circle => {
      const way = circle.map(nameOf)
      const [first = ''] = way
      const part: unknown = definitions[category]?.[first]
      const location = typeof part === 'object' && part !== null ? locations.get(part) : undefined
      const message = `the ${nounOf(category, part)} "${first}" contains itself: ${way.join(' → ')}`
      return problemAt(location, 'circular-reference', message, 'remove one of these references')
    }))
