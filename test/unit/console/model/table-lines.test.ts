import t from 'tap'
import type { EndpointTraffic, LiveEndpoint, LiveGroup } from '../../../../plugins/admin/contract/live-protocol.js'
import { inShownOrder, tableLines, type TableOptions } from '../../../../plugins/console/model/table-lines.js'

const endpoint = (name: string, state: LiveEndpoint['state'] = 'active'): LiveEndpoint => ({
  index: 0,
  name,
  kind: 'address',
  address: `http://${name}/`,
  state,
  ready: state === 'active',
  trialInFlight: false,
  suspensionsInRow: 0,
  retriesLeft: null,
  since: null,
  cause: null,
  retryAt: null,
  duration: null,
  healthCheck: null
})

const group = (name: string, ...members: string[]): LiveGroup => ({
  name, kind: 'loadbalance', members, proxies: [], algorithmKind: null, sessionKind: null, onLost: null, sessions: null
})

const traffic = (p99: number): EndpointTraffic => ({
  index: 0, inFlight: 0, sessions: null, steps: [], requestsPerSecond: 1, p50: 1, p99, errors: 0
})

/** The lines as text: `*` for each level, `[G]` for the head of a group. */
function lines (
  groups: readonly LiveGroup[],
  endpoints: readonly LiveEndpoint[],
  more: Partial<TableOptions> = {},
  p99: Readonly<Record<string, number>> = {}
): string[] {
  const known: TableOptions['known'] = name => {
    const found = endpoints.find(each => each.name === name)
    const value = p99[name]
    return found && { endpoint: found, traffic: value === undefined ? undefined : traffic(value) }
  }
  return tableLines({ groups, endpoints, known, isWanted: () => true, ...more }).map(line =>
    '*'.repeat(line.depth) + (line.kind === 'group' ? `[${line.group.name}]` : line.name))
}

const ABC = [endpoint('a'), endpoint('b', 'suspended'), endpoint('c')]

t.test('members are below their group, those that are out first; endpoints without a group are last', async t => {
  t.strictSame(lines([group('G', 'a', 'b')], ABC), ['[G]', 'b', 'a', 'c'])
})

t.test('a group in a group is below that, one level deeper, and not at the top', async t => {
  t.strictSame(lines([group('G', 'c', 'H'), group('H', 'a', 'b')], ABC), ['[G]', 'c', '*[H]', '*b', '*a'])
})

t.test('groups that contain each other: each has its line once below the other', async t => {
  t.strictSame(lines([group('G', 'H', 'a'), group('H', 'G', 'b')], ABC), [
    '[G]', 'a', '*[H]', '*b', '[H]', 'b', '*[G]', '*a', 'c'
  ])
})

t.test('a group without a wanted endpoint is left out', async t => {
  const isWanted = ({ state }: LiveEndpoint): boolean => state !== 'active'
  t.strictSame(lines([group('G', 'a'), group('H', 'b')], ABC, { isWanted }), ['[H]', 'b'])
})

t.test('endpoints are sorted inside their groups by any column; those without a value are last', async t => {
  const groups = [group('G', 'a', 'b', 'c')]
  const p99 = { a: 20, c: 5 }
  t.strictSame(lines(groups, ABC, { sort: 'p99' }, p99), ['[G]', 'c', 'a', 'b'])
  t.strictSame(lines(groups, ABC, { sort: 'p99', descending: true }, p99), ['[G]', 'a', 'c', 'b'])
  t.strictSame(lines(groups, ABC, { sort: 'name', descending: true }), ['[G]', 'c', 'b', 'a'])
  t.strictSame(lines([], [endpoint('e-10'), endpoint('e-9')], { sort: 'name' }), ['e-9', 'e-10'])
})

t.test('without groups, all endpoints are sorted together', async t => {
  t.strictSame(lines([group('G', 'b')], ABC, { flat: true, sort: 'name' }), ['a', 'b', 'c'])
})

t.test('lines keep the order that is shown, as long as they are the same', async t => {
  const of = (...names: string[]) => names.map(name => ({ kind: 'endpoint', key: name, name, depth: 0 }) as const)
  const keys = (shown: readonly { key: string }[]): string[] => shown.map(({ key }) => key)
  t.strictSame(keys(inShownOrder(of('a', 'b'), ['b', 'a'])), ['b', 'a'])
  t.strictSame(keys(inShownOrder(of('a', 'b', 'c'), ['b', 'a'])), ['a', 'b', 'c'], 'one is new')
  t.strictSame(keys(inShownOrder(of('a', 'c'), ['b', 'a'])), ['a', 'c'], 'one is another')
})
