import { closestNames } from '../../../../lib/definitions/model/closest-name.js'
import { clock } from '../../model/format.js'
import { configuration } from '../state/configuration-store.js'
import { NameLinks } from './name-links.js'
import { linkTo } from '../state/route.js'

interface UnknownNameProps {
  readonly kind: 'group' | 'proxy' | 'endpoint'
  readonly name: string
  /** Names that there are. */
  readonly known: readonly string[]
}

const linkOf = (kind: UnknownNameProps['kind'], name: string): string =>
  kind === 'endpoint'
    ? `#/endpoints/${encodeURIComponent(name)}`
    : linkTo(kind === 'group' ? 'groups' : 'proxies', name)

/** Reports that nothing has a name now, and which names are similar. */
export function UnknownName ({ kind, name, known }: UnknownNameProps) {
  const reloadedAt = configuration.value?.loadedAt
  const near = closestNames(name, known)
  return (
    <div class='card note'>
      <p>
        No {kind} is called {name} now.
        {reloadedAt !== undefined && ` It may have gone with the reload at ${clock(reloadedAt)}.`}
      </p>
      {near.length > 0 && (
        <p>
          Near it:{' '}
          <NameLinks names={near} hrefOf={each => linkOf(kind, each)} />
        </p>
      )}
    </div>
  )
}
