import { Readable } from 'node:stream'
import type { Body, Message } from '../../../lib/message/message.js'
import type { BodySink, BodySource } from '../../http/message/body-source.js'
import { valuesByName } from '../../http/server/hook-headers.js'
import { responseHeaders } from '../../http/message/message-head.js'
import { HIGH_WATER_MARK, sendResponse, statusOf } from '../../http/server/send-response.js'
import type { RequestContext } from './request-context.js'

/**
 * Sends a message as a reply of Fastify, so that `onSend` hooks of the host see it and may replace its payload.
 * Responses that must close the connection of a client that is still sending go to the socket.
 */
export function sendThroughReply (context: RequestContext, message: Message): void {
  const { reply, response } = context
  const { body } = message
  if (context.disconnected || reply.sent || response.headersSent || context.upload?.unfinished === true) {
    return sendResponse(context, message)
  }
  context.responded = true
  const headers = responseHeaders(message.headers, context.request.method === 'HEAD' && body.kind === 'none')
  for (const [name, values] of valuesByName(headers)) {
    // Appends to what hooks have set for Set-Cookie, replaces all others, as @fastify/reply-from does.
    void reply.header(name, values.length === 1 ? values[0] : values)
  }
  keepCasing(context, headers)
  void reply.code(statusOf(message))
  if (body.kind === 'stream' && body.size !== undefined) void reply.header('content-length', body.size)
  context.onRespond(headers, body)
  void reply.send(payloadOf(context, body))
}

function payloadOf (context: RequestContext, body: Body): string | Buffer | Readable {
  if (body.kind === 'stream') return new SourceStream(context, body.head, body.rest as BodySource)
  if (body.kind === 'none') return ''
  context.responseBytes = body.bytes.length
  return body.bytes
}

/** Fastify writes names in lower case; clients that compare them exactly get those of the back-end. */
function keepCasing ({ request, response }: RequestContext, headers: readonly string[]): void {
  if (request.httpVersionMajor > 1) return
  const casing = new Map<string, string>()
  for (let at = 0; at < headers.length; at += 2) casing.set(headers[at]!.toLowerCase(), headers[at]!)
  const writeHead = response.writeHead.bind(response)
  response.writeHead = (status: number, ...rest: unknown[]) => {
    const given = rest.at(-1)
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return writeHead(status)
    const renamed = Object.entries(given).map(([name, value]) => [casing.get(name) ?? name, value])
    return writeHead(status, Object.fromEntries(renamed))
  }
}

/** The body of a message as the stream that Fastify sends. */
class SourceStream extends Readable implements BodySink {
  readonly #context: RequestContext
  readonly #source: BodySource
  #head: Buffer | undefined
  #attached = false

  constructor (context: RequestContext, head: Buffer, source: BodySource) {
    super({ highWaterMark: HIGH_WATER_MARK })
    this.#context = context
    this.#head = head
    this.#source = source
  }

  override _read (): void {
    if (this.#attached) return this.#source.flow()
    this.#attached = true
    if (this.#head!.length > 0) this.data(this.#head!)
    this.#head = undefined
    this.#source.attach(this)
  }

  data (chunk: Buffer): boolean {
    this.#context.responseBytes += chunk.length
    return this.push(chunk)
  }

  end (): void {
    this.push(null)
  }

  fail (cause: Error): void {
    this.#context.abortReason ??= 'endpoint'
    this.destroy(cause)
  }

  override _destroy (error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.readableEnded) this.#source.discard()
    done(error)
  }
}
