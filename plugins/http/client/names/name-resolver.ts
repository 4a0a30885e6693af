import { NODATA, NOTFOUND, Resolver } from 'node:dns'
import { codeOf, failure, type Failure } from '../client-error.js'
import { Countdown } from '../../../timing/shared-timer.js'
import { type ResolvedAddress, candidates, isInvalid, localAddresses, searchRules } from './system-names.js'

export type Resolved = (failure: Failure | undefined, addresses: readonly ResolvedAddress[]) => void

/** Finds the addresses of a name. */
export interface NameResolver {
  /** May call back at once; never calls back after the function that it returns was called. */
  resolve (name: string, callback: Resolved): () => void
}

export interface NameResolverOptions {
  /** How long a look-up may take, in milliseconds. Default: 5 s */
  readonly timeout?: number | undefined
  /** Addresses of name servers. Default: those of the system */
  readonly servers?: readonly string[] | undefined
}

interface CachedName {
  readonly addresses: readonly ResolvedAddress[]
  readonly failure: Failure | undefined
  /** By `performance.now()`. */
  readonly until: number
}

interface Resolution {
  readonly addresses: readonly ResolvedAddress[]
  /** In seconds. */
  readonly ttl: number
  /** Why there is no address. */
  readonly code: string | undefined
}

type Records = readonly { readonly address: string, readonly ttl: number }[]

const MAX_ENTRIES = 1024
const TTL = { least: 1_000, most: 30_000 }
const FAILED_FOR = 1_000
/** For this long after its end an entry is used while no name server responds. */
const STALE_FOR = 600_000
/** For this long after a failure of the name servers, requests for a name do not wait for its next look-up. */
const FAILING_FOR = 30_000
/** How long one family waits for the other (RFC 8305, section 3). */
const RESOLUTION_DELAY = 50

/**
 * Queries name servers by c-ares, which needs none of libuv's threads: a name server that does not respond for one name
 * delays no other, and its own requests once only: those that follow fail at once while it is looked up again. Honours
 * the hosts file and the search domains of the system.
 */
export class DnsNameResolver implements NameResolver {
  readonly #timeout: number
  readonly #servers: readonly string[]
  readonly #entries = new Map<string, CachedName>()
  readonly #lookups = new Map<string, NameLookup>()
  #channel: Resolver | undefined
  #system = ''

  constructor ({ timeout = 5_000, servers = [] }: NameResolverOptions = {}) {
    this.#timeout = timeout
    this.#servers = servers
  }

  resolve (name: string, callback: Resolved): () => void {
    const key = name.toLowerCase()
    const local = localAddresses(key)
    const entry = local === undefined ? this.#entries.get(key) : undefined
    if (local !== undefined || (entry !== undefined && entry.until > performance.now())) {
      callback(entry?.failure, local ?? entry!.addresses)
      return nothing
    }
    if (isInvalid(key)) {
      callback(failureOf(key, NOTFOUND), [])
      return nothing
    }
    let lookup = this.#lookups.get(key)
    if (lookup === undefined) {
      lookup = new NameLookup(this.#channelNow(), this.#timeout, found => this.#found(key, found))
      this.#lookups.set(key, lookup)
      lookup.begin(candidates(key, searchRules.read()))
    }
    if (isFailing(entry, performance.now())) {
      callback(entry.failure, [])
      return nothing
    }
    const { waiting } = lookup
    waiting.add(callback)
    return () => { waiting.delete(callback) }
  }

  /** The servers are those of the system now: a channel reads them once. */
  #channelNow (): Resolver {
    const { text } = searchRules.read()
    if (this.#channel === undefined || (this.#servers.length === 0 && text !== this.#system)) {
      this.#channel = new Resolver({ timeout: 1_500, tries: 3 })
      if (this.#servers.length > 0) this.#channel.setServers(this.#servers)
      this.#system = text
    }
    return this.#channel
  }

  #found (key: string, { addresses, ttl, code }: Resolution): void {
    const { waiting } = this.#lookups.get(key)!
    this.#lookups.delete(key)
    const known = this.#entries.get(key)
    const now = performance.now()
    let entry: CachedName
    if (code === undefined) {
      entry = { addresses, failure: undefined, until: now + Math.min(Math.max(ttl * 1000, TTL.least), TTL.most) }
    } else if (code !== NOTFOUND && isUsable(known, now)) {
      for (const callback of waiting) callback(undefined, known.addresses)
      return
    } else entry = { addresses: [], failure: failureOf(key, code), until: now + FAILED_FOR }
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    if (this.#entries.size > MAX_ENTRIES) this.#entries.delete(this.#entries.keys().next().value!)
    for (const callback of waiting) callback(entry.failure, entry.addresses)
  }
}

/** One name on its way: both families of each candidate at once. */
class NameLookup {
  readonly waiting = new Set<Resolved>()
  readonly #channel: Resolver
  readonly #onFound: (found: Resolution) => void
  readonly #limit = new Countdown(() => this.#end({ addresses: [], ttl: 0, code: 'ETIMEOUT' }))
  readonly #delay = new Countdown(() => this.#settle())
  readonly #timeout: number
  #names: readonly string[] = []
  #at = 0
  #pending = 0
  #v4: readonly ResolvedAddress[] = []
  #v6: readonly ResolvedAddress[] = []
  #ttl = Infinity
  /** Why there is no result, if one family or candidate has failed other than by having no address. */
  #broken: string | undefined
  #isOver = false

  constructor (channel: Resolver, timeout: number, onFound: (found: Resolution) => void) {
    this.#channel = channel
    this.#timeout = timeout
    this.#onFound = onFound
  }

  begin (names: readonly string[]): void {
    this.#names = names
    this.#limit.start(this.#timeout)
    this.#query()
  }

  #query (): void {
    const at = this.#at
    const name = this.#names[at]!
    this.#pending = 2
    const answered = (family: 4 | 6) => (error: Error | null, records: Records | undefined): void => {
      if (this.#isOver || at !== this.#at) return
      if (error !== null) this.#failed(codeOf(error))
      else this.#addRecords(family, records ?? [])
      this.#pending--
      if (this.#pending === 0) this.#settle()
      else if (this.#v4.length + this.#v6.length > 0) this.#delay.start(RESOLUTION_DELAY)
    }
    this.#channel.resolve6(name, { ttl: true }, answered(6))
    this.#channel.resolve4(name, { ttl: true }, answered(4))
  }

  #addRecords (family: 4 | 6, records: Records): void {
    const addresses = records.map(({ address }) => ({ address, family }))
    if (family === 4) this.#v4 = addresses
    else this.#v6 = addresses
    for (const { ttl } of records) this.#ttl = Math.min(this.#ttl, ttl)
  }

  #failed (code: string): void {
    if (code !== NOTFOUND && code !== NODATA) this.#broken ??= code
  }

  #settle (): void {
    const addresses = interleaved(this.#v6, this.#v4)
    if (addresses.length > 0) this.#end({ addresses, ttl: this.#ttl, code: undefined })
    else if (++this.#at < this.#names.length) this.#query()
    else this.#end({ addresses, ttl: 0, code: this.#broken ?? NOTFOUND })
  }

  #end (found: Resolution): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#limit.stop()
    this.#delay.stop()
    this.#onFound(found)
  }
}

const isUsable = (entry: CachedName | undefined, now: number): entry is CachedName =>
  entry !== undefined && entry.failure === undefined && entry.until + STALE_FOR > now

/** Whether no name server has responded for it, a short while ago. */
const isFailing = (entry: CachedName | undefined, now: number): entry is CachedName =>
  entry?.failure?.kind === 'nameServerFailed' && now < entry.until + FAILING_FOR

/** The families in turn. @see RFC 8305, section 4 */
function interleaved (v6: readonly ResolvedAddress[], v4: readonly ResolvedAddress[]): ResolvedAddress[] {
  const all: ResolvedAddress[] = []
  for (let at = 0; at < Math.max(v6.length, v4.length); at++) {
    if (at < v6.length) all.push(v6[at]!)
    if (at < v4.length) all.push(v4[at]!)
  }
  return all
}

function failureOf (name: string, code: string): Failure {
  return code === NOTFOUND
    ? failure('unknownHost', code, `The host "${name}" has no address`)
    : failure('nameServerFailed', code, `No name server answered for the host "${name}"`)
}

const nothing = (): void => {}
