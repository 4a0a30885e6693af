import { NO_OVERLAY, type Overlay } from '../../lib/definitions/files/overlay.js'
import { ReportingEmitter } from '../../lib/state/reporting-emitter.js'
import { AppCloses } from '../errors.js'
import { waitAtMost } from '../timing/deadline.js'
import { SerialQueue } from '../timing/serial-queue.js'
import { inSlices } from '../timing/in-slices.js'
import { HandshakeFailures } from '../tls/handshake-failures.js'
import type { StoreState } from '../session-stores/store-health.js'
import type { Dispatcher } from './dispatcher.js'
import type { Examination } from './configuration/examine-configuration.js'
import type { RunnableConfiguration } from './configuration/load-configuration.js'

/** How long a configuration waits for its WSDLs before it runs, in milliseconds. */
const START_DEADLINE_MS = 2_000

/** Waits for the WSDLs of a configuration. Slower ones are published when they are here. */
export const withStartDeadline = async (tried: Promise<unknown>): Promise<void> =>
  await waitAtMost(START_DEADLINE_MS, tried)

/** How the configuration of one dispatcher is read again. Overlays are texts that take the place of its files. */
export interface Reloading {
  /** Reads it and builds it upon the state of the running one. @throws ConfigurationError */
  readonly load: (overlay: Overlay) => Promise<RunnableConfiguration>
  /** Checks it without running it. */
  readonly examine: (overlay: Overlay) => Promise<Examination>
}

export interface ReloadOptions {
  /** Texts that take the place of files until the next reload. Default: none */
  readonly overlay?: Overlay
  /** Why, for the history. Default: `by the app` */
  readonly reason?: string
}

/** A reload that is over. Instants are milliseconds since 1970. */
export interface ReloadReport {
  readonly at: number
  readonly reason: string
  readonly overlay: Overlay
  /** What it has changed, or why it was refused. */
  readonly outcome: ReloadResult | { readonly error: unknown }
}

/** What a reload has changed: names of proxies. */
export interface ReloadResult {
  readonly proxies: readonly string[]
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

interface Events {
  reload: [ReloadReport]
  /** A session store works, or does not any more. */
  sessionStore: [StoreState]
}

/** All proxies of one app. Has several dispatchers where the plugin is registered more than once. */
export class ProxyServices extends ReportingEmitter<Events> implements Iterable<Dispatcher> {
  readonly #running = new Map<Dispatcher, Reloading>()
  readonly #reloadQueue = new SerialQueue()
  /** When the running configuration was read, in milliseconds since the epoch. */
  loadedAt = Date.now()
  /** Reloads since the start; a failed one keeps the running configuration. */
  readonly reloads = { succeeded: 0, failed: 0 }
  /** When the certificates end that the app has, by the names of their files; milliseconds since the epoch. */
  readonly certificates = new Map<string, number>()
  /** TLS handshakes of clients that have failed. */
  readonly handshakeFailures = new HandshakeFailures()
  /** Whether the last reload succeeded; true before the first one. */
  upToDate = true

  add (dispatcher: Dispatcher, reloading: Reloading): void {
    this.#running.set(dispatcher, reloading)
  }

  remove (dispatcher: Dispatcher): void {
    this.#running.delete(dispatcher)
  }

  [Symbol.iterator] (): IterableIterator<Dispatcher> {
    return this.#running.keys()
  }

  /**
   * Reads the configuration again and runs it. Endpoints and groups that keep their names keep their states and
   * sessions; requests in progress end on the configuration they began with. Reloads run one after the other.
   * @throws ConfigurationError with all its problems, or the error of reading it; the running one stays then
   */
  async reload ({ overlay = NO_OVERLAY, reason = 'by the app' }: ReloadOptions = {}): Promise<ReloadResult> {
    return await this.#reloadQueue.run(async () => {
      const report = (outcome: ReloadReport['outcome']): void =>
        this.report('reload', { at: Date.now(), reason, overlay, outcome })
      const result = await this.#reload(overlay).catch((error: unknown) => {
        report({ error })
        throw error
      })
      report(result)
      return result
    })
  }

  /** Counts and reports a reload that was refused before the configuration was read. */
  refuse (error: unknown, reason: string): void {
    this.upToDate = false
    this.reloads.failed++
    this.report('reload', { at: Date.now(), reason, overlay: NO_OVERLAY, outcome: { error } })
  }

  /** Checks the configuration with these texts instead of its files. Nothing changes. */
  async examine (overlay: Overlay): Promise<readonly Examination[]> {
    return await Promise.all([...this.#running.values()].map(({ examine }) => examine(overlay)))
  }

  async #reload (overlay: Overlay): Promise<ReloadResult> {
    const before = this.#names()
    const loaded: [Dispatcher, RunnableConfiguration][] = []
    try {
      for (const [dispatcher, { load }] of [...this.#running]) loaded.push([dispatcher, await load(overlay)])
      await withStartDeadline(Promise.all(loaded.map(([, { publisher }]) => publisher.tried)))
      if (loaded.some(([dispatcher]) => !this.#running.has(dispatcher))) throw new AppCloses()
    } catch (error) {
      for (const [, configured] of loaded) configured.discard()
      this.upToDate = false
      this.reloads.failed++
      throw error
    }
    this.upToDate = true
    const replaced = loaded.map(([dispatcher, configured]) => dispatcher.use(configured))
    this.reloads.succeeded++
    this.loadedAt = Date.now()
    const proxies = this.#names()
    const [hadNames, hasNames] = [new Set(before), new Set(proxies)]
    for (const each of replaced) await inSlices(each.discardInSlices())
    return {
      proxies,
      added: proxies.filter(name => !hadNames.has(name)),
      removed: before.filter(name => !hasNames.has(name))
    }
  }

  #names (): string[] {
    return [...this].flatMap(({ configuration }) => [...configuration.services.keys()])
  }
}
