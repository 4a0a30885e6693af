import {
  MAX_SESSION_REQUEST, type GroupSessionsView, type SessionOwnerView, type SessionReleaseView
} from '../../../plugins/admin/contract/session-schemas.js'
import { adminOf, byOf, request, type AdminAddress, type Listed } from './admin-client.js'
import { clock, table } from '../command-line/table.js'
import { UsageError, type ParsedOptions } from '../command-line/usage.js'

/**
 * `sessions`: prints the sessions of each member; looks up or releases the one whose id comes on standard input; or
 * releases all of a member.
 * @returns 0; or 1, if the session to look up is not bound
 */
export async function sessions (group: string | undefined, options: ParsedOptions): Promise<number> {
  const admin = adminOf(options)
  const { lookup, release, 'release-all': member, json, if: expected } = options
  const actions = [lookup, release, member].filter(each => each !== undefined && each !== false)
  if (actions.length > 1) throw new UsageError('--lookup, --release and --release-all exclude each other')
  if (actions.length === 0) {
    if (expected !== undefined) throw new UsageError('--if needs --release or --release-all')
    return await list(admin, group, json === true)
  }
  if (group === undefined) throw new UsageError('sessions needs a GROUP to look up or to release sessions')
  if (lookup === true) return await show(admin, group)
  const what = member === undefined ? { id: await idFromInput() } : { member: String(member) }
  const condition = expected === undefined ? {} : { if: String(expected) }
  const change = { group, ...what, ...condition, ...byOf(options) }
  const { Message } = await request<SessionReleaseView>(admin, 'sessions/release', change)
  console.log(Message)
  return 0
}

async function list (admin: AdminAddress, group: string | undefined, isJson: boolean): Promise<number> {
  const query = group === undefined ? '' : `?group=${encodeURIComponent(group)}`
  const { list } = await request<Listed<GroupSessionsView>>(admin, `sessions${query}`)
  console.log(isJson ? JSON.stringify({ groups: list }, null, 2) : format(list))
  return 0
}

async function show (admin: AdminAddress, group: string): Promise<number> {
  const { member } = await request<SessionOwnerView>(admin, 'sessions/lookup', { group, id: await idFromInput() })
  console.log(member ?? 'not bound')
  return member === null ? 1 : 0
}

function format (groups: readonly GroupSessionsView[]): string {
  if (groups.length === 0) return 'no group keeps sessions in a table'
  const rows = groups.flatMap(({ group, members, shared }) =>
    members.map(({ name, state, bound, lastEnds }) => {
      const ends = lastEnds === null ? '-' : clock(lastEnds)
      return [shared ? `${group} (shared)` : group, name, state ?? '-', String(bound), ends]
    }))
  return table(['GROUP', 'MEMBER', 'STATE', 'SESSIONS', 'LAST ENDS'], rows)
}

/** An id is often as good as a password: it never is an argument, which every user of the machine could read. */
async function idFromInput (): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk)
    if (text.length > MAX_SESSION_REQUEST) {
      throw new UsageError(`the id on standard input is longer than ${MAX_SESSION_REQUEST} characters`)
    }
  }
  const id = text.replace(/\r?\n$/, '')
  if (id === '') throw new UsageError('the id of the session is expected on standard input')
  return id
}
