import type { Readable } from 'node:stream'
import type { OperatorRequest } from '../../gateway/request/operator-requests.js'
import { redactHeaders, type ShownHeaders } from '../../../lib/redaction/redact-headers.js'
import { ConfigurationSecrets } from '../../recording/configuration-secrets.js'
import { MessageCapture } from '../../recording/message-capture.js'
import type { MessageRecorder } from '../../recording/message-recorder.js'
import { recordMessage } from '../../recording/record-message.js'
import { HttpError } from '../contract/http-error.js'
import { messageSummary } from '../messages/message-summary.js'
import type { MessageSummary } from '../messages/message-views.js'
import { pathOf, type ProxyDetails } from './proxy-details.js'
import { isFieldText, isToken } from '../../http/client/response/characters.js'

/** Messages that are tried at one time. */
const MAX_TRIES = 4
/** Bytes of a response that are shown. */
const MAX_RESPONSE = 1024 * 1024
const MAX_WAIT_MS = 60_000

/** A message that an operator sends. */
export interface TryOptions {
  readonly proxy: string
  readonly method: OperatorRequest['method']
  /** What follows the path of the proxy: empty, or `/path` with a query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What came of it. */
export interface TryView {
  readonly status: number
  readonly headers: ShownHeaders
  /** As UTF-8, or in Base64 where it is not text. */
  readonly body: { readonly text?: string; readonly base64?: string; readonly isCut: boolean }
  /** Its attempts. Missing: it did not reach the proxy. */
  readonly message: MessageSummary | undefined
}

/** Sends messages of operators through proxies. Bounded in number, time and size. */
export class Tries {
  readonly #details: ProxyDetails
  readonly #secrets: ConfigurationSecrets
  #running = 0

  /** @param hide names whose values are hidden besides those that look secret */
  constructor (details: ProxyDetails, hide: readonly string[]) {
    this.#details = details
    this.#secrets = new ConfigurationSecrets(hide)
  }

  /** @param remoteAddress of the operator. @throws HttpError */
  async send ({ proxy, method, path, headers, body }: TryOptions, remoteAddress: string): Promise<TryView> {
    const dispatcher = this.#details.dispatcherOf(proxy)
    const url = urlBelow(pathOf(dispatcher, proxy), path)
    if (this.#running >= MAX_TRIES) throw new HttpError(429, `${MAX_TRIES} messages are being tried: wait for one`)
    let capture: MessageCapture | undefined
    const recorder: MessageRecorder = {
      begin: request => (capture ??= new MessageCapture(request, 0)),
      finished: () => {}
    }
    const names = this.#secrets.of(dispatcher.configuration.definitions)
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), MAX_WAIT_MS)
    this.#running++
    try {
      const request = { method, url, headers: checked(headers), body, remoteAddress, signal: abort.signal }
      const response = await dispatcher.operatorRequests.send(request, recorder)
      return {
        status: response.status,
        headers: redactHeaders(listOf(response.headers), names),
        body: bodyOf(await readUpTo(response.body)),
        message: capture && {
          ...messageSummary(0, null, recordMessage(capture, names, () => '')),
          status: response.status
        }
      }
    } catch (error) {
      if (abort.signal.aborted) throw new HttpError(504, `no complete response within ${MAX_WAIT_MS / 1000} s`)
      if (error instanceof HttpError) throw error
      throw new HttpError(502, 'the response ended before it was complete')
    } finally {
      clearTimeout(timer)
      // What was not read is not waited for.
      abort.abort()
      capture?.release()
      this.#running--
    }
  }
}

/** @throws HttpError for a path that leaves that of the proxy */
function urlBelow (base: string, path: string): string {
  const url = URL.canParse(base + path, 'http://localhost') ? new URL(base + path, 'http://localhost') : undefined
  const isBelow = url?.host === 'localhost' && (url.pathname === base || url.pathname.startsWith(`${base}/`))
  if (url === undefined || !isBelow || !/^([/?]|$)/.test(path)) {
    throw new HttpError(400, 'the path is not below that of the proxy: begin it with "/" or "?", without ".."')
  }
  return url.pathname + url.search
}

/** These are made from the message itself. */
const OWN = new Set(['content-length', 'transfer-encoding', 'connection', 'upgrade', 'expect', 'trailer', 'te'])

/** @throws HttpError for a header that cannot be sent */
function checked (headers: Readonly<Record<string, string>>): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) {
    if (!isToken(name) || !isFieldText(value)) {
      throw new HttpError(400, `the header "${name.slice(0, 100)}" is malformed`)
    }
  }
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN.has(name.toLowerCase())))
}

/** Names and values in turn. */
const listOf = (headers: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap(each => [name, String(each)])
  )

async function readUpTo (stream: Readable): Promise<{ bytes: Buffer; isCut: boolean }> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > MAX_RESPONSE) break
  }
  return { bytes: Buffer.concat(chunks).subarray(0, MAX_RESPONSE), isCut: length > MAX_RESPONSE }
}

function bodyOf ({ bytes, isCut }: { bytes: Buffer; isCut: boolean }): TryView['body'] {
  try {
    // A character that is cut at the end does not make it binary.
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut }), isCut }
  } catch {
    return { base64: bytes.toString('base64'), isCut }
  }
}
