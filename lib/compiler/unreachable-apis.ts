import type { Definitions } from '../definitions/model/model.js'
import { problemAt, type Problem, type SourceLocations } from '../definitions/model/problem.js'
import type { CompiledApi } from '../rest/api.js'
import { resourcesWithSharedMethods, unreachableResources } from '../rest/unreachable.js'
import type { Sliced } from '../slices/sliced-work.js'

/**
 * APIs and resources that receive no requests, since others take them. @param apis in the order in which they are
 * tried
 */
export function * unreachableApis (
  apis: readonly CompiledApi[],
  definitions: Definitions,
  locations: SourceLocations
): Sliced<readonly Problem[]> {
  const problems: Problem[] = []
  const firsts = new Map<string, CompiledApi>()
  for (const api of apis) {
    const definition = definitions.apis![api.name]!
    const warn = (part: object, message: string, hint: string): void => {
      problems.push(problemAt(locations.get(part), 'unreachable', message, hint, 'warning'))
    }
    const key = JSON.stringify([api.basePath, api.hostname ?? '', api.port ?? ''])
    const first = firsts.get(key) ?? firsts.get(JSON.stringify([api.basePath, '', '']))
    if (first === undefined) firsts.set(key, api)
    else {
      warn(
        definition,
        `the API "${api.name}" receives no requests: "${first.name}" has the same context, ${api.basePath}`,
        'give each API a context or a version of its own'
      )
    }
    for (const { resource, takenBy } of yield * unreachableResources(api)) {
      const [lost, winner] = [api.resources[resource]!, api.resources[takenBy]!]
      warn(
        definition.resources[resource]!,
        `${resourceLabel(lost.pattern)} of the API "${api.name}" receives no requests: ` +
          `${resourceLabel(winner.pattern)} takes them`,
        lost.pattern === winner.pattern ? 'leave one of them out, or give them different methods' : ORDER
      )
    }
    for (const { resource, methods } of resourcesWithSharedMethods(api)) {
      const { pattern } = api.resources[resource]!
      warn(
        definition.resources[resource]!,
        `${resourceLabel(pattern)} of the API "${api.name}" receives no requests with ` +
          `${methods.join(', ')}: an earlier resource of the same pattern takes them`,
        'give them different methods: WSO2 refuses such an API'
      )
    }
    yield
  }
  return problems
}

const ORDER =
  'url-mapping precedes uri-template, and of several templates the first one counts: put the narrow ones first'

const resourceLabel = (pattern: string | undefined): string =>
  pattern === undefined ? 'a resource without uri-template and url-mapping' : `the resource ${pattern}`
