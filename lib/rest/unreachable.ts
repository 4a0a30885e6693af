import type { Sliced } from '../slices/sliced-work.js'
import { dispatch, type CompiledApi, type CompiledResource } from './api.js'
import { variableIn } from './uri-template.js'

/** A resource that receives no requests, and the one that takes them. Both count from 0. */
export interface Unreachable {
  readonly resource: number
  readonly takenBy: number
}

/** Resources of one API that are compared with each other. */
const MAX_COMPARED = 500
/** A segment that no template is written with. */
const SEGMENT = 'x7Qz'
/** What a variable with slashes, or a `*`, may stand for: the last one makes an empty segment. */
const REMAINDERS = [SEGMENT, `${SEGMENT}/${SEGMENT}`, `${SEGMENT}/${SEGMENT}/${SEGMENT}`, `/${SEGMENT}`]

/** The resources of an API whose requests all go to another one, as the order of dispatch has it; one a slice. */
export function * unreachableResources ({ resources }: Pick<CompiledApi, 'resources'>): Sliced<readonly Unreachable[]> {
  const compared = resources.slice(0, MAX_COMPARED)
  const unreachable: Unreachable[] = []
  for (const [index, resource] of compared.entries()) {
    const rivals = compared.filter(each => each === resource || takesAllOf(each, resource))
    const winners = samplesOf(resource).map(([path, query]) => dispatch(rivals, path, query)?.resource)
    const [winner] = winners
    if (winner !== undefined && !winners.includes(resource)) {
      unreachable.push({ resource: index, takenBy: compared.indexOf(winner) })
    }
    yield
  }
  return unreachable
}

/** A resource with a pattern of an earlier one, and the methods that both have. */
export interface SharedMethods {
  readonly resource: number
  readonly methods: readonly string[]
}

/** Resources that have a pattern and some, but not all, of their methods in common with an earlier one. */
export const resourcesWithSharedMethods = ({ resources }: Pick<CompiledApi, 'resources'>): SharedMethods[] =>
  resources.slice(0, MAX_COMPARED).flatMap(({ pattern, methods = [] }, index) => {
    const taken = resources
      .slice(0, index)
      .filter(each => pattern !== undefined && each.pattern === pattern)
      .flatMap(each => each.methods ?? [])
    const shared = methods.filter(each => taken.includes(each))
    return shared.length === 0 || shared.length === methods.length ? [] : [{ resource: index, methods: shared }]
  })

/** Whether a resource takes every method and transport that another one takes. */
const takesAllOf = (one: CompiledResource, other: CompiledResource): boolean =>
  (one.methods === undefined || other.methods?.every(each => one.methods!.includes(each)) === true) &&
  other.transports.every(each => one.transports.includes(each))

/** Requests that fit the pattern of a resource: path and query. */
function samplesOf ({ pattern, mapping }: CompiledResource): readonly (readonly [path: string, query: string])[] {
  if (pattern === undefined) return [[`/${SEGMENT}/${SEGMENT}`, '']]
  return mapping !== undefined ? samplesOfMapping(pattern) : samplesOfTemplate(pattern)
}

function samplesOfMapping (mapping: string): readonly (readonly [string, string])[] {
  if (mapping.startsWith('*.')) return [[`/${SEGMENT}${mapping.slice(1)}`, '']]
  if (!mapping.endsWith('*')) return [[mapping, '']]
  // A prefix counts by its segments: two slashes in it are one.
  const prefix = mapping.slice(0, -1).replace(/\/+/g, '/')
  return ['', ...REMAINDERS].map(rest => [prefix + rest, ''])
}

/** A `*` that is a part of its own ends the path, as in `uriTemplate`. */
function samplesOfTemplate (template: string): readonly (readonly [string, string])[] {
  const pathAndQuery = template.replace(/\{[?&][^{}]*\}/g, '')
  const mark = pathAndQuery.indexOf('?')
  const whole = mark < 0 ? pathAndQuery : pathAndQuery.slice(0, mark)
  const path = whole.replace(/(?<=[^/])\/$/, '').replace(/((?:^|\})\*)\{.*$/s, '$1')
  const query = mark < 0 ? '' : sampleQuery(pathAndQuery.slice(mark + 1))
  const rests = path.endsWith('*') ? ['', ...REMAINDERS] : /\{[+#]/.test(path) ? REMAINDERS : [SEGMENT]
  return rests.map(rest => [
    path.replace(/\{([+#]?)[^{}]*\}|\*$/g, (part, operator?: string) =>
      part === '*' || operator ? rest : SEGMENT
    ),
    query === '' ? '' : `?${query}`
  ])
}

const sampleQuery = (template: string): string =>
  new URLSearchParams([...new URLSearchParams(template)].map(([name, value]): [string, string] =>
    [name, variableIn(value) === undefined ? value : SEGMENT])).toString()
