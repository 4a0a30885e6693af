import { AsyncLocalStorage } from 'node:async_hooks'
import type { Readable } from 'node:stream'
import type { FastifyInstance, InjectOptions } from 'fastify'
import type { MessageRecorder } from '../../recording/message-recorder.js'

/** A request of an operator: as a client would send it, with its whole path. */
export interface OperatorRequest {
  readonly method: NonNullable<InjectOptions['method']>
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The address that the app sees. */
  readonly remoteAddress: string
  readonly signal: AbortSignal
}

export interface OperatorResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, number | string | readonly string[] | undefined>>
  readonly body: Readable
}

/**
 * Sends requests of operators through the app, with all its hooks, and records each of them. While none is on its way,
 * the requests of clients cost one comparison.
 */
export class OperatorRequests {
  /** What the paths of the proxies begin with. */
  readonly prefix: string
  readonly #app: FastifyInstance
  readonly #recorders = new AsyncLocalStorage<MessageRecorder>()
  #running = 0

  /** @param prefix of the registration in the app */
  constructor (app: FastifyInstance, prefix = '') {
    this.#app = app
    this.prefix = app.prefix + prefix
  }

  /** The recorder of the request that is being handled; undefined: no operator sent it. */
  get recorder (): MessageRecorder | undefined {
    return this.#running === 0 ? undefined : this.#recorders.getStore()
  }

  /** Resolves at the head of the response. @throws the error of an aborted request */
  async send (request: OperatorRequest, recorder: MessageRecorder): Promise<OperatorResponse> {
    const { body, ...options } = request
    this.#running++
    try {
      const response = await this.#recorders.run(
        recorder,
        async () =>
          await this.#app.inject({ ...options, ...(body !== '' && { payload: body }), payloadAsStream: true })
      )
      return { status: response.statusCode, headers: response.headers, body: response.stream() }
    } finally {
      this.#running--
      // Where promises are tracked for it, they are no longer.
      if (this.#running === 0) this.#recorders.disable()
    }
  }
}
