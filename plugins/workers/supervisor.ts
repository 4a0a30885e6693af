import cluster, { type Worker } from 'node:cluster'
import type { FastifyBaseLogger } from 'fastify'
import { IpcChannel } from '../ipc/ipc-channel.js'
import { portToWorker } from '../ipc/ipc-port.js'
import { BackOff } from '../timing/back-off.js'
import { within } from '../timing/deadline.js'
import { closeHandedConnections } from './handed-connections.js'
import { WORKER_VARIABLE } from './worker-process.js'
import { TOPICS, type WorkerPorts } from './worker-protocol.js'

/** How often a worker reports that its event loop turns, in milliseconds. */
export const ALIVE_INTERVAL_MS = 1_000
/** Delays before a worker that died is replaced, in milliseconds. */
const FIRST_RESTART_MS = 100
const MAX_RESTART_MS = 5_000
/** A worker that has lived for this long is replaced after the first delay again. */
const STABLE_MS = 10_000

export interface SupervisorOptions {
  /** Number of workers. */
  readonly size: number
  readonly log: FastifyBaseLogger
  /** Sets the handlers of the channel to a new worker. */
  readonly serve: (channel: IpcChannel) => void
  /** A worker that reports nothing for this long is killed and replaced, in milliseconds. */
  readonly hangTimeout: number
  /** Called whenever the number of workers that listen has changed. */
  readonly onChange: (listening: number) => void
}

interface RunningWorker {
  readonly worker: Worker
  readonly channel: IpcChannel
  readonly startedAt: number
  /** Intervals since its last report; undefined: it does not listen yet. */
  missed: number | undefined
}

/** Keeps a number of workers running: forks them, replaces those that die or hang, and ends them. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #running = new Set<RunningWorker>()
  readonly #backOff = new BackOff(FIRST_RESTART_MS, MAX_RESTART_MS)
  readonly #restarts = new Set<NodeJS.Timeout>()
  #hangCheck: NodeJS.Timeout | undefined
  #closing = false

  constructor (options: SupervisorOptions) {
    this.#options = options
  }

  /** Where the workers listen; undefined before the first of them does. */
  ports: WorkerPorts | undefined

  /** The channels to all workers that listen. */
  get channels (): IpcChannel[] {
    return [...this.#running].filter(({ missed }) => missed !== undefined).map(({ channel }) => channel)
  }

  /** Forks all workers. Resolves when they listen. @throws Error if one of them cannot start */
  async start (): Promise<void> {
    try {
      await Promise.all(
        Array.from({ length: this.#options.size }, async () => {
          await this.#fork()
        })
      )
    } catch (error) {
      await this.close(0)
      throw error
    }
    this.#hangCheck = setInterval(() => {
      this.#killHanging()
    }, ALIVE_INTERVAL_MS).unref()
  }

  /** Sends a request to all workers. One that fails, or does not respond in time, is killed and replaced. */
  async requestOrReplace (topic: string, payload: unknown, timeout: number): Promise<void> {
    await Promise.all(
      [...this.#running].map(async ({ worker, channel }) => {
        try {
          await within(timeout, channel.request(topic, payload))
        } catch (err) {
          if (worker.isDead() || this.#closing) return
          this.#options.log.error(
            { err, worker: worker.id },
            `worker ${worker.id} failed to ${topic}: it is replaced`
          )
          worker.process.kill('SIGKILL')
        }
      })
    )
  }

  /** Sends a notice to all workers. */
  notifyAll (topic: string, payload?: unknown): void {
    for (const { channel } of this.#running) channel.notify(topic, payload)
  }

  /** Ends all workers once they have finished; kills those that take longer than this many milliseconds. */
  async close (grace: number): Promise<void> {
    this.#closing = true
    clearInterval(this.#hangCheck)
    for (const timer of this.#restarts) clearTimeout(timer)
    await Promise.all(
      [...this.#running].map(async ({ worker, channel, missed }) => {
        if (worker.isDead()) return
        const ended = new Promise<void>(resolve => {
          worker.once('exit', () => resolve())
        })
        void channel.request(TOPICS.close).catch(() => {})
        const kill = setTimeout(() => worker.process.kill('SIGKILL'), missed === undefined ? 0 : grace)
        await ended
        clearTimeout(kill)
      })
    )
  }

  /** Resolves when the worker listens. @throws Error if it ends before */
  async #fork (): Promise<void> {
    const worker = cluster.fork({ [WORKER_VARIABLE]: '1' })
    closeHandedConnections(worker)
    const channel = new IpcChannel(portToWorker(worker))
    const running: RunningWorker = { worker, channel, startedAt: performance.now(), missed: undefined }
    this.#running.add(running)
    const { log, serve, onChange } = this.#options
    channel.onError = err => {
      log.error({ err, worker: worker.id }, 'a notice of a worker failed')
    }
    serve(channel)
    channel.handle(TOPICS.alive, () => {
      if (running.missed !== undefined) running.missed = 0
    })
    let reason: string | undefined
    channel.handle(TOPICS.failed, (text: string) => {
      reason = text
    })
    await new Promise<void>((resolve, reject) => {
      channel.handle(TOPICS.ready, (ports: WorkerPorts) => {
        this.ports = ports
        running.missed = 0
        onChange(this.channels.length)
        resolve()
      })
      worker.once('exit', (code, signal) => {
        const listened = running.missed !== undefined
        this.#running.delete(running)
        onChange(this.channels.length)
        if (listened) this.#replace(running, code, signal)
        else reject(new Error(reason ?? `a worker ended before it listened: ${endOf(code, signal)}`))
      })
    })
  }

  #replace ({ worker, startedAt }: RunningWorker, code: number, signal: string): void {
    if (this.#closing) return
    if (performance.now() - startedAt > STABLE_MS) this.#backOff.reset()
    const delay = this.#backOff.next()
    this.#options.log.error(
      { worker: worker.id, pid: worker.process.pid, code, signal, delay },
      `worker ${worker.id} ended: ${endOf(code, signal)}; another one starts in ${delay} ms`
    )
    this.#restartAfter(delay)
  }

  #restartAfter (delay: number): void {
    const timer = setTimeout(() => {
      this.#restarts.delete(timer)
      this.#fork().catch((err: unknown) => {
        if (this.#closing) return
        this.#options.log.error({ err }, 'a worker could not be started')
        this.#restartAfter(this.#backOff.next())
      })
    }, delay)
    this.#restarts.add(timer)
  }

  /** A pause of the whole machine is one missed interval, however long it is. */
  #killHanging (): void {
    const { hangTimeout, log } = this.#options
    for (const running of this.#running) {
      if (running.missed === undefined || ++running.missed * ALIVE_INTERVAL_MS <= hangTimeout) continue
      const { worker } = running
      log.error(
        { worker: worker.id, pid: worker.process.pid },
        `worker ${worker.id} has not responded for ${hangTimeout} ms: it is killed`
      )
      worker.process.kill('SIGKILL')
    }
  }
}

const endOf = (code: number | null, signal: string | null): string =>
  signal ? `signal ${signal}` : `exit code ${code}`
