import { isUnhealthy } from '../../model/attention.js'
import type { LiveEndpoint } from '../../../admin/contract/live-protocol.js'

/** Each state has an outline of its own, so that no meaning hangs on a colour. */
const SHAPES = {
  active: (
    <>
      <circle cx='8' cy='8' r='6' />
      <path d='m5.4 8.2 1.8 1.8 3.4-3.8' />
    </>
  ),
  timeout: (
    <>
      <path d='M8 2.2 14.2 13H1.8Z' />
      <path d='M8 6.4v3M8 11.2v.1' />
    </>
  ),
  suspended: (
    <>
      <path d='M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5Z' />
      <path d='M6.6 6v4M9.4 6v4' />
    </>
  ),
  unhealthy: (
    <>
      <path d='M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5Z' />
      <path d='M4.5 8h2l1-2.5 1.5 5 1-2.5h1.5' />
    </>
  ),
  'half-open': (
    <>
      <circle cx='8' cy='8' r='6' />
      <path d='M8 2v12A6 6 0 0 0 8 2Z' fill='currentColor' />
    </>
  ),
  off: (
    <>
      <circle cx='8' cy='8' r='6' />
      <path d='m4 12 8-8' />
    </>
  ),
  draining: <path d='M2.5 4h11M4.5 8h7M6.5 12h3' />,
  noMember: (
    <>
      <path d='M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5Z' />
      <path d='m6 6 4 4m0-4-4 4' />
    </>
  )
} as const

export type Glyph = keyof typeof SHAPES

export const StateIcon = ({ state }: { state: Glyph }) => (
  <svg class={`icon state-${state}`} viewBox='0 0 16 16' aria-hidden='true'>
    {SHAPES[state]}
  </svg>
)

export const WORDS: Readonly<Record<Glyph, string>> = {
  active: 'Active',
  timeout: 'Timeout',
  suspended: 'Suspended',
  unhealthy: 'Out by health check',
  'half-open': 'Half-open',
  off: 'Off',
  draining: 'Draining',
  noMember: 'No member available'
}

/** What a row shows. */
export const glyphOf = (endpoint: Pick<LiveEndpoint, 'state' | 'healthCheck'>): Glyph =>
  isUnhealthy(endpoint) ? 'unhealthy' : endpoint.state

const PICTURES = {
  overview: 'M2 8h3l2-5 3 10 2-5h2',
  groups: 'M5.5 7.1l5-2.7m-5 4.5 5 2.7M5.7 8a1.7 1.7 0 1 1-3.4 0 1.7 1.7 0 0 1 3.4 0Z' +
    'm8-4.5a1.7 1.7 0 1 1-3.4 0 1.7 1.7 0 0 1 3.4 0Zm0 9a1.7 1.7 0 1 1-3.4 0 1.7 1.7 0 0 1 3.4 0Z',
  proxies: 'M2 5h11m-3-3 3 3-3 3M14 11H3m3-3-3 3 3 3',
  events: 'M8 4v4l3 2M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z',
  configuration: 'M4 1.8h5l3 3v9.4H4zM9 1.8v3h3M7 8l-1.4 1.5L7 11m2-3 1.4 1.5L9 11',
  messages: 'M2.5 3h11v8h-7L4 13.4V11H2.5ZM5 6h6M5 8.3h4',
  sessions: 'M8.7 8a3.2 3.2 0 1 1-6.4 0 3.2 3.2 0 0 1 6.4 0ZM8.7 8H14v2.4M11.6 8v2',
  explain: 'M6.2 6.2a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.8.7-.8 1.3M8 11.2v.1M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z',
  check: 'm3.5 8.4 3 3 6-6.6',
  plus: 'M8 3v10M3 8h10',
  error: 'M8 4.8v4m0 2.2v.1M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z',
  hint: 'M8 7.4v4M8 4.9V5M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z',
  warning: 'M8 2.2 14.2 13H1.8ZM8 6.4v3m0 1.8v.1',
  chevron: 'm5 6.5 3 3 3-3',
  search: 'm10.5 10.5 3 3M12 7A5 5 0 1 1 2 7a5 5 0 0 1 10 0Z',
  key: 'M13.4 5.6a3 3 0 1 1-6 0 3 3 0 0 1 6 0ZM8.3 7.7l-5.7 5.7M4.6 11.4l1.7 1.7M6.6 9.4l1.3 1.3',
  theme: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5Z',
  keyboard: 'M1.8 4h12.4v8H1.8ZM4.5 6.6h.1m2.3 0H7m2.3 0h.1m2.2 0h.1M5 9.6h6',
  close: 'm4 4 8 8m0-8-8 8',
  more: 'M4 8h.1M8 8h.1M12 8h.1'
} as const

export const Icon = ({ name }: { name: keyof typeof PICTURES }) => (
  <svg class='icon' viewBox='0 0 16 16' aria-hidden='true'>
    <path d={PICTURES[name]} />
  </svg>
)
