import type { EndpointView, GroupView } from '../../../plugins/admin/contract/schemas.js'
import { setTimeout as delay } from 'node:timers/promises'
import { adminOf, byOf, request, type AdminAddress, type Listed } from './admin-client.js'
import { clock, table } from '../command-line/table.js'
import type { ParsedOptions } from '../command-line/usage.js'

/** How often `status --watch` looks, in milliseconds. */
const REFRESH_MS = 1_000
/** Moves the cursor home and erases what follows. @see ECMA-48, CUP and ED */
const CLEAR_SCREEN = '\u001B[H\u001B[J'

/**
 * `status`: prints a table of all endpoints, those that are not ready first; with `watch` once a second until Ctrl+C,
 * also while the gateway is not reachable.
 * @returns 0
 */
export async function status (options: ParsedOptions): Promise<number> {
  const admin = adminOf(options)
  const look = async (): Promise<string> => await statusText(admin, options['json'] === true)
  if (options['watch'] !== true) {
    console.log(await look())
    return 0
  }
  for (;;) {
    const shown = await look().catch((error: Error) => error.message)
    const time = new Date().toTimeString().slice(0, 8)
    process.stdout.write(process.stdout.isTTY ? `${CLEAR_SCREEN}${time}  ${shown}\n` : `${time}  ${shown}\n\n`)
    await delay(REFRESH_MS)
  }
}

async function statusText (admin: AdminAddress, isJson: boolean): Promise<string> {
  const { list: endpoints } = await request<Listed<EndpointView>>(admin, 'endpoints')
  const { list: groups } = await request<Listed<GroupView>>(admin, 'groups')
  return isJson ? JSON.stringify({ endpoints, groups }, null, 2) : formatStatus(endpoints, groups)
}

/** `log-level`: prints the level of a running gateway, or changes it. @returns 0 */
export async function logLevel (level: string | undefined, options: ParsedOptions): Promise<number> {
  const admin = adminOf(options)
  const logging =
    level === undefined
      ? await request<{ level: string }>(admin, 'logging')
      : await request<{ level: string }>(admin, 'logging', { level, ...byOf(options) }, { method: 'PATCH' })
  console.log(logging.level)
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
    console.error(
      names.length === 0 ? `unknown endpoint or group ${wanted}; known:` : `${wanted} fits several names:`
    )
    for (const name of names.length === 0 ? [...list.map(each => each.name), ...groups] : names) {
      console.error(`  ${name}`)
    }
    return 1
  }
  for (const name of names) {
    const change = { name, status, ...byOf(options) }
    console.log((await request<{ Message: string }>(admin, 'endpoints', change)).Message)
  }
  return 0
}

/** The name itself, the names of endpoints with that address, or the names that contain it. */
function matchNames (
  wanted: string,
  endpoints: readonly EndpointView[],
  groups: readonly string[]
): readonly string[] {
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
  const isLimited = endpoints.some(({ maxRequests }) => maxRequests !== null)
  const rows = sorted.map(each =>
    [
      each.name,
      stateOf(each),
      nextRetryOf(each),
      inFlightOf(each),
      ageOf(each),
      each.responses,
      each.failures,
      ...(isLimited ? [each.refused] : []),
      causeOf(each)
    ].map(String)
  )
  const counts = ['RESPONSES', 'FAILURES', ...(isLimited ? ['REFUSED'] : [])]
  const groupRows = groups.map(({ name, ready, members, sessions }) =>
    [name, `${ready} of ${members.length}`, sessions?.bound ?? '-', sessions?.evicted ?? '-'].map(String)
  )
  return [
    unready === 0
      ? `all ${endpoints.length} endpoints are ready`
      : `${unready} of ${endpoints.length} endpoints ${unready === 1 ? 'is' : 'are'} not ready`,
    '',
    table(['ENDPOINT', 'STATE', 'NEXT RETRY', 'IN FLIGHT', 'OLDEST', ...counts, 'CAUSE'], rows),
    ...(groups.length === 0 ? [] : ['', table(['GROUP', 'READY', 'SESSIONS', 'EVICTED'], groupRows)])
  ].join('\n')
}

/** Requests in flight, their limit, and messages that wait for a place. */
const inFlightOf = ({ inFlight, queued, maxRequests }: EndpointView): string =>
  `${inFlight}${maxRequests === null ? '' : ` of ${maxRequests}`}${queued === 0 ? '' : ` + ${queued} queued`}`

const ageOf = ({ oldestRequestSeconds }: EndpointView): string =>
  oldestRequestSeconds === null ? '-' : `${oldestRequestSeconds.toFixed(1)} s`

const stateOf = ({ state, healthCheck }: EndpointView): string =>
  healthCheck?.passing === false ? `${state}, unhealthy` : state

function nextRetryOf (each: EndpointView): string {
  const { state, nextRetry, secondsLeft, trialInFlight, sessions, healthCheck } = each
  if (healthCheck?.passing === false && state !== 'off') return 'when its health checks pass'
  if (state === 'active') return '-'
  if (sessions !== null) return remainingOf(sessions)
  if (nextRetry === null) return 'when switched on'
  if (trialInFlight) return 'now: a trial is in flight'
  if (state === 'half-open') return 'with the next message'
  return secondsLeft === 0 ? 'now' : `${clock(nextRetry)} (${secondsLeft} s)`
}

const causeOf = ({ state, since, cause, healthCheck }: EndpointView): string => {
  const checked =
    healthCheck?.passing === false && healthCheck.since !== null
      ? `health check: ${healthCheck.cause ?? 'it has failed'}, since ${clock(healthCheck.since)}`
      : undefined
  return [checked, stateCauseOf({ state, since, cause })].filter(each => each !== undefined).join('; ') || '-'
}

const stateCauseOf = ({
  state,
  since,
  cause
}: Pick<EndpointView, 'state' | 'since' | 'cause'>): string | undefined =>
  since === null ? undefined : `${cause ?? (state === 'off' ? 'switched off' : 'drained')}, since ${clock(since)}`

function remainingOf ({ bound, lastEnds }: { bound: number; lastEnds: string | null }): string {
  if (lastEnds === null) return 'no sessions remain'
  const until = `until ${clock(lastEnds)}`
  return bound === 1 ? `one session remains, ${until}` : `${bound} sessions remain, the last one ${until}`
}
