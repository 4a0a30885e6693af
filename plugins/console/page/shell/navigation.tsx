import { duration } from '../../model/format.js'
import { errorCount, isChanged, problems } from '../state/configuration-store.js'
import { Icon } from '../elements/icons.js'
import { linkTo, route, type Page } from '../state/route.js'
import { gateway, gatewayStatus, now } from '../state/store.js'

const NAVIGATION: readonly (readonly [Page, string])[] = [
  ['overview', 'Overview'],
  ['groups', 'Groups'],
  ['proxies', 'Proxies'],
  ['messages', 'Messages'],
  ['sessions', 'Sessions'],
  ['configuration', 'Configuration'],
  ['events', 'Events'],
  ['explain', 'Explain']
]
/** On a phone these are behind "More". */
const RARE: readonly Page[] = ['proxies', 'sessions', 'explain']

/** Errors in the changes of this page, or problems of what runs. */
function ProblemBadge () {
  const count = isChanged.value ? errorCount.value : problems.value.length
  return count === 0
    ? null
    : (
      <span class='badge warn'>
        {count}
        <span class='aside'> problems</span>
      </span>
      )
}

/** All pages, and which gateway this is. */
export function Navigation () {
  const { page } = route.value
  const { name, version, startedAt } = gateway.value ?? {}
  const store = gatewayStatus.value?.store
  return (
    <nav aria-label='Pages'>
      <a class='brand' href='#/'>
        <Logo /> Proxy Services
      </a>
      <ul>
        {NAVIGATION.map(([each, label]) => (
          <li key={each} class={RARE.includes(each) ? 'rare' : ''}>
            <PageLink page={each} label={label} isCurrent={each === page} />
          </li>
        ))}
        <li class='more'>
          <button type='button' class='plain' popovertarget='more-pages'>
            <Icon name='more' /> More
          </button>
        </li>
      </ul>
      <div id='more-pages' popover='auto' class='menu'>
        {NAVIGATION.filter(([each]) => RARE.includes(each)).map(([each, label]) => (
          <PageLink key={each} page={each} label={label} isCurrent={each === page} />
        ))}
      </div>
      <dl>
        <div>
          <dt>Gateway</dt>
          <dd>{name ?? '–'}</dd>
        </div>
        <div>
          <dt>Version</dt>
          <dd>{version ?? '–'}</dd>
        </div>
        <div>
          <dt>Runs for</dt>
          <dd>{startedAt === undefined ? '–' : duration(now.value - startedAt)}</dd>
        </div>
        {store !== undefined && (
          <div>
            <dt>Sessions</dt>
            <dd class={store?.isUp === false ? 'warn' : ''}>
              {store === null ? 'own' : store.isUp ? 'shared, store up' : 'shared, store down'}
            </dd>
          </div>
        )}
      </dl>
    </nav>
  )
}

const PageLink = ({ page, label, isCurrent }: { page: Page; label: string; isCurrent: boolean }) => (
  <a
    href={linkTo(page)}
    aria-current={isCurrent ? 'page' : undefined}
    onClick={() => document.querySelector<HTMLElement>('#more-pages:popover-open')?.hidePopover()}
  >
    <Icon name={page} /> {label}
    {page === 'configuration' && <ProblemBadge />}
  </a>
)

/** Messages go to one of several endpoints. */
const Logo = () => (
  <svg class='logo' viewBox='0 0 22 22' aria-hidden='true'>
    <rect width='22' height='22' rx='6' />
    <path d='M4.5 11h5l5-5m-5 5h6m-6 0 5 5' />
    <circle cx='16' cy='5.6' r='1.8' />
    <circle cx='17' cy='11' r='1.8' />
    <circle cx='16' cy='16.4' r='1.8' />
  </svg>
)
