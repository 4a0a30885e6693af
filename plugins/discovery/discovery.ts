import { sourceName, type Member, type MemberSource, type WatchMembers } from '../../lib/contracts/discovery.js'
import { lookup, type Found } from './dns.js'
import { fromFile } from './file.js'

export { runTcpHealthChecks } from './tcp-health-check.js'

type Log = Readonly<Record<'info' | 'warn', (fields: { readonly membership: string, readonly cause?: string, readonly members?: readonly string[] }, text: string) => void>>

export interface DiscoveryOptions {
  readonly log: Log
  /** What relative files are relative to. */
  readonly baseDir: string
  /** Name servers, `address:port`; those of the system unless told. */
  readonly servers?: readonly string[] | undefined
}

/** The members of all dynamic groups of one configuration. */
export interface MemberDiscovery {
  readonly watch: WatchMembers
  /** Resolves when every group was looked up once. Never rejects. */
  ready (): Promise<void>
  close (): void
}

/** After a failure it is tried again soon, then less and less often, in milliseconds. */
const [SOON, SELDOM] = [500, 30_000]

/** Looks up who belongs to dynamic groups, again and again; only what has changed is told. While nobody can be asked, nothing changes. */
export function createMemberDiscovery ({ log, baseDir: folder, servers }: DiscoveryOptions): MemberDiscovery {
  const ends = new Set<() => void>()
  const first: Promise<void>[] = []
  const watch: WatchMembers = (source, changed) => {
    const look = 'file' in source ? fromFile(source.file, folder) : lookup(source, servers)
    const { began, end } = follow(look, changed, told(log, source))
    first.push(began)
    ends.add(end)
    return () => { ends.delete(end); end() }
  }
  return {
    watch,
    ready: async () => { await Promise.all(first) },
    close () {
      for (const end of ends) end()
      ends.clear()
    }
  }
}

function follow (look: () => Promise<Found>, changed: (members: readonly Member[]) => void, tell: (found: Found, changed: boolean) => void): { began: Promise<void>, end: () => void } {
  let over = false
  let timer: NodeJS.Timeout | undefined
  let known = ''
  let failures = 0
  const turn = async (): Promise<void> => {
    const found = await look()
    if (over) return
    const members = found.members && distinct(found.members)
    const now = members && JSON.stringify(members)
    const isNew = now !== undefined && now !== known
    tell({ ...found, members }, isNew)
    if (isNew) {
      known = now
      changed(members!)
    }
    failures = found.failed === undefined ? 0 : failures + 1
    const again = failures === 0 ? found.again : Math.min(SOON * 2 ** (failures - 1), SELDOM)
    timer = setTimeout(() => { void turn() }, again).unref()
  }
  return { began: turn(), end: () => { over = true; clearTimeout(timer) } }
}

/** Each place once, with its lowest priority; in an order of their own: name servers shuffle their answers. */
function distinct (members: readonly Member[]): readonly Member[] {
  const places = new Map<string, Member>()
  for (const member of members) {
    const place = `${member.hostName} ${member.httpPort} ${member.httpsPort}`
    const known = places.get(place)
    if (known === undefined || (member.priority ?? 0) < (known.priority ?? 0)) places.set(place, member)
  }
  return [...places].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0).map(([, member]) => member)
}

/** One line for each change, and one when a source begins to fail. */
function told (log: Log, source: MemberSource): (found: Found, changed: boolean) => void {
  const name = sourceName(source)
  let failing = false
  return ({ members, failed }, changed) => {
    if (failed !== undefined && !failing) log.warn({ membership: name, cause: failed }, `the members of ${name} cannot be found out, they stay as they are: ${failed}`)
    failing = failed !== undefined
    if (changed && members !== undefined) log[members.length === 0 ? 'warn' : 'info']({ membership: name, members: members.map(({ hostName, httpPort, httpsPort }) => `${hostName}:${httpPort ?? httpsPort}`) }, `${name} has ${members.length} members`)
  }
}
