import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MEDIA_TYPE, type Version } from '../../message/soap-version.js'
import { escapeText } from '../../xml/escape.js'
import { announced, is, readEnvelope, trimmedText, writeEnvelope, writeFault, type SampleEnvelope } from './envelope.js'
import { createLbService } from './lb-service.js'
import type { ServiceResult, Service } from './service.js'
import { createStockQuoteService } from './stock-quote-service.js'

/** Bytes of a request. */
const MAX_BODY = 1024 * 1024

const ADDRESSING = ['http://www.w3.org/2005/08/addressing', 'http://schemas.xmlsoap.org/ws/2004/08/addressing']

export interface Backend {
  readonly port: number
  /** Stops listening and destroys all connections. */
  close (): Promise<void>
}

export interface BackendOptions {
  /** 0: any free port. */
  port: number
  /** Its name in responses. */
  name?: string | undefined
  /** Default: 127.0.0.1. */
  host?: string | undefined
  /** Responds with the address of the request instead of its name. */
  echoTo?: boolean | undefined
  /** Gets what the sample server of Axis2 prints: one line for each quote and order. */
  log?: ((line: string) => void) | undefined
}

/** Starts a server with LBService1 and SimpleStockQuoteService below `/services/`. Rejects when the port is taken. */
export async function startBackend ({ port, host = '127.0.0.1', ...options }: BackendOptions): Promise<Backend> {
  const services = [createLbService(options), createStockQuoteService(options)]
  const server = createServer((request, response) => { serve(services, request, response) })
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(port, host, resolve) })
  return { port: (server.address() as AddressInfo).port, close: () => close(server) }
}

const close = (server: Server): Promise<void> =>
  new Promise(resolve => { server.close(() => resolve()); server.closeAllConnections() })

/** A request that is refused before it reaches a service. */
class RefusedRequest extends Error {
  readonly status: number
  readonly headers: Record<string, string>
  constructor (status: number, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

async function serve (services: readonly Service[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const left = new AbortController()
  response.once('close', () => left.abort())
  try {
    await respond(services, request, response, left.signal)
  } catch (error) {
    if (left.signal.aborted) return
    const { status, message, headers } = error instanceof RefusedRequest
      ? error
      : new RefusedRequest(500, `internal error: ${String(error)}`)
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=UTF-8', ...headers }).end(`${message}\n`)
  }
}

async function respond (
  services: readonly Service[], request: IncomingMessage, response: ServerResponse, signal: AbortSignal
): Promise<void> {
  const name = /^\/services\/([^/.?]+)/.exec(request.url ?? '')?.[1]
  const service = services.find(each => each.name === name)
  if (service === undefined) {
    const known = services.map(each => `/services/${each.name}`).join(', ')
    throw new RefusedRequest(404, `unknown service; known are ${known}`)
  }
  if (request.method !== 'POST') throw new RefusedRequest(405, 'services accept POST only', { Allow: 'POST' })
  const version = announced(request.headers['content-type'])
  if (version === undefined || (request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new RefusedRequest(
      415,
      'expected text/xml (SOAP 1.1) or application/soap+xml (SOAP 1.2), in UTF-8, not compressed'
    )
  }
  const envelope = parseEnvelope(await bodyOf(request), version)
  const { to, action, reply } = addressingOf(envelope)
  const operation = operationOf(service, [action, actionOf(request, version)], envelope)
  const result: ServiceResult = operation === undefined
    ? { fault: 'neither the action nor the content of the message names an operation', by: 'client' }
    : await service.operations[operation]!({
      content: envelope.content, bytes: envelope.bytes, to: to ?? `http://${request.headers.host}${request.url}`, signal
    })
  if (result === 'accepted') {
    response.writeHead(202).end()
    return
  }
  const failed = 'fault' in result
  const answered = failed ? 'http://www.w3.org/2005/08/addressing/soap/fault' : `urn:${operation}Response`
  response.writeHead(failed ? 500 : 200, {
    'Content-Type': version === '1.1'
      ? `${MEDIA_TYPE[version]}; charset=UTF-8`
      : `${MEDIA_TYPE[version]}; action="${answered}"; charset=UTF-8`
  }).end(writeEnvelope(version,
    failed ? writeFault(version, result.by ?? 'server', result.fault, result.detail) : result.content, reply(answered)))
}

function parseEnvelope (bytes: Buffer, version: Version): SampleEnvelope {
  let envelope: SampleEnvelope
  try {
    envelope = readEnvelope(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new RefusedRequest(400, error instanceof SyntaxError ? error.message : 'the message is not UTF-8')
  }
  if (envelope.version !== version) {
    throw new RefusedRequest(
      400,
      `the Content-Type is that of SOAP ${version}, the envelope that of SOAP ${envelope.version}`
    )
  }
  return envelope
}

async function bodyOf (request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) throw new RefusedRequest(413, `the body exceeds ${MAX_BODY} bytes`, { Connection: 'close' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The action in the HTTP headers: `SOAPAction` for SOAP 1.1, a parameter of the Content-Type for SOAP 1.2. */
const actionOf = ({ headers }: IncomingMessage, version: Version): string | undefined =>
  version === '1.1'
    ? String(headers.soapaction ?? '').replace(/^"(.*)"$/, '$1')
    : /;\s*action\s*=\s*"?([^";]*)/i.exec(headers['content-type'] ?? '')?.[1]

/**
 * Selects the operation as Axis2 does: by the action of the envelope, then of HTTP, then by the name of the content.
 */
function operationOf (
  service: Service, actions: readonly (string | undefined)[], { content }: SampleEnvelope
): string | undefined {
  const names = [...actions.map(action => /^urn:(\w+)$/.exec(action ?? '')?.[1]), content?.name]
  return names.find(name => name !== undefined && Object.hasOwn(service.operations, name))
}

/** The WS-Addressing blocks of the request, and those of its response. A client that sends none gets none. */
function addressingOf (
  { header }: SampleEnvelope
): { to?: string | undefined, action?: string | undefined, reply: (action: string) => string } {
  const namespace = ADDRESSING.find(each => header.some(block => block.namespace === each))
  if (namespace === undefined) return { reply: () => '' }
  const value = (name: string): string | undefined => {
    const block = header.find(each => is(each, namespace, name))
    return block === undefined || block.children.length > 0 ? undefined : trimmedText(block)
  }
  const id = value('MessageID')
  const block = (name: string, text: string): string =>
    `<wsa:${name} xmlns:wsa="${namespace}">${escapeText(text)}</wsa:${name}>`
  return {
    to: value('To'),
    action: value('Action'),
    reply: action => block('Action', action) + (id === undefined ? '' : block('RelatesTo', id))
  }
}
