import type { ComponentChildren } from 'preact'
import type { OutlinePlace } from '../../../../lib/explain/place.js'
import { configuration, shortName } from '../state/configuration-store.js'
import { linkTo } from '../state/route.js'

/** Leads to a place in the configuration, if its file can be shown. */
export function PlaceLink ({ place, children }: { place: OutlinePlace | null; children: ComponentChildren }) {
  const isKnown = place !== null && configuration.value?.files.includes(place.file) === true
  if (!isKnown) return <>{children}</>
  return (
    <a href={`${linkTo('configuration', place.file)}?line=${place.line}`} title={`line ${place.line}`}>
      {children}
    </a>
  )
}

/** `OrdersLB.xml:22`, which leads there. */
export const PlaceName = ({ place }: { place: OutlinePlace }) => (
  <PlaceLink place={place}>
    <code class='muted place'>
      {shortName(place.file)}:{place.line}
    </code>
  </PlaceLink>
)
