import { createMemberDiscovery } from '../../plugins/discovery/discovery.js'
import { waitAtMost } from '../../plugins/timing/deadline.js'
import { sourceName, hostPort, type Member, type MemberSource, type WatchMembers } from '../contracts/discovery.js'

/** How long it may take to find out who the members are, in milliseconds. */
const LOOKUP_TIMEOUT_MS = 5_000

/** Who is in dynamic groups at this moment. */
export interface Look {
  /** For `compile`. */
  readonly watch: WatchMembers
  /** Resolves in time, with one line for each source: who is there, or why that is not known. Ends the watching. */
  found (): Promise<string[]>
}

/** @param folder what relative files are relative to @param servers name servers, `address:port`; those of the system unless told */
export function resolveMembersOnce (folder: string, servers?: readonly string[], patience = LOOKUP_TIMEOUT_MS): Look {
  const causes = new Map<string, string>()
  const sources: { readonly source: MemberSource, members?: readonly Member[] }[] = []
  const log = { info () {}, warn: ({ membership, cause }: { membership: string, cause?: string }) => { if (cause !== undefined) causes.set(membership, cause) } }
  const memberships = createMemberDiscovery({ log, baseDir: folder, servers })
  return {
    watch (source, changed) {
      const seen: typeof sources[number] = { source }
      sources.push(seen)
      return memberships.watch(source, members => {
        seen.members = members
        changed(members)
      })
    },
    async found () {
      await waitAtMost(patience, memberships.ready())
      memberships.close()
      return sources.map(({ source, members }) => {
        const [where, name] = [kindOf(source), sourceName(source)]
        if (members === undefined) return `${where} ${name}: the members cannot be found out now (${causes.get(name) ?? `nobody told within ${patience / 1000} s`}), so there are none here`
        return `${where} ${name}: ${members.length === 0 ? 'no members at this moment' : `at this moment ${members.map(told).join(', ')}`}`
      })
    }
  }
}

const kindOf = (source: MemberSource): string => 'dns' in source ? 'the addresses of' : 'srv' in source ? 'the service' : 'the file'

function told (member: Member): string {
  const { priority, weight } = member
  const more = [priority === undefined ? [] : `priority ${priority}`, weight === undefined ? [] : `weight ${weight}`].flat()
  return `${hostPort(member)}${more.length === 0 ? '' : ` (${more.join(', ')})`}`
}
