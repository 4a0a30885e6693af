import { createServer, type ServerResponse } from 'node:http'
import { ConnectionPool } from '../../../plugins/http/client/connection-pool.js'
import type { ClientExchange } from '../../../plugins/http/client/client-exchange.js'
import type { ResponseHandler } from '../../../plugins/http/client/request.js'
import type { ResponseHead } from '../../../plugins/http/client/response/response-head.js'

/**
 * The least that Node can do to forward with the client of this project: beside `bare.ts`, which does the same with
 * undici. `node bare-own.js PORT BACKEND …`
 */
const [port, ...backends] = process.argv.slice(2).map(Number)
const pools = backends.map(each => new ConnectionPool(`http://127.0.0.1:${each}`))
let at = 0

/** Headers that each side sets itself. */
const ANEW = new Set(['host', 'connection', 'content-length', 'keep-alive', 'transfer-encoding'])
const forwarded = (raw: readonly string[]): string[] =>
  raw.filter((_, index) => !ANEW.has(raw[index - (index % 2)]!.toLowerCase()))

class ForwardedResponse implements ResponseHandler {
  readonly #response: ServerResponse
  readonly #chunks: Buffer[] = []
  #status = 0
  #headers: string[] = []

  constructor (response: ServerResponse) {
    this.#response = response
  }

  onHead (_: ClientExchange, { status, headers }: ResponseHead): void {
    this.#status = status
    this.#headers = forwarded(headers)
  }

  onBody (_: ClientExchange, chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  onEnd (): void {
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
    this.#response.writeHead(this.#status, [...this.#headers, 'Content-Length', String(body.length)])
    this.#response.end(body)
  }

  onError (): void {
    this.#response.destroy()
  }
}

createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
    const pool = pools[(at = (at + 1) % pools.length)]!
    const headers = forwarded(request.rawHeaders)
    const forwarding = { path: '/services/LBService1', method: request.method!, headers, body }
    pool.request(forwarding, new ForwardedResponse(response))
  })
}).listen(port, '127.0.0.1', 4096)
