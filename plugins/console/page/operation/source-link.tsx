import type { ComponentChildren } from 'preact'
import type { FilePosition } from '../../../../lib/explain/file-position.js'
import { configuration, shortName } from '../state/configuration-store.js'
import { linkTo } from '../state/route.js'

/** Leads to a position in the configuration, if its file can be shown. */
export function SourceLink ({ position, children }: { position: FilePosition | null; children: ComponentChildren }) {
  const isKnown = position !== null && configuration.value?.files.includes(position.file) === true
  if (!isKnown) return <>{children}</>
  return (
    <a href={`${linkTo('configuration', position.file)}?line=${position.line}`} title={`line ${position.line}`}>
      {children}
    </a>
  )
}

/** `OrdersLB.xml:22`, which leads there. */
export const SourceName = ({ position }: { position: FilePosition }) => (
  <SourceLink position={position}>
    <code class='muted source-name'>
      {shortName(position.file)}:{position.line}
    </code>
  </SourceLink>
)
