import { errorMessage } from '../../lib/message/error-message.js'
import type { IpcPort } from './ipc-port.js'

/** Marks the messages of this project among those of the app that uses the same channel. */
const MARK = 'fastify-proxy-services'

type Item =
  | readonly ['notice', topic: string, payload: unknown]
  | readonly ['request', id: number, topic: string, payload: unknown]
  | readonly ['result', id: number, value: unknown]
  | readonly ['error', id: number, reason: string]

/** Returns the result of a request, or a promise of it. What it returns for a notice is ignored. */
export type IpcHandler = (payload: any) => unknown

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/**
 * Notices and requests between a primary and one of its workers. What is written in one turn of the event loop travels
 * as one message: under load, most of the cost of a message is its own and not that of its content. Order is kept.
 */
export class IpcChannel {
  readonly #port: IpcPort
  readonly #handlers = new Map<string, IpcHandler>()
  readonly #pending = new Map<number, Pending>()
  #queue: Item[] = []
  #nextId = 0
  #closed = false
  /** Receives what a handler of a notice throws. */
  onError: (error: unknown) => void = () => {}

  constructor (port: IpcPort) {
    this.#port = port
    port.onMessage(message => this.#receive(message))
    port.onClose(() => this.#close())
  }

  /** Sets the handler of a topic. */
  handle (topic: string, handler: IpcHandler): void {
    this.#handlers.set(topic, handler)
  }

  /** Calls back when the other process has ended. */
  onClose (listener: () => void): void {
    this.#port.onClose(listener)
  }

  /** Sends a notice: nothing is returned, and a closed channel drops it. The payload must survive JSON. */
  notify (topic: string, payload?: unknown): void {
    if (!this.#closed) this.#write(['notice', topic, payload])
  }

  /** Sends a request. Rejects when the other process ends or its handler fails; has no time limit. */
  request (topic: string, payload?: unknown): Promise<unknown> {
    if (this.#closed) return Promise.reject(new Error('the other process has ended'))
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#write(['request', id, topic, payload])
    })
  }

  #write (item: Item): void {
    if (this.#queue.push(item) === 1) setImmediate(() => this.#flush())
  }

  #flush (): void {
    const items = this.#queue
    this.#queue = []
    this.#port.send({ [MARK]: items }, error => {
      if (error !== null) this.#close()
    })
  }

  #receive (message: unknown): void {
    if (typeof message !== 'object' || message === null || !(MARK in message)) return
    for (const item of message[MARK] as readonly Item[]) this.#receiveItem(item)
  }

  #receiveItem (item: Item): void {
    switch (item[0]) {
      case 'notice':
        this.#run(item[1], item[2]).catch(this.onError)
        return
      case 'request': {
        const [, id, topic, payload] = item
        this.#run(topic, payload).then(
          value => {
            this.#reply(['result', id, value])
          },
          (error: unknown) => {
            this.#reply(['error', id, errorMessage(error)])
          }
        )
        return
      }
      case 'result':
        this.#takePending(item[1])?.resolve(item[2])
        return
      case 'error':
        this.#takePending(item[1])?.reject(new Error(item[2]))
    }
  }

  async #run (topic: string, payload: unknown): Promise<unknown> {
    const handler = this.#handlers.get(topic)
    if (handler === undefined) throw new Error(`the other process does not know "${topic}"`)
    return handler(payload)
  }

  #reply (item: Item): void {
    if (!this.#closed) this.#write(item)
  }

  #takePending (id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }

  #close (): void {
    if (this.#closed) return
    this.#closed = true
    for (const { reject } of this.#pending.values()) reject(new Error('the other process has ended'))
    this.#pending.clear()
  }
}
