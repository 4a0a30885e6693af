import type { Headers } from '../../lib/message/headers.js'
import type { ProxyServices } from '../gateway/proxy-services.js'
import { RecordedMessage, type MessageRecorder, type RecordedHeaders } from '../gateway/recorded-message.js'
import { redactUrl } from '../logging/redact.js'
import { messageSummary } from './message-summary.js'
import type { MessageDetail, MessageSummary, RecordingView } from './message-views.js'

/** Messages that are kept; the oldest go first. */
const MAX_MESSAGES = 2_000
/** Characters of all heads that are kept. */
const MAX_CHARACTERS = 8 * 1024 * 1024
/** Messages that are kept within a second; the rest is counted. */
const MAX_PER_SECOND = 200
/** What stays readable after the recording has stopped, in milliseconds. */
const KEPT_MS = 15 * 60_000
const MINUTE = 60_000

/** Headers whose values are never kept, besides those whose names look secret. */
const SECRET_NAMES = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'location'])
const LOOKS_SECRET = /pass|pwd|secret|token|key|signature|session|credential|auth|clientid/i

export interface RecordingOptions {
  readonly minutes: number
  /** Default: `all` */
  readonly only?: 'all' | 'failed' | undefined
  /** Names of proxies. Default: all */
  readonly proxies?: readonly string[] | undefined
  readonly by?: string | undefined
}

interface Kept {
  readonly id: number
  readonly message: RecordedMessage
  readonly size: number
}

/**
 * Records heads and attempts of messages for a time. Off until it is started: then each message costs one test of a
 * field. Bodies are never kept, values of headers that may be secret are hidden before they are kept.
 */
export class Recorder implements MessageRecorder {
  readonly #proxyServices: ProxyServices
  #options: RecordingOptions | undefined
  #endsAt = 0
  #timer: NodeJS.Timeout | undefined
  #kept: Kept[] = []
  #characters = 0
  #next = 1
  #second = 0
  #inSecond = 0
  #dropped = 0
  readonly #onStop: (reason: string) => void

  /** @param onStop called when a recording has ended */
  constructor (proxyServices: ProxyServices, onStop: (reason: string) => void) {
    this.#proxyServices = proxyServices
    this.#onStop = onStop
  }

  start (options: RecordingOptions): void {
    this.#options = options
    this.#endsAt = Date.now() + options.minutes * MINUTE
    this.#attach(this)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.stop('its time is over'), options.minutes * MINUTE).unref()
  }

  stop (reason: string): void {
    if (this.#options === undefined) return
    this.#options = undefined
    this.#attach(undefined)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.clear(), KEPT_MS).unref()
    this.#onStop(reason)
  }

  clear (): void {
    this.#kept = []
    this.#characters = 0
    this.#dropped = 0
  }

  close (): void {
    this.#attach(undefined)
    clearTimeout(this.#timer)
    this.clear()
  }

  view (): RecordingView {
    return {
      isRunning: this.#options !== undefined,
      endsAt: this.#options === undefined ? null : this.#endsAt,
      by: this.#options?.by ?? null,
      count: this.#kept.length,
      limit: MAX_MESSAGES,
      characters: this.#characters,
      dropped: this.#dropped
    }
  }

  begin (proxy: string, method: string, path: string, headers: Headers): RecordedMessage | undefined {
    const { proxies } = this.#options ?? {}
    if (this.#options === undefined || (proxies !== undefined && !proxies.includes(proxy))) return undefined
    return new RecordedMessage(proxy, method, path, headers, hideSecrets)
  }

  finished (message: RecordedMessage): void {
    if (this.#options === undefined || (this.#options.only === 'failed' && !isRemarkable(message))) return
    const second = Math.trunc(Date.now() / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#inSecond = 0
    }
    if (++this.#inSecond > MAX_PER_SECOND) {
      this.#dropped++
      return
    }
    const size = sizeOf(message)
    this.#kept.push({ id: this.#next++, message, size })
    this.#characters += size
    while (this.#kept.length > MAX_MESSAGES || this.#characters > MAX_CHARACTERS) {
      this.#characters -= this.#kept.shift()!.size
    }
  }

  /** Newest first. @param after only those with a greater number */
  list (after: number, limit: number): MessageSummary[] {
    return this.#kept
      .filter(({ id }) => id > after)
      .slice(-limit)
      .reverse()
      .map(({ id, message }) => messageSummary(id, message))
  }

  detail (id: number): MessageDetail | undefined {
    const kept = this.#kept.find(each => each.id === id)
    if (kept === undefined) return undefined
    const { request, path, attempts } = kept.message
    return {
      ...messageSummary(id, kept.message),
      path,
      request,
      heads: attempts.map(({ path: sentTo, sent, received }) => ({ path: sentTo, sent, received }))
    }
  }

  #attach (recorder: MessageRecorder | undefined): void {
    for (const dispatcher of this.#proxyServices) dispatcher.recorder = recorder
  }
}

/** It needed more than one attempt, got a fault, or its client left. */
const isRemarkable = ({ attempts, status = 0, hasLeft }: RecordedMessage): boolean =>
  attempts.length > 1 || status >= 500 || hasLeft

/** Values of headers that may be secret are null. */
export function hideSecrets (headers: Headers): RecordedHeaders {
  const shown: [string, string | null][] = []
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name, value] = [headers[at]!, headers[at + 1]!]
    const isSecret = SECRET_NAMES.has(name.toLowerCase()) || LOOKS_SECRET.test(name)
    shown.push([name, isSecret ? null : redactUrl(value)])
  }
  return shown
}

function sizeOf ({ path, request, attempts }: RecordedMessage): number {
  const length = (headers: RecordedHeaders): number =>
    headers.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0) + 32, 0)
  return attempts.reduce(
    (sum, { sent, received }) => sum + length(sent) + length(received) + 256,
    path.length + length(request) + 256
  )
}
