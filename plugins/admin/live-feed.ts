import { randomUUID } from 'node:crypto'
import type { EndpointState } from '../../lib/state/endpoint-state.js'
import type { Registry, StateChange } from '../../lib/state/registry.js'
import { processCondition, type ProcessCondition } from '../gateway/process-condition.js'
import type { ProxyServices } from '../gateway/proxy-services.js'
import { redactUrl } from '../../lib/message/redact-url.js'
import { eventId, MAX_MISSED, resumableEntry } from './event-id.js'
import type { EventStream } from './event-stream.js'
import type { Journal } from './journal.js'
import { EndpointSamplers } from './endpoint-samplers.js'
import { GatewaySampler } from './gateway-sampler.js'
import type { LiveEndpoint, Numbers, Snapshot } from './live-protocol.js'
import { proxiesThatUse } from './proxies-that-use.js'
import { ProxySamplers } from './proxy-samplers.js'
import { groupSessions } from './session-counts.js'
import { endpointStatus, liveGroup, proxyViews } from './endpoint-views.js'

/** Pages at one time. */
export const MAX_STREAMS = 16
/** Endpoints whose traffic one page may watch. */
export const MAX_WATCHED = 200
/** Entries of the journal in one frame. */
const MAX_ENTRIES = 20
/** Between two frames of changes, in milliseconds. */
const FRAME_MS = 250
const SECOND = 1_000
/** A stream is never silent for longer, in milliseconds. */
export const QUIET_MS = 5_000

export interface LiveFeedOptions {
  /** How the processes that serve clients are, by their ids. Default: this process alone */
  readonly conditions?: (() => ReadonlyMap<number, ProcessCondition>) | undefined
  /** A page that reads nothing for this long is disconnected, in milliseconds. Default: 30 s */
  readonly stallTimeout?: number
}

/** What one second brings to all pages. */
interface Sampled extends Pick<Numbers, 'total' | 'gateway' | 'groups'> {
  readonly of: ReadonlyMap<number, Numbers['of'][number]>
  readonly proxies: ReadonlyMap<string, Numbers['proxies'][number]>
}

interface Page {
  readonly id: string
  readonly stream: EventStream
  readonly watched: Set<number>
  /** Names of proxies. */
  proxies: readonly string[]
  /** What it was sent last: versions of endpoints, structure, journal. */
  version: number
  structure: string
  entry: number
}

/**
 * Sends pages what changes, as it changes. There is no queue: each endpoint has a version, each page remembers the
 * highest that it was sent, and a slow page gets fewer, larger frames. Without a page nothing runs.
 */
export class LiveFeed {
  readonly boot = randomUUID()
  readonly #registry: Registry
  readonly #proxyServices: ProxyServices | undefined
  readonly #journal: Journal
  readonly #pages = new Map<string, Page>()
  /** Endpoints have a number on the stream and the version of their last change. */
  readonly #numbers = new Map<string, number>()
  readonly #versions = new Map<string, number>()
  readonly #gone = new Map<number, number>()
  readonly #samplers: EndpointSamplers
  readonly #proxySamplers: ProxySamplers
  readonly #gatewaySampler: GatewaySampler
  readonly #stallTimeout: number
  #version = 0
  #nextNumber = 0
  #timer: NodeJS.Timeout | undefined
  #tick = 0

  constructor (
    registry: Registry,
    proxyServices: ProxyServices | undefined,
    journal: Journal,
    {
      conditions = () => new Map([[process.pid, processCondition(proxyServices)]]),
      stallTimeout = 30_000
    }: LiveFeedOptions = {}
  ) {
    this.#registry = registry
    this.#proxyServices = proxyServices
    this.#journal = journal
    this.#proxySamplers = new ProxySamplers(proxyServices)
    this.#samplers = new EndpointSamplers(registry)
    this.#gatewaySampler = new GatewaySampler(registry, conditions)
    this.#stallTimeout = stallTimeout
  }

  get isFull (): boolean { return this.#pages.size >= MAX_STREAMS }

  /**
   * Adds a page, which gets `hello` and a snapshot at once.
   * @param lastEventId the id of the last event that the page has had on an earlier stream
   */
  open (stream: EventStream, lastEventId?: string): void {
    if (this.#pages.size === 0) this.#start()
    const missedSince = resumableEntry(lastEventId, this.boot, this.#journal.last)
    const page: Page = {
      id: randomUUID(),
      stream,
      watched: new Set(),
      proxies: [],
      version: 0,
      structure: '',
      entry: missedSince ?? this.#journal.last
    }
    this.#pages.set(page.id, page)
    stream.onClose(() => this.#remove(page))
    const resumed = missedSince !== undefined
    const hello = { live: page.id, boot: this.boot, now: this.#registry.now(), resumed, quiet: QUIET_MS }
    stream.send('hello', hello, eventId(this.boot, page.entry))
    this.#sendSnapshot(page)
    this.#sendEntries(page, MAX_MISSED)
  }

  /** Sets which endpoints and proxies a page wants traffic of. @returns false if there is no such page */
  watch (id: string, names: readonly string[], proxies: readonly string[] = []): boolean {
    const page = this.#pages.get(id)
    if (page === undefined) return false
    page.watched.clear()
    page.proxies = proxies.slice(0, MAX_WATCHED)
    for (const name of names.slice(0, MAX_WATCHED)) {
      const number = this.#numbers.get(name) ?? this.#numbers.get(this.#byShownName(name) ?? '')
      if (number !== undefined) page.watched.add(number)
    }
    return true
  }

  /** Everything at one moment, for a page that cannot stream. */
  snapshot (): Snapshot {
    const { now } = this.#registry
    return {
      now: now(),
      endpoints: [...this.#registry.endpoints.values()].map(endpoint => this.#liveEndpoint(endpoint)),
      groups: [...this.#registry.groups.values()].map(group =>
        liveGroup(group, proxiesThatUse(group.name, this.#proxyServices))),
      proxies: proxyViews(this.#proxyServices).map(({ name, path, isRunning, wsdlProblem }) => ({
        name,
        path,
        isRunning,
        wsdlProblem
      }))
    }
  }

  /** Ends all streams. @param reason shown by the pages */
  close (reason: string): void {
    for (const { stream } of this.#pages.values()) {
      stream.send('bye', { reason })
      stream.end()
    }
    this.#stop()
  }

  #start (): void {
    this.#registry.on('stateChange', this.#onStateChange)
    this.#registry.on('healthCheckChange', this.#onChange)
    this.#timer = setInterval(() => this.#onTick(), FRAME_MS).unref()
  }

  #stop (): void {
    clearInterval(this.#timer)
    this.#registry.off('stateChange', this.#onStateChange)
    this.#registry.off('healthCheckChange', this.#onChange)
    this.#samplers.clear()
    this.#proxySamplers.clear()
    this.#gone.clear()
    this.#gatewaySampler.clear()
    this.#pages.clear()
  }

  #remove (page: Page): void {
    this.#pages.delete(page.id)
    if (this.#pages.size === 0) this.#stop()
  }

  readonly #onStateChange = ({ endpoint }: StateChange): void => this.#onChange(endpoint)

  readonly #onChange = ({ name }: EndpointState): void => {
    this.#versions.set(name, ++this.#version)
  }

  #onTick (): void {
    this.#tick++
    const isSecond = this.#tick % (SECOND / FRAME_MS) === 0
    if (isSecond) this.#compareMembership()
    const traffic = isSecond ? this.#traffic() : undefined
    const structure = isSecond ? this.#structure() : undefined
    for (const page of this.#pages.values()) {
      if (page.stream.stalledFor(performance.now()) > this.#stallTimeout) page.stream.destroy()
      else if (!page.stream.isBlocked) this.#sendFrame(page, structure, traffic)
    }
    if (isSecond) this.#forgetGone()
  }

  #sendFrame (page: Page, structure: string | undefined, traffic: Sampled | undefined): void {
    if (structure !== undefined && structure !== page.structure) this.#sendSnapshot(page)
    else this.#sendStates(page)
    this.#sendEntries(page, MAX_ENTRIES)
    if (traffic !== undefined) {
      const of = [...page.watched].flatMap(number => traffic.of.get(number) ?? [])
      const proxies = page.proxies.flatMap(name => traffic.proxies.get(name) ?? [])
      page.stream.send('numbers', { ...traffic, now: this.#registry.now(), of, proxies })
    }
    page.stream.keepAlive(QUIET_MS)
  }

  #sendEntries (page: Page, most: number): void {
    for (const entry of this.#journal.newest(page.entry, most)) {
      page.stream.send('entry', entry, eventId(this.boot, entry.n))
    }
    page.entry = this.#journal.last
  }

  #sendSnapshot (page: Page): void {
    page.stream.send('snapshot', this.snapshot())
    page.version = this.#version
    page.structure = this.#structure()
  }

  #sendStates (page: Page): void {
    if (page.version === this.#version) return
    const of = [...this.#versions].flatMap(([name, version]) => {
      const endpoint = version > page.version ? this.#registry.endpoints.get(name) : undefined
      return endpoint === undefined ? [] : [this.#liveEndpoint(endpoint)]
    })
    const gone = [...this.#gone].flatMap(([number, version]) => (version > page.version ? [number] : []))
    page.version = this.#version
    page.stream.send('states', { now: this.#registry.now(), of, gone })
  }

  /** Finds endpoints that came or went, for which there is no event. */
  #compareMembership (): void {
    for (const name of this.#registry.endpoints.keys()) {
      if (!this.#numbers.has(name)) {
        this.#numberOf(name)
        this.#versions.set(name, ++this.#version)
      }
    }
    if (this.#numbers.size === this.#registry.endpoints.size) return
    for (const [name, number] of this.#numbers) {
      if (this.#registry.endpoints.has(name)) continue
      this.#numbers.delete(name)
      this.#versions.delete(name)
      this.#samplers.delete(name)
      this.#gone.set(number, ++this.#version)
    }
  }

  /** Drops endpoints that are gone once every page knows. */
  #forgetGone (): void {
    const sent = Math.min(...[...this.#pages.values()].map(({ version }) => version))
    for (const [number, version] of this.#gone) if (version <= sent) this.#gone.delete(number)
  }

  #traffic (): Sampled {
    const pages = [...this.#pages.values()]
    const watched = new Set(pages.flatMap(page => [...page.watched]))
    const wanted = new Map([...this.#numbers].filter(([, number]) => watched.has(number)))
    return {
      total: this.#samplers.total(),
      gateway: this.#gatewaySampler.sample(performance.now()),
      groups: groupSessions(this.#registry, MAX_WATCHED),
      of: this.#samplers.sample(wanted),
      proxies: this.#proxySamplers.sample(new Set(pages.flatMap(page => page.proxies)))
    }
  }

  #structure (): string {
    const groups = [...this.#registry.groups.values()].map(({ name, members }) =>
      [name, ...members, '', ...proxiesThatUse(name, this.#proxyServices)].join('\0'))
    const proxies = proxyViews(this.#proxyServices).map(
      ({ name, isRunning, wsdlProblem }) => `${name}\0${isRunning}\0${wsdlProblem}`
    )
    return `${this.#proxyServices?.loadedAt}\n${groups.join('\n')}\n\n${proxies.join('\n')}`
  }

  #numberOf (name: string): number {
    let number = this.#numbers.get(name)
    if (number === undefined) this.#numbers.set(name, (number = this.#nextNumber++))
    return number
  }

  #byShownName (shown: string): string | undefined {
    return [...this.#numbers.keys()].find(name => redactUrl(name) === shown)
  }

  #liveEndpoint (endpoint: EndpointState): LiveEndpoint {
    return { i: this.#numberOf(endpoint.name), ...endpointStatus(endpoint, this.#registry) }
  }
}
