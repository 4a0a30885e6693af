import { createServer, type ServerResponse } from 'node:http'
import { Pool, type Dispatcher } from 'undici'

/**
 * The least that Node can do to forward: its server, undici, small bodies whole, nothing looked at, nothing refused.
 * What any proxy made of these two costs more than this is its own. `node bare.js PORT BACKEND …`
 */
const [port, ...backends] = process.argv.slice(2).map(Number)
const pools = backends.map(each => new Pool(`http://127.0.0.1:${each}`, { headersTimeout: 0 }))
let at = 0

/** Headers that each side sets itself. */
const ANEW = new Set(['host', 'connection', 'content-length', 'keep-alive', 'transfer-encoding'])
const forwarded = (raw: readonly string[]): string[] =>
  raw.filter((_, index) => !ANEW.has(raw[index - (index % 2)]!.toLowerCase()))

class ForwardedResponse implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse
  readonly #chunks: Buffer[] = []
  #status = 0
  #headers: string[] = []
  constructor (response: ServerResponse) { this.#response = response }
  onRequestStart (): void {}
  onResponseStart ({ rawHeaders }: Dispatcher.DispatchController, status: number): void {
    this.#status = status
    this.#headers = forwarded((rawHeaders as Buffer[]).map(each => each.toString('latin1')))
  }

  onResponseData (_: unknown, chunk: Buffer): void { this.#chunks.push(chunk) }
  onResponseEnd (): void {
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
    this.#response.writeHead(this.#status, [...this.#headers, 'Content-Length', String(body.length)])
    this.#response.end(body)
  }

  onResponseError (): void { this.#response.destroy() }
}

createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
    pools[(at = (at + 1) % pools.length)]!.dispatch(
      {
        path: '/services/LBService1',
        method: request.method as Dispatcher.HttpMethod,
        headers: forwarded(request.rawHeaders),
        body
      },
      new ForwardedResponse(response)
    )
  })
}).listen(port, '127.0.0.1', 4096)
