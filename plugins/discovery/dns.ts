import type { SrvRecord } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import type { Member, MemberSource } from '../../lib/contracts/discovery.js'

/** What is known now, and when to look again, in milliseconds. `failed`: why it could not be looked up; then there is nothing new. */
export interface Found { readonly members: readonly Member[] | undefined, readonly again: number, readonly failed?: string | undefined }

/** A name is looked up as often as its TTL says, within these limits, in milliseconds. */
const SOONEST = 1_000
const LATEST = 300_000
/** Where there is no TTL: what does not exist, and SRV records, whose TTL the resolver does not tell. */
const REFRESH = 5_000

type Source = Exclude<MemberSource, { file: string }>
interface Address { readonly address: string, readonly ttl: number }

/** Looks the members of one group up, again and again: what was found of one kind of record stays while only that kind cannot be asked for. */
export function lookup (source: Source, servers: readonly string[] = []): () => Promise<Found> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  if (servers.length > 0) resolver.setServers(servers)
  return 'dns' in source ? addresses(source, resolver) : services(source, resolver)
}

function addresses ({ dns, httpPort, httpsPort }: Extract<Source, { dns: string }>, resolver: Resolver): () => Promise<Found> {
  const families = [() => resolver.resolve4(dns, { ttl: true }), () => resolver.resolve6(dns, { ttl: true })]
  const known: (readonly Address[] | undefined)[] = [undefined, undefined]
  return async () => {
    const asked = await Promise.all(families.map(ask => settled<Address>(ask())))
    for (const [family, { found }] of asked.entries()) if (found !== undefined) known[family] = found
    const all = known.flatMap(found => found ?? [])
    const failed = asked.every(({ found }) => found === undefined) ? asked[0]!.failed : undefined
    const shortest = Math.min(...all.map(({ ttl }) => ttl * 1000))
    return {
      members: failed === undefined ? all.map(({ address }) => ({ hostName: address, httpPort, httpsPort })) : undefined,
      again: Number.isFinite(shortest) && failed === undefined ? Math.min(Math.max(shortest, SOONEST), LATEST) : REFRESH,
      failed
    }
  }
}

/** All of them, with their priorities and weights (RFC 2782). The target `.` says that there is nobody. */
function services ({ srv, scheme = 'http' }: Extract<Source, { srv: string }>, resolver: Resolver): () => Promise<Found> {
  return async () => {
    const { found, failed } = await settled(resolver.resolveSrv(srv))
    const there = found?.filter(({ name }) => name !== '' && name !== '.')
    const priorities = [...new Set(there?.map(({ priority }) => priority))]
    const members = there && priorities.flatMap(priority => weighed(there.filter(each => each.priority === priority))).map(({ name, port, priority, weight }): Member =>
      ({ hostName: name, [scheme === 'https' ? 'httpsPort' : 'httpPort']: port, priority, weight }))
    return { members, again: REFRESH, failed }
  }
}

/** Weights from 1 on, as small as they can be: they are shares of messages. Beside others a weight of 0 is a very small one. */
function weighed (records: readonly SrvRecord[]): SrvRecord[] {
  const weights = records.map(({ weight }) => weight)
  const divisor = weights.reduce(greatestDivisor, 0) || 1
  const unit = weights.includes(0) ? 100 : 1
  return records.map(record => ({ ...record, weight: Math.max(1, record.weight / divisor * unit) }))
}

const greatestDivisor = (a: number, b: number): number => b === 0 ? a : greatestDivisor(b, a % b)

/** A name that does not exist, or has no such records, has no members; that is an answer like any other. */
async function settled<T> (asked: Promise<T[]>): Promise<{ found?: readonly T[], failed?: string }> {
  try {
    return { found: await asked }
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return code === 'ENOTFOUND' || code === 'ENODATA' ? { found: [] } : { failed: code }
  }
}
