import { sourceName, type Member, type MemberSource, type WatchMembers } from '../../lib/contracts/discovery.js'
import { BackOff, repeat } from '../timing/back-off.js'
import { dnsLookup, type LookupResult } from './dns.js'
import { fileLookup } from './file.js'

interface LogFields {
  readonly membership: string
  readonly cause?: string
  readonly members?: readonly string[]
}
type DiscoveryLog = Readonly<Record<'info' | 'warn', (fields: LogFields, text: string) => void>>

export interface DiscoveryOptions {
  readonly log: DiscoveryLog
  /** What relative files are relative to. */
  readonly baseDir: string
  /** Name servers, `address:port`. Default: those of the system */
  readonly servers?: readonly string[] | undefined
}

/** The members of all dynamic groups of one configuration. */
export interface MemberDiscovery {
  readonly watch: WatchMembers
  /** Begins the look-ups, and resolves when every group has been looked up once. Never rejects. */
  ready(): Promise<void>
  close(): void
}

/** Delays after failed look-ups, in milliseconds. */
const FIRST_RETRY_MS = 500
const MAX_RETRY_MS = 30_000

/**
 * Looks up the members of dynamic groups repeatedly and reports changes. While a source cannot be reached, or a group
 * cannot be built with the members found there, its members stay as they are.
 */
export function createMemberDiscovery ({ log, baseDir, servers }: DiscoveryOptions): MemberDiscovery {
  /** What is not begun yet: a configuration is watched from when it is complete. */
  const waiting = new Map<object, () => MemberWatch>()
  const watches = new Map<object, MemberWatch>()
  const watch: WatchMembers = (source, onChange) => {
    const lookup = 'file' in source ? fileLookup(source.file, baseDir) : dnsLookup(source, servers)
    const key = {}
    waiting.set(key, () => follow(lookup, onChange, reporterFor(log, source)))
    return () => {
      waiting.delete(key)
      watches.get(key)?.end()
      watches.delete(key)
    }
  }
  return {
    watch,
    async ready () {
      for (const [key, begin] of waiting) watches.set(key, begin())
      waiting.clear()
      await Promise.all([...watches.values()].map(({ first }) => first))
    },
    close () {
      for (const { end } of watches.values()) end()
      waiting.clear()
      watches.clear()
    }
  }
}

type LookupMembers = () => Promise<LookupResult>
type OnChange = (members: readonly Member[]) => void
interface MemberWatch {
  readonly first: Promise<void>
  readonly end: () => void
}
type ReportLookup = (result: LookupResult, changed: boolean) => void

function follow (lookup: LookupMembers, onChange: OnChange, report: ReportLookup): MemberWatch {
  const backOff = new BackOff(FIRST_RETRY_MS, MAX_RETRY_MS)
  let ended = false
  let known = ''
  let onFirst = (): void => {}
  const first = new Promise<void>(resolve => {
    onFirst = resolve
  })
  const stop = repeat(async () => {
    const result = await lookup()
    if (ended) return undefined
    const members = result.members && unique(result.members)
    const serialized = members && JSON.stringify(members)
    const changed = serialized !== undefined && serialized !== known
    const failed = changed ? errorOf(() => onChange(members!)) : result.failed
    if (changed && failed === undefined) known = serialized
    report({ ...result, members, failed }, changed && failed === undefined)
    onFirst()
    if (failed !== undefined) return backOff.next()
    backOff.reset()
    return result.nextLookup
  })
  const end = (): void => {
    ended = true
    stop()
    onFirst()
  }
  return { first, end }
}

/** Calls a function. Returns the message of its error, if it throws one. */
function errorOf (call: () => void): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    return String((error as Error | undefined)?.message ?? error)
  }
}

/** Returns each address once, with its lowest priority, sorted: name servers shuffle their responses. */
function unique (members: readonly Member[]): readonly Member[] {
  const byAddress = new Map<string, Member>()
  for (const member of members) {
    const address = `${member.hostName} ${member.httpPort} ${member.httpsPort}`
    const known = byAddress.get(address)
    if (known === undefined || (member.priority ?? 0) < (known.priority ?? 0)) byAddress.set(address, member)
  }
  return [...byAddress].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, member]) => member)
}

/** Logs one line for each change, and one when a source begins to fail, or its members cannot be used. */
function reporterFor (log: DiscoveryLog, source: MemberSource): ReportLookup {
  const name = sourceName(source)
  let failing = false
  return ({ members, failed }, changed) => {
    if (failed !== undefined && !failing) {
      const text = `the members of ${name} cannot be looked up and stay as they are: ${failed}`
      log.warn({ membership: name, cause: failed }, text)
    }
    failing = failed !== undefined
    if (!changed || members === undefined) return
    const addresses = members.map(({ hostName, httpPort, httpsPort }) => `${hostName}:${httpPort ?? httpsPort}`)
    const level = members.length === 0 ? 'warn' : 'info'
    log[level]({ membership: name, members: addresses }, `${name} has ${members.length} members`)
  }
}
