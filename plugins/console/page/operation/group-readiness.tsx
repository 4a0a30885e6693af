import type { LiveGroup } from '../../../admin/contract/live-protocol.js'
import { glyphOf } from '../elements/icons.js'
import { endpointsIn } from '../state/store.js'

/** Endpoints that have a mark of their own. */
const MAX_MARKS = 24

/** How many endpoints of a group are ready, with a mark for each. */
export function GroupReadiness ({ group }: { group: LiveGroup }) {
  const all = endpointsIn(group)
  const ready = all.filter(endpoint => endpoint.ready).length
  return (
    <>
      <span class='bar' aria-hidden='true'>
        {all.slice(0, MAX_MARKS).map(each => (
          <i key={each.index} class={`state-${glyphOf(each)}`} />
        ))}
      </span>
      <span class={ready === 0 ? 'bad' : ready < all.length ? 'warn' : 'muted'}>
        {ready} of {all.length} ready
      </span>
    </>
  )
}
