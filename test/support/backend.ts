import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/**
 * A back-end on loopback that keeps its requests, and responds with its name in a SOAP envelope, or as `respond` does.
 */
export interface Backend {
  readonly name: string
  readonly port: number
  readonly uri: string
  readonly requests: Seen[]
  /** Ends it, and all its connections. */
  stop (): Promise<void>
  /** Listens again on the same port. */
  start (): Promise<void>
}

export async function backend (
  t: Test,
  name: string,
  respond: (request: Seen, response: ServerResponse) => void = named(name)
): Promise<Backend> {
  const requests: Seen[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('error', () => {})
      .on('end', () => {
        const seen = {
          method: request.method!,
          url: request.url!,
          headers: request.headers,
          body: Buffer.concat(chunks).toString()
        }
        requests.push(seen)
        respond(seen, response)
      })
  })
  // From Node 22 on, more than 1,000 would be refused.
  server.maxHeadersCount = 0
  const listen = async (port: number): Promise<void> => {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  t.teardown(stop)
  return { name, port, uri: `http://127.0.0.1:${port}/${name}`, requests, stop, start: () => listen(port) }
}

const named = (name: string) => ({ body }: Seen, response: ServerResponse): void => {
  const soap12 = body.includes('http://www.w3.org/2003/05/soap-envelope')
  const namespace = soap12 ? 'http://www.w3.org/2003/05/soap-envelope' : 'http://schemas.xmlsoap.org/soap/envelope/'
  response.setHeader('content-type', soap12 ? 'application/soap+xml; charset=UTF-8' : 'text/xml; charset=UTF-8')
  response.end(`<s:Envelope xmlns:s="${namespace}"><s:Body><from>${name}</from></s:Body></s:Envelope>`)
}
