import type { EndpointView, GroupView } from '../../plugins/admin/schemas.js'
import { setting, UsageError, type ParsedOptions } from './usage.js'

/** How long a gateway may take to say how it is, in milliseconds. */
const REQUEST_TIMEOUT_MS = 5_000

/** `status`: a table of all endpoints, those that are out first. @returns 0 if the gateway answered, whatever it said */
export async function status (given: ParsedOptions): Promise<number> {
  const admin = adminOf(given)
  const [endpoints, groups] = [await ask<Listed<EndpointView>>(admin, 'endpoints'), await ask<Listed<GroupView>>(admin, 'groups')]
  console.log(given['json'] === true ? JSON.stringify({ endpoints: endpoints.list, groups: groups.list }, null, 2) : told(endpoints.list, groups.list))
  return 0
}

/** `on`, `off`, `drain`: by the name of an endpoint or a group, by the address of a back-end, or by a part that only one name has. @returns 1 if nobody or not only one can be meant */
export async function change (wanted: string, status: string, given: ParsedOptions): Promise<number> {
  const admin = adminOf(given)
  const { list } = await ask<Listed<EndpointView>>(admin, 'endpoints')
  const groups = (await ask<Listed<GroupView>>(admin, 'groups')).list.map(({ name }) => name)
  const names = matchNames(wanted, list, groups)
  const isClear = names.length === 1 || list.some(({ address }) => address === wanted)
  if (!isClear) {
    console.error(names.length === 0 ? `nobody is called ${wanted}; these are:` : `${wanted} may be any of these:`)
    for (const name of names.length === 0 ? [...list.map(each => each.name), ...groups] : names) console.error(`  ${name}`)
    return 1
  }
  for (const name of names) console.log((await ask<{ Message: string }>(admin, 'endpoints', { name, status })).Message)
  return 0
}

interface Listed<T> { readonly list: readonly T[] }
interface Admin { readonly url: URL, readonly token: string | undefined }

function adminOf (given: ParsedOptions): Admin {
  const address = setting(given, 'admin') ?? `http://127.0.0.1:${setting({}, 'admin-port') ?? 9164}`
  if (!/^https?:\/\/./.test(address) || !URL.canParse(address)) throw new UsageError(`--admin expects an address like http://127.0.0.1:9164, not "${address}"`)
  return { url: new URL(address.endsWith('/') ? address : `${address}/`), token: setting(given, 'admin-token') }
}

/** @throws Error that says what to do about it */
async function ask<T> ({ url, token }: Admin, path: string, change?: object): Promise<T> {
  const target = new URL(path, url)
  const headers = { ...token !== undefined && { authorization: `Bearer ${token}` }, ...change && { 'content-type': 'application/json' } }
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
  const response = await fetch(target, change === undefined ? { headers, signal } : { method: 'POST', headers, signal, body: JSON.stringify(change) }).catch((error: Error & { cause?: { code?: string } }) => {
    if (error.name === 'TimeoutError') throw new Error(`${url.origin} does not answer`)
    throw new Error(`nothing listens at ${url.origin}: is the gateway running, and is this its admin port (--admin)? (${error.cause?.code ?? error.message})`)
  })
  const body = await response.json().catch(() => undefined) as (T & { Error?: string }) | undefined
  if (response.ok && body !== undefined) return body
  if (response.status === 401) throw new Error(`${url.origin} wants a token: --admin-token, or PROXY_SERVICES_ADMIN_TOKEN`)
  throw new Error(body?.Error ?? `${target.href} answered ${response.status}: it is not the admin of a gateway`)
}

/** Whose name it is, or whose address, or the only one that it is a part of. */
function matchNames (wanted: string, endpoints: readonly EndpointView[], groups: readonly string[]): readonly string[] {
  const names = [...endpoints.map(({ name }) => name), ...groups]
  if (names.includes(wanted)) return [wanted]
  const there = endpoints.filter(({ address }) => address === wanted).map(({ name }) => name)
  return there.length > 0 ? there : names.filter(name => name.includes(wanted))
}

const ORDER: readonly EndpointView['state'][] = ['suspended', 'half-open', 'timeout', 'off', 'draining', 'active']

function told (endpoints: readonly EndpointView[], groups: readonly GroupView[]): string {
  if (endpoints.length === 0) return 'there are no endpoints'
  const sorted = [...endpoints].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
  const out = endpoints.filter(({ ready }) => !ready).length
  return [
    out === 0 ? `all ${endpoints.length} endpoints take messages` : `${out} of ${endpoints.length} endpoints ${out === 1 ? 'is' : 'are'} out`,
    '',
    table(['ENDPOINT', 'STATE', 'UNTIL', 'WAITING', 'ANSWERED', 'FAILED', 'WHY'], sorted.map(each =>
      [each.name, each.state, until(each), each.inFlight, each.responses, each.failures, causeOf(each)].map(String))),
    ...groups.length === 0
      ? []
      : ['', table(['GROUP', 'READY', 'SESSIONS', 'EVICTED'], groups.map(({ name, ready, members, sessions }) =>
          [name, `${ready} of ${members.length}`, sessions?.bound ?? '-', sessions?.evicted ?? '-'].map(String)))]
  ].join('\n')
}

/** Local time. */
const clock = (instant: string): string => new Date(instant).toTimeString().slice(0, 8)

function until ({ state, nextRetry: retryAt, secondsLeft, trialInFlight: probing }: EndpointView): string {
  if (state === 'active') return '-'
  if (retryAt === null) return 'switched on'
  if (probing) return 'now: one message tries it'
  return state === 'half-open' ? 'the next message tries it' : secondsLeft === 0 ? 'now' : `${clock(retryAt)} (${secondsLeft} s)`
}

const causeOf = ({ state, since, cause }: EndpointView): string =>
  since === null ? '-' : `${cause ?? (state === 'off' ? 'switched off' : 'drained')}, since ${clock(since)}`

function table (head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]!.length)))
  return [head, ...rows].map(row => row.map((cell, column) => column === row.length - 1 ? cell : cell.padEnd(widths[column]!)).join('  ')).join('\n')
}
