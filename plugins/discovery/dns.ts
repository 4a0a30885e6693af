import type { SrvRecord } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import type { Member, MemberSource } from '../../lib/contracts/discovery.js'

/** The result of one look-up. */
export interface LookupResult {
  /** Undefined: nothing new is known. */
  readonly members: readonly Member[] | undefined
  /** When to look up again, in milliseconds. */
  readonly nextLookup: number
  /** Why the look-up failed. */
  readonly failed?: string | undefined
}

/** A name is looked up whenever its TTL ends, within these limits, in milliseconds. */
const MIN_TTL_MS = 1_000
const MAX_TTL_MS = 300_000
/** Without a TTL: for names that do not exist, and for SRV records, whose TTL the resolver does not return. */
const REFRESH_MS = 5_000

type DnsSource = Exclude<MemberSource, { file: string }>
interface DnsAddress { readonly address: string, readonly ttl: number }

/**
 * Returns a look-up of the members of one group. Addresses of one family stay while only that family cannot be
 * resolved.
 */
export function dnsLookup (source: DnsSource, servers: readonly string[] = []): () => Promise<LookupResult> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  if (servers.length > 0) resolver.setServers(servers)
  return 'dns' in source ? addressLookup(source, resolver) : serviceLookup(source, resolver)
}

type AddressSource = Extract<MemberSource, { dns: string }>

function addressLookup ({ dns, httpPort, httpsPort }: AddressSource, resolver: Resolver): () => Promise<LookupResult> {
  const families = [() => resolver.resolve4(dns, { ttl: true }), () => resolver.resolve6(dns, { ttl: true })]
  const known: (readonly DnsAddress[] | undefined)[] = [undefined, undefined]
  return async () => {
    const results = await Promise.all(families.map(resolve => settled<DnsAddress>(resolve())))
    for (const [family, { found }] of results.entries()) if (found !== undefined) known[family] = found
    const all = known.flatMap(found => found ?? [])
    const failed = results.every(({ found }) => found === undefined) ? results[0]!.failed : undefined
    const shortest = Math.min(...all.map(({ ttl }) => ttl * 1000))
    const hasTtl = Number.isFinite(shortest) && failed === undefined
    const members = all.map(({ address }) => ({ hostName: address, httpPort, httpsPort }))
    return {
      members: failed === undefined ? members : undefined,
      nextLookup: hasTtl ? Math.min(Math.max(shortest, MIN_TTL_MS), MAX_TTL_MS) : REFRESH_MS,
      failed
    }
  }
}

type ServiceSource = Extract<MemberSource, { srv: string }>

/** Returns all members with their priorities and weights. The target `.` means no members. @see RFC 2782 */
function serviceLookup ({ srv, scheme = 'http' }: ServiceSource, resolver: Resolver): () => Promise<LookupResult> {
  const memberOf = ({ name, port, priority, weight }: SrvRecord): Member =>
    ({ hostName: name, [scheme === 'https' ? 'httpsPort' : 'httpPort']: port, priority, weight })
  return async () => {
    const { found, failed } = await settled(resolver.resolveSrv(srv))
    const records = found?.filter(({ name }) => name !== '' && name !== '.')
    const priorities = [...new Set(records?.map(({ priority }) => priority))]
    const ofPriority = (wanted: number): SrvRecord[] => (records ?? []).filter(({ priority }) => priority === wanted)
    const weighted = records && priorities.flatMap(priority => withWeights(ofPriority(priority)))
    return { members: weighted?.map(memberOf), nextLookup: REFRESH_MS, failed }
  }
}

/**
 * Reduces weights to the smallest whole numbers from 1 on: they are shares of messages. A weight of 0 becomes a very
 * small one.
 */
function withWeights (records: readonly SrvRecord[]): SrvRecord[] {
  const weights = records.map(({ weight }) => weight)
  const divisor = weights.reduce(greatestCommonDivisor, 0) || 1
  const unit = weights.includes(0) ? 100 : 1
  return records.map(record => ({ ...record, weight: Math.max(1, record.weight / divisor * unit) }))
}

const greatestCommonDivisor = (a: number, b: number): number => b === 0 ? a : greatestCommonDivisor(b, a % b)

/** A name that does not exist, or has no such records, has no members; that is a result like any other. */
async function settled<T> (pending: Promise<T[]>): Promise<{ found?: readonly T[], failed?: string }> {
  try {
    return { found: await pending }
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return code === 'ENOTFOUND' || code === 'ENODATA' ? { found: [] } : { failed: code }
  }
}
