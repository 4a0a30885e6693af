import type { ClientError } from '../../../plugins/http/client/client-error.js'
import type { ConnectionPool } from '../../../plugins/http/client/connection-pool.js'
import type { ClientExchange } from '../../../plugins/http/client/client-exchange.js'
import type { ClientRequest, ResponseHandler } from '../../../plugins/http/client/request.js'
import type { ResponseHead } from '../../../plugins/http/client/response/response-head.js'

/** What came of one request. */
export interface Result {
  readonly head: ResponseHead | undefined
  readonly whole: boolean | undefined
  readonly interim: readonly number[]
  readonly body: string
  readonly parts: number
  readonly error: ClientError | undefined
}

/** One request, whose events a test waits for. */
export class Sending implements ResponseHandler {
  readonly exchange: ClientExchange
  readonly result: Promise<Result>
  head: ResponseHead | undefined
  whole: boolean | undefined
  interim: number[] = []
  chunks: Buffer[] = []
  received = 0
  /** Called for each part of the body. */
  onPart: (() => void) | undefined
  readonly #over: (result: Result) => void
  readonly #headCame: () => void
  readonly headIsHere: Promise<void>

  constructor (pool: ConnectionPool, request: Partial<ClientRequest> = {}) {
    let over: (result: Result) => void = () => {}
    let headCame: () => void = () => {}
    this.result = new Promise(resolve => { over = resolve })
    this.headIsHere = new Promise(resolve => { headCame = resolve })
    this.#over = over
    this.#headCame = headCame
    this.exchange = pool.request({ method: 'GET', path: '/', headers: [], body: undefined, ...request }, this)
  }

  onInterim (_: ClientExchange, { status }: ResponseHead): void { this.interim.push(status) }

  onHead (_: ClientExchange, head: ResponseHead, whole: boolean): void {
    this.head = head
    this.whole = whole
    this.#headCame()
  }

  onBody (_: ClientExchange, chunk: Buffer): void {
    this.chunks.push(chunk)
    this.received += chunk.length
    this.onPart?.()
  }

  onEnd (): void { this.#settle(undefined) }
  onError (_: ClientExchange, error: ClientError): void { this.#settle(error) }

  #settle (error: ClientError | undefined): void {
    const { head, whole, interim, chunks } = this
    this.#over({ head, whole, interim, body: Buffer.concat(chunks).toString('latin1'), parts: chunks.length, error })
  }
}

export const send = (pool: ConnectionPool, request?: Partial<ClientRequest>): Promise<Result> =>
  new Sending(pool, request).result
