import type { ServerResponse } from 'node:http'
import { NO_BODY, type Body, type Message } from '../../../lib/message/message.js'
import { reasonPhraseIn } from '../../../lib/message/well-known-properties.js'
import type { Exchange } from './exchange.js'
import { valuesByName, withHookHeaders } from './hook-headers.js'
import { responseHeaders } from '../message/message-head.js'
import type { BodySink, BodySource } from '../message/body-source.js'

/** Bytes that may wait for a client that reads slowly. */
export const HIGH_WATER_MARK = 65_536

/** Bodies up to this size are written as one text with the head, which needs one simple write instead of a list. */
const ONE_WRITE = 16_384

/**
 * Sends a message to the client: small bodies in one write, streams as fast as the client reads them. A body that is
 * truncated, or not as long as its Content-Length, closes the connection, so that no client takes a part for the whole.
 * Trailers are not forwarded.
 * @throws the error of Node for an invalid header, before anything is sent; another message may be sent then
 */
export function sendResponse (exchange: Exchange, message: Message): void {
  const { request, response } = exchange
  const { body } = message
  const isOver = exchange.disconnected || response.destroyed || response.headersSent
  if (isOver || !exchange.takeOver()) return discardRest(body)
  const status = statusOf(message)
  const isHead = request.method === 'HEAD'
  const bodiless = isHead || status === 204 || status === 304
  const own = responseHeaders(message.headers, bodiless && status !== 204 && body.kind === 'none')
  const headers = withHookHeaders(exchange.hookHeaders(), own)
  const size = sizeOf(body) ?? (body.kind === 'none' && !bodiless ? 0 : undefined)
  if (size !== undefined && (!bodiless || isHead) && status !== 204) headers.push('Content-Length', String(size))
  if (exchange.upload?.unfinished === true && request.httpVersionMajor === 1) headers.push('Connection', 'close')
  exchange.responded = true
  try {
    writeHead(exchange, status, reasonPhraseIn(message), headers)
  } catch (error) {
    discardRest(body)
    throw error
  }
  exchange.onRespond(headers, bodiless ? NO_BODY : body)
  if (bodiless) {
    discardRest(body)
    finish(exchange, undefined)
  } else if (body.kind === 'stream') new ResponseBody(exchange, body.rest as BodySource, size).begin(body.head)
  else finish(exchange, body.kind === 'bytes' ? body.bytes : undefined)
}

/**
 * Headers that hooks have set on Node's response are in the list already, hence they are removed there. HTTP/2, and
 * responses without a connection, take no list with repeated names.
 */
function writeHead (exchange: Exchange, status: number, reason: string | undefined, headers: string[]): void {
  const { request, response } = exchange
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  if (!exchange.isPlainHttp) {
    for (const [name, values] of valuesByName(headers)) {
      response.setHeader(name, values.length === 1 ? values[0]! : values)
    }
    if (reason === undefined || request.httpVersionMajor > 1) response.writeHead(status)
    else response.writeHead(status, reason)
  } else if (reason === undefined) response.writeHead(status, headers)
  else response.writeHead(status, reason, headers)
}

const sizeOf = (body: Body): number | undefined =>
  body.kind === 'bytes' ? body.bytes.length : body.kind === 'stream' ? body.size : undefined

/** A final status that HTTP has; else the default of a fault or of a response. */
export function statusOf ({ status, fault }: Message): number {
  if (status === undefined) return fault === true ? 500 : 200
  return Number.isInteger(status) && status >= 200 && status <= 999 ? status : 500
}

/** What of a body has not been read is not needed. */
export function discardRest (body: Body): void {
  if (body.kind === 'stream') body.rest.discard()
}

function finish (exchange: Exchange, last: Buffer | undefined): void {
  const { response, upload } = exchange
  if (last !== undefined) exchange.responseBytes += last.length
  if (upload?.unfinished !== true) {
    if (last === undefined) response.end()
    else if (last.length > ONE_WRITE || !exchange.isPlainHttp) response.end(last)
    else endAtOnce(response, last)
    return
  }
  if (last === undefined) response.flushHeaders()
  else response.write(last)
  upload.drainBeforeClose(() => response.end())
}

/**
 * Writes the head and the whole body at once. Node joins a text to the head, and waits for nothing at the end if all of
 * it was written; of a Buffer it makes a list of three parts.
 */
function endAtOnce (response: ServerResponse, body: Buffer): void {
  const { socket } = response
  socket?.cork()
  response.write(body.toString('latin1'), 'latin1')
  socket?.uncork()
  response.end()
}

/** The body of a response on its way to the client. */
class ResponseBody implements BodySink {
  readonly #exchange: Exchange
  readonly #response: ServerResponse
  readonly #source: BodySource
  /** Bytes still to come; Infinity where the length is unknown. */
  #remaining: number
  #started = false

  constructor (exchange: Exchange, source: BodySource, size: number | undefined) {
    this.#exchange = exchange
    this.#response = exchange.response
    this.#source = source
    this.#remaining = size ?? Infinity
  }

  begin (head: Buffer): void {
    this.#response.on('drain', () => this.#source.flow())
    if (head.length > 0) this.data(head)
    this.#source.attach(this)
    if (!this.#started) this.#response.flushHeaders()
  }

  data (chunk: Buffer): boolean {
    const response = this.#response
    this.#started = true
    this.#remaining -= chunk.length
    this.#exchange.responseBytes += chunk.length
    if (this.#remaining < 0) this.fail()
    if (response.destroyed) return false
    return response.write(chunk) || response.writableLength < HIGH_WATER_MARK
  }

  end (): void {
    this.#started = true
    if (this.#remaining > 0 && this.#remaining !== Infinity) this.fail()
    else if (!this.#response.destroyed) finish(this.#exchange, undefined)
  }

  fail (): void {
    this.#started = true
    this.#exchange.abortReason ??= 'endpoint'
    this.#response.destroy()
  }
}
