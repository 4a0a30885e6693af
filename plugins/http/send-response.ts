import type { ServerResponse } from 'node:http'
import type { Body, Message } from '../../lib/message/message.js'
import { reasonPhraseIn } from '../../lib/message/well-known-properties.js'
import type { Exchange } from './exchange.js'
import { responseHeaders } from './message-head.js'
import type { BodySink, BodySource } from './body-source.js'

/** How much may wait for a client that reads slowly, in bytes. */
const HIGH_WATER_MARK = 65_536

/**
 * Sends a message to the client: small bodies in one write, streams as fast as the client reads them. One that breaks off, or is not as long
 * as was said, takes the client's connection with it: nobody gets a part of an answer for the whole. Trailers end here.
 * Throws what node throws on a header that is none, before anything is sent; then another message may be sent.
 */
export function sendResponse (exchange: Exchange, message: Message): void {
  const { request, response } = exchange
  const { body } = message
  if (exchange.disconnected || response.destroyed || response.headersSent) return drop(body)
  const status = statusOf(message)
  const head = request.method === 'HEAD'
  const bodiless = head || status === 204 || status === 304
  const headers = responseHeaders(message.headers, bodiless && status !== 204 && body.kind === 'none')
  const size = body.kind === 'bytes' ? body.bytes.length : body.kind === 'stream' ? body.size : bodiless ? undefined : 0
  if (size !== undefined && (!bodiless || head) && status !== 204) headers.push('Content-Length', String(size))
  if (exchange.upload?.unfinished === true) headers.push('Connection', 'close')
  try {
    const reason = reasonPhraseIn(message)
    if (reason === undefined) response.writeHead(status, headers)
    else response.writeHead(status, reason, headers)
  } catch (error) {
    drop(body)
    throw error
  }
  if (bodiless) {
    drop(body)
    finish(exchange, undefined)
  } else if (body.kind === 'stream') new ResponseBody(exchange, body.rest as BodySource, size).begin(body.head)
  else finish(exchange, body.kind === 'bytes' ? body.bytes : undefined)
}

/** A final status that HTTP has; else what a fault, or an answer, has by default. */
function statusOf ({ status, fault }: Message): number {
  if (status === undefined) return fault === true ? 500 : 200
  return Number.isInteger(status) && status >= 200 && status <= 999 ? status : 500
}

function drop (body: Body): void {
  if (body.kind === 'stream') body.rest.discard()
}

function finish ({ response, upload }: Exchange, last: Buffer | undefined): void {
  if (upload?.unfinished !== true) {
    if (last === undefined) response.end()
    else response.end(last)
    return
  }
  if (last === undefined) response.flushHeaders()
  else response.write(last)
  upload.drainBeforeClose(() => response.end())
}

/** The body of an answer on its way to the client. */
class ResponseBody implements BodySink {
  private readonly exchange: Exchange
  private readonly response: ServerResponse
  private readonly source: BodySource
  /** Bytes still to come, where that was said. */
  private left: number
  private begun = false

  constructor (exchange: Exchange, source: BodySource, size: number | undefined) {
    this.exchange = exchange
    this.response = exchange.response
    this.source = source
    this.left = size ?? Infinity
  }

  begin (head: Buffer): void {
    this.response.on('drain', () => this.source.flow())
    if (head.length > 0) this.data(head)
    this.source.attach(this)
    if (!this.begun) this.response.flushHeaders()
  }

  data (chunk: Buffer): boolean {
    const { response } = this
    this.begun = true
    this.left -= chunk.length
    if (this.left < 0) this.fail()
    if (response.destroyed) return false
    return response.write(chunk) || response.writableLength < HIGH_WATER_MARK
  }

  end (): void {
    this.begun = true
    if (this.left > 0 && this.left !== Infinity) this.fail()
    else if (!this.response.destroyed) finish(this.exchange, undefined)
  }

  fail (): void {
    this.begun = true
    this.response.destroy()
  }
}
