import type { FastifyBaseLogger } from 'fastify'
import type { Registry as MetricsRegistry } from 'prom-client'
import type { Registry } from '../../lib/state/registry.js'
import type { ProcessCondition } from '../gateway/process-condition.js'
import type { IpcChannel } from '../ipc/ipc-channel.js'
import { serveSessions } from '../session-stores/cluster-sessions.js'
import type { Recorded } from '../recording/recorded-message.js'
import type { RecorderSettings } from '../recording/recorder.js'
import type { MemorySessions } from '../session-stores/memory-sessions.js'
import type { ServerCertificates } from '../tls/server-certificates.js'
import { EndpointAuthority } from './endpoint-authority.js'
import {
  TOPICS, type WorkerPorts, type RecordedByWorker, type Start, type WorkerCondition, type WorkerConfiguration
} from './worker-protocol.js'
import { Supervisor } from './supervisor.js'
import { WorkerMetrics } from './worker-metrics.js'

/** A worker that reports nothing for this long is gone, in milliseconds. */
const CONDITION_KEPT_MS = 10_000
/** How long a worker may take to run a new configuration, in milliseconds. */
const RELOAD_TIMEOUT_MS = 60_000

export interface WorkerPoolOptions {
  readonly size: number
  readonly log: FastifyBaseLogger
  /** Decides the states of endpoints. */
  readonly registry: Registry
  /** The sessions of all workers. Undefined: they have a store elsewhere. */
  readonly sessions: MemorySessions | undefined
  /** A worker that reports nothing for this long is killed and replaced, in milliseconds. */
  readonly hangTimeout: number
  /** What workers run now. */
  readonly configuration: () => WorkerConfiguration
  /** What workers present to clients now. Undefined: there is no port with TLS. */
  readonly certificates: () => ServerCertificates | undefined
  /** Called when a worker has reported how it is. */
  readonly onCondition: () => void
  /** Called with the number of workers that listen whenever it has changed. */
  readonly onChange: (listening: number) => void
}

/** The workers of a gateway, as their primary sees them. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions
  readonly #authority: EndpointAuthority
  readonly #metrics = new WorkerMetrics()
  readonly #supervisor: Supervisor
  /** Undefined: that of the command line. */
  #logLevel: string | undefined
  #recording: RecorderSettings | undefined
  /** By the ids of processes, with the time of the last report. */
  readonly #conditions = new Map<number, { readonly at: number; readonly condition: ProcessCondition }>()
  #keep: ((pid: number, recorded: Recorded) => void) | undefined

  constructor (options: WorkerPoolOptions) {
    const { size, log, registry, hangTimeout, onChange } = options
    this.#options = options
    this.#authority = new EndpointAuthority(registry)
    this.#supervisor = new Supervisor({
      size,
      log,
      hangTimeout,
      onChange,
      serve: channel => {
        this.#serve(channel)
      }
    })
  }

  /** Where the workers listen; undefined before the first of them does. */
  get ports (): WorkerPorts | undefined {
    return this.#supervisor.ports
  }

  /** Resolves when all workers listen. @throws Error if one of them cannot start */
  async start (): Promise<void> {
    await this.#supervisor.start()
  }

  /** Makes all workers run the configuration of the primary. One that cannot is killed and replaced. */
  async reload (): Promise<void> {
    await this.#supervisor.requestOrReplace(TOPICS.reload, this.#options.configuration(), RELOAD_TIMEOUT_MS)
  }

  /** Makes all workers use the certificates of the primary. */
  async renew (): Promise<void> {
    await this.#supervisor.requestOrReplace(TOPICS.renew, this.#options.certificates(), RELOAD_TIMEOUT_MS)
  }

  /** Returns the metrics of the whole gateway. @param own those of the primary */
  async gatherMetrics (own: MetricsRegistry): Promise<MetricsRegistry> {
    return await this.#metrics.gather(own, this.#supervisor.channels)
  }

  /** How the workers are that have reported it lately, by the ids of their processes. */
  conditions (): ReadonlyMap<number, ProcessCondition> {
    const since = performance.now() - CONDITION_KEPT_MS
    for (const [pid, { at }] of this.#conditions) if (at < since) this.#conditions.delete(pid)
    return new Map([...this.#conditions].map(([pid, { condition }]) => [pid, condition]))
  }

  /** Sets the least level that workers log, those that start later, too. */
  setLogLevel (level: string): void {
    this.#logLevel = level
    this.#supervisor.notifyAll(TOPICS.logLevel, level)
  }

  /** How many workers there are. */
  get size (): number {
    return this.#options.size
  }

  /** Starts to record messages in all workers, those that start later, too; undefined: stops. */
  record (settings: RecorderSettings | undefined, keep: (pid: number, recorded: Recorded) => void): void {
    this.#recording = settings
    this.#keep = settings && keep
    this.#supervisor.notifyAll(TOPICS.record, settings ?? null)
  }

  /** Makes workers close each connection of a client after its response. */
  drain (): void {
    this.#supervisor.notifyAll(TOPICS.drain)
  }

  /** Ends all workers once they have finished; kills those that take longer than this many milliseconds. */
  async close (grace: number): Promise<void> {
    await this.#supervisor.close(grace)
  }

  #serve (channel: IpcChannel): void {
    const { sessions, configuration, certificates } = this.#options
    channel.handle(TOPICS.hello, (): Start => ({
      configuration: configuration(),
      certificates: certificates(),
      logLevel: this.#logLevel,
      recording: this.#recording
    }))
    channel.handle(TOPICS.recorded, ({ pid, recorded }: RecordedByWorker) => this.#keep?.(pid, recorded))
    channel.handle(TOPICS.condition, ({ pid, condition }: WorkerCondition) => {
      this.#conditions.set(pid, { at: performance.now(), condition })
      this.#options.onCondition()
    })
    channel.handle(TOPICS.states, () => this.#authority.states())
    this.#authority.serve(channel)
    this.#metrics.serve(channel)
    if (sessions !== undefined) serveSessions(sessions, channel)
  }
}
