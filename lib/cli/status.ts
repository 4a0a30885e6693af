import type { EndpointView, GroupView } from '../../plugins/admin/schemas.js'
import { setting, UsageError, type ParsedOptions } from './usage.js'

/** The time limit of one request to the admin API. */
const REQUEST_TIMEOUT_MS = 5_000

/** `status`: prints a table of all endpoints, those that are not ready first. @returns 0 */
export async function status (options: ParsedOptions): Promise<number> {
  const admin = adminOf(options)
  const { list: endpoints } = await request<Listed<EndpointView>>(admin, 'endpoints')
  const { list: groups } = await request<Listed<GroupView>>(admin, 'groups')
  console.log(options['json'] === true
    ? JSON.stringify({ endpoints, groups }, null, 2)
    : formatStatus(endpoints, groups))
  return 0
}

/**
 * `on`, `off`, `drain`: changes the endpoints of a name, of an address, or of a part that only one name has.
 * @returns 0; or 1, if `wanted` fits no name, or several
 */
export async function change (wanted: string, status: string, options: ParsedOptions): Promise<number> {
  const admin = adminOf(options)
  const { list } = await request<Listed<EndpointView>>(admin, 'endpoints')
  const groups = (await request<Listed<GroupView>>(admin, 'groups')).list.map(({ name }) => name)
  const names = matchNames(wanted, list, groups)
  const isUnique = names.length === 1 || list.some(({ address }) => address === wanted)
  if (!isUnique) {
    console.error(names.length === 0 ? `unknown endpoint or group ${wanted}; known:` : `${wanted} fits several names:`)
    for (const name of names.length === 0
      ? [...list.map(each => each.name), ...groups]
      : names) console.error(`  ${name}`)
    return 1
  }
  for (const name of names) {
    console.log((await request<{ Message: string }>(admin, 'endpoints', { name, status })).Message)
  }
  return 0
}

interface Listed<T> { readonly list: readonly T[] }
interface Admin { readonly url: URL, readonly token: string | undefined }

function adminOf (options: ParsedOptions): Admin {
  const address = setting(options, 'admin') ?? `http://127.0.0.1:${setting({}, 'admin-port') ?? 9164}`
  if (!/^https?:\/\/./.test(address) || !URL.canParse(address)) {
    throw new UsageError(`--admin expects an address like http://127.0.0.1:9164, not "${address}"`)
  }
  return { url: new URL(address.endsWith('/') ? address : `${address}/`), token: setting(options, 'admin-token') }
}

/** One request to the admin API. @throws Error that says what to do */
async function request<T> ({ url, token }: Admin, path: string, change?: object): Promise<T> {
  const target = new URL(path, url)
  const headers = {
    ...token !== undefined && { authorization: `Bearer ${token}` }, ...change && { 'content-type': 'application/json' }
  }
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
  const post = change === undefined ? {} : { method: 'POST', body: JSON.stringify(change) }
  const response =
    await fetch(target, { ...post, headers, signal }).catch((error: Error & { cause?: { code?: string } }) => {
      if (error.name === 'TimeoutError') throw new Error(`${url.origin} does not respond`)
      const advice = 'is the gateway running, and is this its admin port (--admin)?'
      throw new Error(`nothing listens at ${url.origin}: ${advice} (${error.cause?.code ?? error.message})`)
    })
  const body = await response.json().catch(() => undefined) as (T & { Error?: string }) | undefined
  if (response.ok && body !== undefined) return body
  if (response.status === 401) {
    throw new Error(`${url.origin} requires a token: --admin-token, or PROXY_SERVICES_ADMIN_TOKEN`)
  }
  throw new Error(body?.Error ?? `${target.href} responded ${response.status}: it is not the admin API of a gateway`)
}

/** The name itself, the names of endpoints with that address, or the names that contain it. */
function matchNames (wanted: string, endpoints: readonly EndpointView[], groups: readonly string[]): readonly string[] {
  const names = [...endpoints.map(({ name }) => name), ...groups]
  if (names.includes(wanted)) return [wanted]
  const atAddress = endpoints.filter(({ address }) => address === wanted).map(({ name }) => name)
  return atAddress.length > 0 ? atAddress : names.filter(name => name.includes(wanted))
}

const ORDER: readonly EndpointView['state'][] = ['suspended', 'half-open', 'timeout', 'off', 'draining', 'active']

function formatStatus (endpoints: readonly EndpointView[], groups: readonly GroupView[]): string {
  if (endpoints.length === 0) return 'no endpoints'
  const sorted = [...endpoints].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
  const unready = endpoints.filter(({ ready }) => !ready).length
  const rows = sorted.map(each =>
    [each.name, each.state, nextRetryOf(each), each.inFlight, each.responses, each.failures, causeOf(each)].map(String))
  const groupRows = groups.map(({ name, ready, members, sessions }) =>
    [name, `${ready} of ${members.length}`, sessions?.bound ?? '-', sessions?.evicted ?? '-'].map(String))
  return [
    unready === 0
      ? `all ${endpoints.length} endpoints are ready`
      : `${unready} of ${endpoints.length} endpoints ${unready === 1 ? 'is' : 'are'} not ready`,
    '',
    table(['ENDPOINT', 'STATE', 'NEXT RETRY', 'IN FLIGHT', 'RESPONSES', 'FAILURES', 'CAUSE'], rows),
    ...groups.length === 0 ? [] : ['', table(['GROUP', 'READY', 'SESSIONS', 'EVICTED'], groupRows)]
  ].join('\n')
}

/** Local time. */
const clock = (instant: string): string => new Date(instant).toTimeString().slice(0, 8)

function nextRetryOf ({ state, nextRetry, secondsLeft, trialInFlight }: EndpointView): string {
  if (state === 'active') return '-'
  if (nextRetry === null) return 'when switched on'
  if (trialInFlight) return 'now: a trial is in flight'
  if (state === 'half-open') return 'with the next message'
  return secondsLeft === 0 ? 'now' : `${clock(nextRetry)} (${secondsLeft} s)`
}

const causeOf = ({ state, since, cause }: EndpointView): string =>
  since === null ? '-' : `${cause ?? (state === 'off' ? 'switched off' : 'drained')}, since ${clock(since)}`

function table (head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]!.length)))
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => column === row.length - 1 ? cell : cell.padEnd(widths[column]!)).join('  ')
  return [head, ...rows].map(line).join('\n')
}
