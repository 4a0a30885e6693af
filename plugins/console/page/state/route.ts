import { computed, signal } from '@preact/signals'

/** Routes are fragments: they work below any prefix, and no name of an endpoint reaches the log of a server. */
const hash = signal(location.hash)
addEventListener('hashchange', () => {
  hash.value = location.hash
})

export const PAGES = [
  'overview',
  'groups',
  'proxies',
  'messages',
  'sessions',
  'configuration',
  'events',
  'explain'
] as const
export type Page = (typeof PAGES)[number]

export interface Route {
  readonly page: Page
  /** What the page shows of its kind: a group, a file. */
  readonly name: string | undefined
  /** Which part of it. */
  readonly part: string | undefined
  /** The endpoint whose drawer is open. */
  readonly endpoint: string | undefined
  readonly query: URLSearchParams
}

export const route = computed((): Route => {
  const [path = '', query = ''] = hash.value.replace(/^#\/?/, '').split('?')
  const [first, name, part] = path.split('/')
  const params = new URLSearchParams(query)
  if (first === 'endpoints') {
    return { page: 'overview', name: undefined, part: undefined, endpoint: decoded(name), query: params }
  }
  const page = PAGES.find(each => each === first) ?? 'overview'
  const endpoint = params.get('endpoint') ?? undefined
  return { page, name: decoded(name), part: part === '' ? undefined : part, endpoint, query: params }
})

export const isWall = computed(() => route.value.query.has('wall'))

/** Undefined where there is none, or where it is not well encoded. */
function decoded (name = ''): string | undefined {
  try {
    return decodeURIComponent(name) || undefined
  } catch {
    return undefined
  }
}

/** @param part of what has the name */
export const linkTo = (page: Page, name?: string, part?: string): string =>
  `#/${page === 'overview' ? '' : page}${name === undefined ? '' : `/${encodeURIComponent(name)}`}` +
  (part === undefined ? '' : `/${part}`)

/** Changes parts of the query of the current page; undefined removes a part. */
export function setQuery (changes: Readonly<Record<string, string | undefined>>): void {
  const { page, name: shown, part, query } = route.value
  const params = new URLSearchParams(query)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') params.delete(name)
    else params.set(name, value)
  }
  const text = params.toString()
  location.replace(`${linkTo(page, shown, part)}${text === '' ? '' : `?${text}`}`)
}
