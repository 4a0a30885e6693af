import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, type Registry } from 'prom-client'
import type { IpcChannel } from '../ipc/ipc-channel.js'
import { within } from '../timing/deadline.js'
import { TOPICS } from './worker-protocol.js'

type Metrics = readonly MetricObjectWithValues<MetricValue<string>>[]

/** How long a scrape waits for a worker, in milliseconds; what it sent last counts then. */
const TIMEOUT_MS = 1_000

/** Adds up the metrics of all workers. */
export class WorkerMetrics {
  readonly #last = new Map<IpcChannel, Metrics>()
  /** Counts of workers that have ended: a counter never falls. */
  #ended: Metrics = []

  serve (channel: IpcChannel): void {
    channel.onClose(() => {
      void this.#end(channel)
    })
  }

  /** Returns what the primary and all workers have measured together. */
  async gather (own: Registry, workers: readonly IpcChannel[]): Promise<Registry> {
    await Promise.all(
      workers.map(async channel => {
        const metrics = await within(TIMEOUT_MS, channel.request(TOPICS.metrics)).catch(() => undefined)
        if (metrics !== undefined) this.#last.set(channel, metrics as Metrics)
      })
    )
    const ofPrimary = (await own.getMetricsAsJSON()).filter(isOfPrimary)
    return aggregate([ofPrimary, this.#ended, ...this.#last.values()])
  }

  async #end (channel: IpcChannel): Promise<void> {
    const last = this.#last.get(channel)
    this.#last.delete(channel)
    if (last !== undefined) this.#ended = await asJson(aggregate([this.#ended, last.filter(isCount)]))
  }
}

/** States are decided by the primary; what requests count, it does not see. */
const isOfPrimary = ({ name, aggregator }: Metrics[number]): boolean =>
  aggregator !== 'sum' || !name.startsWith('proxy_services_')

const isCount = ({ type, aggregator }: Metrics[number]): boolean =>
  aggregator === 'sum' && /^(counter|histogram)$/i.test(String(type))

const aggregate = (all: readonly Metrics[]): Registry => AggregatorRegistry.aggregate([...all] as object[])

const asJson = async (registry: Registry): Promise<Metrics> => (await registry.getMetricsAsJSON()) as Metrics
