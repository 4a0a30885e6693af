import { createMemberDiscovery } from '../../../plugins/discovery/discovery.js'
import { waitAtMost } from '../../../plugins/timing/deadline.js'
import { sourceName, hostPort, type Member, type MemberSource, type WatchMembers } from '../../contracts/discovery.js'

/** The time limit of all look-ups together. */
const LOOKUP_TIMEOUT_MS = 5_000

/** The members of dynamic groups at this moment. */
export interface MemberLookup {
  /** For `compile`. */
  readonly watch: WatchMembers
  /**
   * Resolves within the time limit with one line for each source: its members, or why they are unknown. Ends watching.
   */
  found (): Promise<string[]>
}

/**
 * Looks up the members of dynamic groups once.
 * @param baseDir Relative files are resolved against this folder.
 * @param servers Name servers, `address:port`. Default: those of the system.
 * @param timeout Milliseconds.
 */
export function resolveMembersOnce (
  baseDir: string, servers?: readonly string[], timeout = LOOKUP_TIMEOUT_MS
): MemberLookup {
  const causes = new Map<string, string>()
  const sources: { readonly source: MemberSource, members?: readonly Member[] }[] = []
  const log = {
    info () {},
    warn ({ membership, cause }: { membership: string, cause?: string }) {
      if (cause !== undefined) causes.set(membership, cause)
    }
  }
  const discovery = createMemberDiscovery({ log, baseDir, servers })
  const describeSource = ({ source, members }: typeof sources[number]): string => {
    const [kind, name] = [kindOf(source), sourceName(source)]
    if (members === undefined) {
      const cause = causes.get(name) ?? `no result within ${timeout / 1000} s`
      return `${kind} ${name}: the members are unknown (${cause}), and none are assumed`
    }
    return `${kind} ${name}: ${members.length === 0
      ? 'no members at this moment'
      : `at this moment ${members.map(describe).join(', ')}`}`
  }
  return {
    watch (source, changed) {
      const watched: typeof sources[number] = { source }
      sources.push(watched)
      return discovery.watch(source, members => {
        changed(members)
        watched.members = members
      })
    },
    async found () {
      await waitAtMost(timeout, discovery.ready())
      discovery.close()
      return sources.map(describeSource)
    }
  }
}

const kindOf = (source: MemberSource): string =>
  'dns' in source ? 'the addresses of' : 'srv' in source ? 'the service' : 'the file'

function describe (member: Member): string {
  const { priority, weight } = member
  const details =
    [priority === undefined ? [] : `priority ${priority}`, weight === undefined ? [] : `weight ${weight}`].flat()
  return `${hostPort(member)}${details.length === 0 ? '' : ` (${details.join(', ')})`}`
}
