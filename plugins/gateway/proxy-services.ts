import { waitAtMost } from '../timing/deadline.js'
import type { Dispatcher } from './dispatcher.js'
import type { RunnableConfiguration } from './load-configuration.js'

/** How long a configuration waits for its WSDLs before it runs, in milliseconds. */
const START_DEADLINE_MS = 2_000

/** Waits for the WSDLs of a configuration. Slower ones are published when they are here. */
export const withStartDeadline = async (tried: Promise<unknown>): Promise<void> =>
  await waitAtMost(START_DEADLINE_MS, tried)

/** Reads a configuration and builds it upon the state of the running one. @throws ConfigurationError */
export type LoadAgain = () => Promise<RunnableConfiguration>

/** What a reload has changed: names of proxies. */
export interface ReloadResult {
  readonly proxies: readonly string[]
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/** All proxies of one app. Has several dispatchers where the plugin is registered more than once. */
export class ProxyServices implements Iterable<Dispatcher> {
  readonly #running = new Map<Dispatcher, LoadAgain>()
  #lastReload: Promise<unknown> = Promise.resolve()
  /** When the running configuration was read, in milliseconds since the epoch. */
  loadedAt = Date.now()
  /** Reloads since the start; a failed one keeps the running configuration. */
  readonly reloads = { succeeded: 0, failed: 0 }
  /** Whether the last reload succeeded; true before the first one. */
  upToDate = true

  add (dispatcher: Dispatcher, loadAgain: LoadAgain): void {
    this.#running.set(dispatcher, loadAgain)
  }

  remove (dispatcher: Dispatcher): void {
    this.#running.delete(dispatcher)
  }

  [Symbol.iterator] (): IterableIterator<Dispatcher> { return this.#running.keys() }

  /**
   * Reads the configuration again and runs it. Endpoints and groups that keep their names keep their states and
   * sessions; requests in progress end on the configuration they began with. Reloads run one after the other.
   * @throws ConfigurationError with all its problems, or the error of reading it; the running one stays then
   */
  async reload (): Promise<ReloadResult> {
    const reloaded = this.#lastReload.then(() => this.#reload())
    this.#lastReload = reloaded.catch(() => {})
    return await reloaded
  }

  async #reload (): Promise<ReloadResult> {
    const before = this.#names()
    const results = await Promise.allSettled([...this.#running].map(async ([dispatcher, loadAgain]) =>
      ({ dispatcher, configured: await loadAgain() })))
    const loaded = results.filter(each => each.status === 'fulfilled').map(({ value }) => value)
    const rejected = results.find(each => each.status === 'rejected')
    this.upToDate = rejected === undefined
    if (rejected !== undefined) {
      for (const { configured } of loaded) configured.discard()
      this.reloads.failed++
      throw rejected.reason
    }
    await withStartDeadline(Promise.all(loaded.map(({ configured }) => configured.publisher.tried)))
    for (const { dispatcher, configured } of loaded) {
      if (this.#running.has(dispatcher)) dispatcher.use(configured)
      else configured.discard()
    }
    this.reloads.succeeded++
    this.loadedAt = Date.now()
    const proxies = this.#names()
    return {
      proxies,
      added: proxies.filter(name => !before.includes(name)),
      removed: before.filter(name => !proxies.includes(name))
    }
  }

  #names (): string[] {
    return [...this].flatMap(({ configuration }) => [...configuration.services.keys()])
  }
}
