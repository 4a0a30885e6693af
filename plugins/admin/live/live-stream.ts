import { randomUUID } from 'node:crypto'
import type { EndpointState } from '../../../lib/state/endpoint-state.js'
import type { Registry, StateChange } from '../../../lib/state/registry.js'
import { processCondition, type ProcessCondition } from '../../gateway/process-condition.js'
import type { ProxyServices } from '../../gateway/proxy-services.js'
import { eventId, MAX_MISSED, resumableEntry } from './event-id.js'
import { eventText, type EventStream } from './event-stream.js'
import type { Journal } from '../journal/journal.js'
import { EndpointSamplers } from '../samples/endpoint-samplers.js'
import { GatewaySampler } from '../samples/gateway-sampler.js'
import { LiveEndpoints } from './live-endpoints.js'
import type { Numbers, Snapshot } from '../contract/live-protocol.js'
import { LiveStructure } from './live-structure.js'
import { proxiesThatUse } from '../endpoints/proxies-that-use.js'
import { ProxySamplers } from '../samples/proxy-samplers.js'
import { groupSessions } from '../samples/session-counts.js'
import { liveGroup, proxyViews } from '../endpoints/endpoint-views.js'

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

export interface LiveStreamOptions {
  /** How the processes that serve clients are, by their ids. Default: this process alone */
  readonly conditions?: (() => ReadonlyMap<number, ProcessCondition>) | undefined
  /** A page that reads nothing for this long is disconnected, in milliseconds. Default: 30 s */
  readonly stallTimeout?: number
}

/** What one second brings to all pages. */
interface Sampled extends Pick<Numbers, 'total' | 'gateway' | 'groups'> {
  readonly endpoints: ReadonlyMap<number, Numbers['endpoints'][number]>
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
  structure: number
  entry: number
}

/**
 * Sends pages what changes, as it changes. There is no queue: each endpoint has a version, each page remembers the
 * highest that it was sent, and a slow page gets fewer, larger frames. Without a page nothing runs.
 */
export class LiveStream {
  readonly boot = randomUUID()
  readonly #registry: Registry
  readonly #proxyServices: ProxyServices | undefined
  readonly #journal: Journal
  readonly #pages = new Map<string, Page>()
  readonly #endpoints: LiveEndpoints
  readonly #structure: LiveStructure
  readonly #samplers: EndpointSamplers
  readonly #proxySamplers: ProxySamplers
  readonly #gatewaySampler: GatewaySampler
  readonly #stallTimeout: number
  #timer: NodeJS.Timeout | undefined
  #tick = 0

  constructor (
    registry: Registry,
    proxyServices: ProxyServices | undefined,
    journal: Journal,
    {
      conditions = () => new Map([[process.pid, processCondition(proxyServices)]]),
      stallTimeout = 30_000
    }: LiveStreamOptions = {}
  ) {
    this.#registry = registry
    this.#proxyServices = proxyServices
    this.#journal = journal
    this.#endpoints = new LiveEndpoints(registry)
    this.#structure = new LiveStructure(registry, proxyServices)
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
      structure: 0,
      entry: missedSince ?? this.#journal.last
    }
    this.#pages.set(page.id, page)
    stream.onClose(() => this.#remove(page))
    const resumed = missedSince !== undefined
    const hello = { live: page.id, boot: this.boot, now: this.#registry.now(), resumed, quiet: QUIET_MS }
    const greeting = eventText('hello', hello, eventId(this.boot, page.entry))
    stream.send(greeting + this.#snapshotText() + this.#entriesText(page.entry, MAX_MISSED))
    this.#noteSnapshot(page)
    page.entry = this.#journal.last
  }

  /** Sets which endpoints and proxies a page wants traffic of. @returns false if there is no such page */
  watch (id: string, names: readonly string[], proxies: readonly string[] = []): boolean {
    const page = this.#pages.get(id)
    if (page === undefined) return false
    page.watched.clear()
    page.proxies = proxies.slice(0, MAX_WATCHED)
    for (const name of names.slice(0, MAX_WATCHED)) {
      const index = this.#endpoints.indexOf(name)
      if (index !== undefined) page.watched.add(index)
    }
    return true
  }

  /** Everything at one moment, for a page that cannot stream. */
  snapshot (): Snapshot {
    const { now } = this.#registry
    return {
      now: now(),
      endpoints: this.#endpoints.all(),
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
      stream.send(eventText('end', { reason }))
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
    this.#gatewaySampler.clear()
    this.#pages.clear()
  }

  #remove (page: Page): void {
    this.#pages.delete(page.id)
    if (this.#pages.size === 0) this.#stop()
  }

  readonly #onStateChange = ({ endpoint }: StateChange): void => this.#onChange(endpoint)

  readonly #onChange = ({ name }: EndpointState): void => this.#endpoints.change(name)

  #onTick (): void {
    this.#tick++
    const isSecond = this.#tick % (SECOND / FRAME_MS) === 0
    if (isSecond) for (const name of this.#endpoints.compare()) this.#samplers.delete(name)
    const traffic = isSecond ? this.#traffic() : undefined
    const structure = isSecond ? this.#structure.look() : undefined
    const changes = new Map<string, string>()
    for (const page of this.#pages.values()) {
      if (page.stream.stalledFor(performance.now()) > this.#stallTimeout) page.stream.destroy()
      else if (!page.stream.isBlocked) this.#sendFrame(page, changes, structure, traffic)
    }
    this.#endpoints.endFrame(Math.min(...[...this.#pages.values()].map(({ version }) => version)))
  }

  /** @param changes what was sent in this frame, by the versions that pages had */
  #sendFrame (
    page: Page, changes: Map<string, string>, structure: number | undefined, traffic: Sampled | undefined
  ): void {
    const isNew = structure !== undefined && structure !== page.structure
    const key = `${isNew} ${page.version} ${page.entry}`
    let text = changes.get(key)
    if (text === undefined) {
      const states = isNew ? this.#snapshotText() : this.#statesText(page.version)
      text = states + this.#entriesText(page.entry, MAX_ENTRIES)
      changes.set(key, text)
    }
    page.stream.send(text + (traffic === undefined ? '' : this.#numbersText(page, traffic)))
    page.stream.keepAlive(QUIET_MS)
    if (isNew) this.#noteSnapshot(page)
    page.version = this.#endpoints.version
    page.entry = this.#journal.last
  }

  #noteSnapshot (page: Page): void {
    page.version = this.#endpoints.version
    page.structure = this.#structure.look()
  }

  #snapshotText (): string {
    return eventText('snapshot', this.snapshot())
  }

  /** Of each endpoint that has changed since a version, its last state. */
  #statesText (version: number): string {
    return version === this.#endpoints.version ? '' : eventText('states', this.#endpoints.since(version))
  }

  #entriesText (after: number, most: number): string {
    const entries = this.#journal.newest(after, most)
    return entries.map(entry => eventText('entry', entry, eventId(this.boot, entry.sequence))).join('')
  }

  #numbersText ({ watched, proxies: names }: Page, traffic: Sampled): string {
    const endpoints = [...watched].flatMap(index => traffic.endpoints.get(index) ?? [])
    const proxies = names.flatMap(name => traffic.proxies.get(name) ?? [])
    return eventText('numbers', { ...traffic, now: this.#registry.now(), endpoints, proxies })
  }

  #traffic (): Sampled {
    const pages = [...this.#pages.values()]
    const watched = new Set(pages.flatMap(page => [...page.watched]))
    const wanted = new Map([...watched].flatMap(index => {
      const name = this.#endpoints.nameOf(index)
      return name === undefined ? [] : [[name, index] as const]
    }))
    return {
      total: this.#samplers.total(),
      gateway: this.#gatewaySampler.sample(performance.now()),
      groups: groupSessions(this.#registry, MAX_WATCHED),
      endpoints: this.#samplers.sample(wanted),
      proxies: this.#proxySamplers.sample(new Set(pages.flatMap(page => page.proxies)))
    }
  }
}
