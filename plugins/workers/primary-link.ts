import type { Registry as MetricsRegistry } from 'prom-client'
import type { Registry } from '../../lib/state/registry.js'
import type { ProcessCondition } from '../gateway/process-condition.js'
import { IpcChannel } from '../ipc/ipc-channel.js'
import { portToPrimary } from '../ipc/ipc-port.js'
import { clusterSessions, type ClusterSessionsOptions } from '../session-stores/cluster-sessions.js'
import type { Recorded } from '../recording/recorded-message.js'
import type { RecorderSettings } from '../recording/recorder.js'
import type { SessionStore } from '../session-stores/session-store.js'
import type { ServerCertificates } from '../tls/server-certificates.js'
import { EndpointFollower } from './endpoint-follower.js'
import {
  TOPICS,
  type EndpointHealth,
  type WorkerPorts,
  type RecordedByWorker,
  type Start,
  type WorkerCondition,
  type WorkerConfiguration
} from './worker-protocol.js'
import { ALIVE_INTERVAL_MS } from './supervisor.js'

/** How often the number of messages that were not kept is reported, in milliseconds. */
const DROPPED_INTERVAL_MS = 500

/** How often the condition of a worker is reported, in milliseconds. */
const CONDITION_INTERVAL_MS = 1_000

/** What the primary may order. Each resolves when it is done. */
export interface WorkerOrders {
  readonly reload: () => Promise<unknown>
  readonly renew: (certificates: ServerCertificates) => Promise<unknown>
  readonly metrics: () => MetricsRegistry
  readonly condition: () => ProcessCondition
  readonly setLogLevel: (level: string) => void
  /** Records messages from now on; undefined: stops. */
  readonly record: (settings: RecorderSettings | undefined) => void
  readonly drain: () => void
  /** Waits for requests in flight. */
  readonly close: () => Promise<void>
}

/** The primary, as one of its workers sees it. */
export class PrimaryLink {
  readonly follower: EndpointFollower
  readonly #channel: IpcChannel
  #configuration: WorkerConfiguration | undefined
  #start: Start | undefined
  #certificates: ServerCertificates | undefined
  #recording: RecorderSettings | undefined
  /** Not reported yet. */
  #dropped: RecordedByWorker | undefined

  constructor (registry: Registry) {
    this.#channel = new IpcChannel(portToPrimary()!)
    this.follower = new EndpointFollower(registry, this.#channel)
    setInterval(() => {
      this.#channel.notify(TOPICS.alive)
    }, ALIVE_INTERVAL_MS).unref()
  }

  /** The least level that is logged, if it was changed. */
  get logLevel (): string | undefined {
    return this.#start?.logLevel
  }

  /** What this worker has to run. */
  get configuration (): WorkerConfiguration {
    return this.#configuration!
  }

  /** What this worker has to present to clients. */
  get certificates (): ServerCertificates | undefined {
    return this.#certificates
  }

  /** Receives the configuration. Later ones are received when they come, even before this worker has started. */
  async open (): Promise<void> {
    this.#channel.handle(TOPICS.reload, (configuration: WorkerConfiguration) => {
      this.#configuration = configuration
    })
    this.#channel.handle(TOPICS.renew, (certificates: ServerCertificates) => {
      this.#certificates = certificates
    })
    let hasOrder = false
    this.#channel.handle(TOPICS.record, (settings: RecorderSettings | null) => {
      hasOrder = true
      this.#recording = settings ?? undefined
    })
    this.#start = (await this.#channel.request(TOPICS.hello)) as Start
    if (!hasOrder) this.#recording = this.#start.recording
    this.#configuration ??= this.#start.configuration
    this.#certificates ??= this.#start.certificates
  }

  /** The sessions of all workers. */
  sessions (options: ClusterSessionsOptions): SessionStore {
    return clusterSessions(options, this.#channel)
  }

  /** Reports what was recorded here: messages at once, how many were dropped a moment later. */
  recorded (recorded: Recorded): void {
    const report: RecordedByWorker = { pid: process.pid, recorded }
    if (!('dropped' in recorded)) return this.#channel.notify(TOPICS.recorded, report)
    if (this.#dropped === undefined) setTimeout(() => this.#reportDropped(), DROPPED_INTERVAL_MS).unref()
    this.#dropped = report
  }

  #reportDropped (): void {
    this.#channel.notify(TOPICS.recorded, this.#dropped)
    this.#dropped = undefined
  }

  /** Adopts the states of all endpoints. To be called once they exist, and before they receive messages. */
  async adoptStates (): Promise<void> {
    this.follower.adopt((await this.#channel.request(TOPICS.states)) as EndpointHealth[])
  }

  /**
   * Reports where this worker listens, and obeys the primary from now on.
   * @param started what this worker has started with
   * @returns resolves when the primary has ended it
   */
  async serve (
    ports: WorkerPorts, started: Omit<Start, 'logLevel' | 'recording'>, orders: WorkerOrders
  ): Promise<void> {
    this.#channel.handle(TOPICS.reload, async (configuration: WorkerConfiguration) => {
      this.#configuration = configuration
      await orders.reload()
    })
    this.#channel.handle(TOPICS.renew, async (certificates: ServerCertificates) => {
      this.#certificates = certificates
      await orders.renew(certificates)
    })
    this.#channel.handle(TOPICS.metrics, () => orders.metrics().getMetricsAsJSON())
    this.#channel.handle(TOPICS.logLevel, (level: string) => {
      orders.setLogLevel(level)
    })
    this.#channel.handle(TOPICS.record, (settings: RecorderSettings | null) => {
      orders.record(settings ?? undefined)
    })
    orders.record(this.#recording)
    this.#channel.handle(TOPICS.drain, () => {
      orders.drain()
    })
    const conditions = setInterval(() => {
      const report: WorkerCondition = { pid: process.pid, condition: orders.condition() }
      this.#channel.notify(TOPICS.condition, report)
    }, CONDITION_INTERVAL_MS).unref()
    const closed = new Promise<void>(resolve => {
      this.#channel.handle(TOPICS.close, async () => {
        clearInterval(conditions)
        await orders.close()
        this.follower.close()
        resolve()
      })
    })
    if (this.configuration !== started.configuration) await orders.reload()
    const certificates = this.#certificates
    if (certificates !== undefined && certificates !== started.certificates) await orders.renew(certificates)
    this.#channel.notify(TOPICS.ready, ports)
    await closed
  }

  /** Reports why this worker cannot start. Resolves when the primary has received it. */
  async failed (reason: string): Promise<void> {
    await this.#channel.request(TOPICS.failed, reason).catch(() => {})
  }
}
