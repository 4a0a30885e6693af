import type { RunnableConfiguration } from './load-configuration.js'
import { withDeadline } from './deadline.js'
import type { Dispatcher } from './dispatcher.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** All proxy services of this app, and how to read their configuration anew. */
    proxyServices: ProxyServices
  }
}

/** How long a configuration waits for its WSDLs before it runs, in milliseconds. */
const START_DEADLINE_MS = 2_000

/** Waits for the WSDLs of a configuration. Those that are slower are published when they are there. */
export const withStartDeadline = async (tried: Promise<unknown>): Promise<void> => await withDeadline(START_DEADLINE_MS, tried)

/** Reads a configuration, and makes a program of it that goes on with the state of the running one. @throws ConfigurationError */
export type LoadAgain = () => Promise<RunnableConfiguration>

/** What a reload has changed: names of proxies. */
export interface ReloadResult { readonly proxies: readonly string[], readonly added: readonly string[], readonly removed: readonly string[] }

/** All proxy services of one app. There are several `Services` where the plugin is registered more than once. */
export class ProxyServices implements Iterable<Dispatcher> {
  readonly #running = new Map<Dispatcher, LoadAgain>()
  #last: Promise<unknown> = Promise.resolve()
  /** When the configuration that runs was read, in milliseconds. */
  loadedAt = Date.now()
  /** How often it was read anew since the start, and how often that failed and the running one was kept. */
  readonly reloads = { succeeded: 0, failed: 0 }
  /** Whether the last reload, if there was one, brought its configuration to run. */
  upToDate = true

  add (services: Dispatcher, configure: LoadAgain): void {
    this.#running.set(services, configure)
  }

  remove (services: Dispatcher): void {
    this.#running.delete(services)
  }

  [Symbol.iterator] (): IterableIterator<Dispatcher> { return this.#running.keys() }

  /**
   * Reads the configuration anew and runs it. States of endpoints and sessions stay with those that keep their names; requests under way
   * end as they began. One reload at a time: the next one waits.
   * @throws ConfigurationError with everything that is wrong, or the error of reading it; then everything goes on as before
   */
  async reload (): Promise<ReloadResult> {
    const reloaded = this.#last.then(() => this.#reload())
    this.#last = reloaded.catch(() => {})
    return await reloaded
  }

  async #reload (): Promise<ReloadResult> {
    const before = this.#names()
    const read = await Promise.allSettled([...this.#running].map(async ([services, configure]) => ({ services, configured: await configure() })))
    const good = read.filter(each => each.status === 'fulfilled').map(({ value }) => value)
    const broken = read.find(each => each.status === 'rejected')
    this.upToDate = broken === undefined
    if (broken !== undefined) {
      for (const { configured } of good) configured.discard()
      this.reloads.failed++
      throw broken.reason
    }
    await withStartDeadline(Promise.all(good.map(({ configured }) => configured.publisher.tried)))
    for (const { services, configured } of good) {
      if (this.#running.has(services)) services.use(configured)
      else configured.discard()
    }
    this.reloads.succeeded++
    this.loadedAt = Date.now()
    const proxies = this.#names()
    return { proxies, added: proxies.filter(name => !before.includes(name)), removed: before.filter(name => !proxies.includes(name)) }
  }

  #names (): string[] {
    return [...this].flatMap(({ configuration: program }) => [...program.services.keys()])
  }
}
