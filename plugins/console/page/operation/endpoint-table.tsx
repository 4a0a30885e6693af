import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { LiveGroup } from '../../../admin/contract/live-protocol.js'
import { windowOf, type RowWindow } from '../../model/row-window.js'
import { SORTS, tableLines, type Sort, type TableLine } from '../../model/table-lines.js'
import { useStableOrder } from '../elements/stable-order.js'
import { watchRows } from '../state/connection.js'
import { COLUMNS, EndpointRow, GroupHead, type TableColumn } from './endpoint-rows.js'
import { Icon } from '../elements/icons.js'
import { linkTo, route, setQuery } from '../state/route.js'
import { endpoints, endpointsByName, groups, groupsByName, rowsByName } from '../state/store.js'

/** Up to this many rows, all are drawn: the search of the browser finds them. */
const ALL_DRAWN = 60
/** How the table is sorted, by the address of the page. */
const sortOf = (query: URLSearchParams): { sort: Sort | undefined; descending: boolean } => {
  const given = query.get('sort') ?? ''
  const descending = given.startsWith('-')
  return { sort: SORTS.find(each => each === (descending ? given.slice(1) : given)), descending }
}

interface EndpointTableProps {
  /** Only this group, with groups in it. Default: all endpoints. */
  readonly group?: LiveGroup
}

/** All groups and endpoints. Of a long table only the rows around what is seen are drawn. */
export function EndpointTable ({ group }: EndpointTableProps) {
  const { query } = route.value
  const [byName, rowOf, isSorted] = [endpointsByName.value, rowsByName.value, query.has('sort')]
  const [text, onlyOut] = [(query.get('q') ?? '').toLowerCase(), query.get('state') === 'out']
  const lines = tableLines({
    groups: group === undefined ? groups.value : groupsWithin(group),
    endpoints: group === undefined ? endpoints.value : [],
    known: name => {
      const endpoint = byName.get(name)
      const traffic = isSorted ? rowOf.get(name)?.traffic.value : undefined
      return endpoint && { endpoint, traffic }
    },
    isWanted: ({ name, address, state }) =>
      (!onlyOut || state !== 'active') && (text === '' || `${name} ${address}`.toLowerCase().includes(text)),
    ...sortOf(query),
    flat: query.has('flat')
  })
  return (
    <section aria-labelledby='endpoints'>
      <div class='section-head'>
        <h2 id='endpoints'>{group === undefined ? 'Groups and endpoints' : 'Members'}</h2>
        <div class='segments' role='group' aria-label='Which endpoints'>
          <button type='button' aria-pressed={!onlyOut} onClick={() => setQuery({ state: undefined })}>
            All
          </button>
          <button type='button' aria-pressed={onlyOut} onClick={() => setQuery({ state: 'out' })}>
            Not active
          </button>
        </div>
        <span class='search'>
          <Icon name='search' />
          <input
            type='search'
            placeholder='Filter by name or address'
            aria-label='Filter by name or address'
            value={query.get('q') ?? ''}
            onInput={event => setQuery({ q: event.currentTarget.value })}
          />
        </span>
      </div>
      {lines.length === 0
        ? (
          <p class='card empty'>
            {endpoints.value.length === 0
              ? (
                <>
                  No endpoints yet. <a href={linkTo('configuration')}>The configuration</a> shows what was read.
                </>
                )
              : (
                  'No endpoint matches the filter.'
                )}
          </p>
          )
        : (
          <Table lines={lines} />
          )}
    </section>
  )
}

/** A group, and the groups in it. */
const groupsWithin = (group: LiveGroup, seen: ReadonlySet<string> = new Set()): LiveGroup[] =>
  seen.has(group.name)
    ? []
    : [
        group,
        ...group.members.flatMap(member => {
          const inner = groupsByName.value.get(member)
          return inner === undefined ? [] : groupsWithin(inner, new Set([...seen, group.name]))
        })
      ]

function Table ({ lines }: { lines: readonly TableLine[] }) {
  const isLong = lines.length > ALL_DRAWN
  const body = useRef<HTMLTableSectionElement>(null)
  const seen = useSeenRows(body, lines.length)
  const { ordered, holding } = useStableOrder(lines)
  const { from, to, above, below } = isLong ? seen : { from: 0, to: lines.length, above: 0, below: 0 }
  const drawn = ordered.slice(from, to)
  // What the table is sorted by must be known of rows that are not seen, too: of the first ones.
  const watched = route.value.query.has('sort') ? ordered : drawn
  watchRows(watched.flatMap(line => (line.kind === 'endpoint' ? [line.name] : [])))
  return (
    <div class='card scroll' tabIndex={0}>
      <table role='table' class={`endpoints ${isLong ? 'long' : ''}`} aria-rowcount={lines.length + 1}>
        <thead role='rowgroup'>
          <tr role='row' aria-rowindex={1}>
            {COLUMNS.map(column => (
              <ColumnHead key={column.label} {...column} />
            ))}
            <th role='columnheader'>
              <span class='aside'>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody role='rowgroup' ref={body} {...holding}>
          <Gap height={above} />
          {drawn.map((line, at) => {
            const index = from + at + 2
            if (line.kind === 'group') {
              return <GroupHead key={line.key} group={line.group} depth={line.depth} index={index} />
            }
            const row = rowsByName.value.get(line.name)
            return row && <EndpointRow key={line.key} row={row} depth={line.depth} index={index} />
          })}
          <Gap height={below} />
        </tbody>
      </table>
    </div>
  )
}

/** A column whose head sorts by it: down, up, and not at all. */
function ColumnHead ({ label, sort }: TableColumn) {
  const now = sortOf(route.value.query)
  const isText = sort === 'name' || sort === 'state'
  const tone = isText ? '' : 'number'
  if (sort === undefined) return <th role='columnheader' class={tone}>{label}</th>
  const isSorted = now.sort === sort
  // Numbers begin with the greatest, which are looked for.
  const [first, second] = isText ? [sort, `-${sort}`] : [`-${sort}`, sort]
  const given = route.value.query.get('sort')
  const next = given === first ? second : given === second ? undefined : first
  return (
    <th
      role='columnheader'
      class={tone}
      aria-sort={!isSorted ? undefined : now.descending ? 'descending' : 'ascending'}
    >
      <button type='button' class='plain' onClick={() => setQuery({ sort: next })}>
        {label}
        <span aria-hidden='true'>{!isSorted ? '' : now.descending ? ' ↓' : ' ↑'}</span>
      </button>
    </th>
  )
}

/** Stands for rows that are not drawn. */
const Gap = ({ height }: { height: number }) =>
  height === 0
    ? null
    : (
      <tr class='gap' aria-hidden='true'>
        <td colSpan={COLUMNS.length + 1} style={{ height: `${height}px` }} />
      </tr>
      )

/** Which rows of a long table are near what is seen. All rows of it have the same height. */
function useSeenRows (body: { readonly current: HTMLElement | null }, count: number): RowWindow {
  const [seen, setSeen] = useState<RowWindow>(() => windowOf({ count, rowHeight: 0, top: 0, height: 0 }))
  const look = (): void => {
    const element = body.current
    if (element === null) return
    const rowHeight = element.querySelector<HTMLElement>('tr:not(.gap)')?.offsetHeight ?? 0
    const next = windowOf({ count, rowHeight, top: -element.getBoundingClientRect().top, height: innerHeight })
    setSeen(before =>
      before.from === next.from && before.to === next.to && before.below === next.below ? before : next
    )
  }
  useLayoutEffect(look, [count])
  useEffect(() => {
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    return () => {
      removeEventListener('scroll', look)
      removeEventListener('resize', look)
    }
  }, [count])
  return seen
}
