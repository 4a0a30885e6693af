import type { EndpointTraffic, LiveEndpoint, LiveGroup } from '../../admin/contract/live-protocol.js'
import { isOut } from './attention.js'

/** Columns by which endpoints are sorted inside their groups. */
export const SORTS = ['name', 'state', 'inFlight', 'sessions', 'requestsPerSecond', 'p50', 'p99', 'errors'] as const
export type Sort = (typeof SORTS)[number]

/** One endpoint as a table knows it. */
export interface Known {
  readonly endpoint: LiveEndpoint
  /** Undefined: not known yet, since its row is not seen. */
  readonly traffic: EndpointTraffic | undefined
}

/** A line of the table: the head of a group, or an endpoint. `key` is unique in the table. */
export type TableLine =
  | { readonly kind: 'group'; readonly key: string; readonly group: LiveGroup; readonly depth: number }
  | { readonly kind: 'endpoint'; readonly key: string; readonly name: string; readonly depth: number }

export interface TableOptions {
  readonly groups: readonly LiveGroup[]
  /** In the order of the configuration. */
  readonly endpoints: readonly LiveEndpoint[]
  readonly known: (name: string) => Known | undefined
  readonly isWanted: (endpoint: LiveEndpoint) => boolean
  /** Default: those that are out first, then the order of the configuration. */
  readonly sort?: Sort | undefined
  readonly descending?: boolean
  /** Without heads of groups. */
  readonly flat?: boolean
}

/**
 * The lines of the table: groups with their members, groups in groups below these, then endpoints without a group.
 * Groups without a wanted endpoint are left out.
 */
export function tableLines (options: TableOptions): TableLine[] {
  const { groups, endpoints, known, isWanted, flat = false } = options
  const byName = new Map(groups.map(group => [group.name, group]))
  const inside = new Set<string>()
  for (const { members } of groups) for (const member of members) if (byName.has(member)) inside.add(member)
  const grouped = new Set<string>()
  const lines = (names: readonly string[], path: string, depth: number): TableLine[] => {
    const wanted: Known[] = []
    for (const name of names) {
      const each = known(name)
      if (each !== undefined && isWanted(each.endpoint)) wanted.push(each)
    }
    return inOrder(wanted, options).map(({ endpoint: { name } }) => (
      { kind: 'endpoint', key: `${path} ${name}`, name, depth }
    ))
  }

  const ofGroup = (group: LiveGroup, path: string, depth: number, above: ReadonlySet<string>): TableLine[] => {
    if (above.has(group.name)) return []
    for (const member of group.members) grouped.add(member)
    const within = new Set([...above, group.name])
    const key = `${path}/${group.name}`
    const nested = group.members.filter(member => inside.has(member)).flatMap(member => byName.get(member) ?? [])
    const below = [
      ...lines(group.members, key, depth),
      ...nested.flatMap(each => ofGroup(each, key, depth + 1, within))
    ]
    return below.length === 0 ? [] : [{ kind: 'group', key, group, depth }, ...below]
  }

  if (flat) return lines(endpoints.map(({ name }) => name), '', 0)
  // Groups that are only in each other are at the top, too.
  const top = groups.filter(({ name }) => !inside.has(name))
  const all = (top.length === 0 ? groups : top).flatMap(group => ofGroup(group, '', 0, new Set()))
  const others = endpoints.filter(({ name }) => !grouped.has(name)).map(({ name }) => name)
  return [...all, ...lines(others, '', 0)]
}

function inOrder (all: readonly Known[], { sort, descending = false }: TableOptions): readonly Known[] {
  if (sort !== undefined) return all.toSorted((a, b) => compare(valueOf(a, sort), valueOf(b, sort), descending))
  const out = all.filter(({ endpoint }) => isOut(endpoint))
  return out.length === 0 ? all : [...out, ...all.filter(({ endpoint }) => !isOut(endpoint))]
}

const valueOf = ({ endpoint, traffic }: Known, sort: Sort): string | number | null => {
  if (sort === 'name') return endpoint.name
  if (sort === 'state') return endpoint.state
  return traffic?.[sort] ?? null
}

/** Those without a value are last, whichever way it goes. */
function compare (a: string | number | null, b: string | number | null, descending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  const order = typeof a === 'string' || typeof b === 'string' ? byText(`${a}`, `${b}`) : a - b
  return descending ? -order : order
}

const byText = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })

/**
 * Lines in an order that was shown before, as long as they are the same lines: nothing moves under the pointer.
 * @param shown keys in their earlier order
 */
export function inShownOrder (lines: readonly TableLine[], shown: readonly string[]): readonly TableLine[] {
  if (lines.length !== shown.length) return lines
  const byKey = new Map(lines.map(line => [line.key, line]))
  const kept = shown.flatMap(key => byKey.get(key) ?? [])
  return kept.length === lines.length ? kept : lines
}
