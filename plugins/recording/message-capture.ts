import type { Forward, ForwardOutcome } from '../../lib/contracts/flow.js'
import { headerOf, type Headers } from '../../lib/message/headers.js'
import type { Body } from '../../lib/message/message.js'
import type { BodySource } from '../http/message/body-source.js'
import type { UpstreamObserver } from '../http/upstream/upstream-observer.js'
import type { UpstreamCall } from '../http/upstream/upstream-transport.js'
import { BodyCapture } from './body-capture.js'
import { CaptureBudget } from './capture-budget.js'
import { wireHeaders } from './wire-headers.js'

/** Attempts of one message that are kept: a message may be split into very many. */
const MAX_ATTEMPTS = 32
const MAX_NOTES = 100

/** One direction of one hop: its headers, and its body. */
export class PartCapture {
  readonly headers: Headers
  readonly body: BodyCapture
  /** The codings of the body as it was captured; undefined: none. */
  coding: string | undefined
  /** Returns the headers as they are on the network. */
  readonly wireHeaders: () => Headers

  /** @param wireHeaders called when the message is recorded. Default: they are on the network as they are here */
  constructor (headers: Headers, body: BodyCapture, wireHeaders = () => headers) {
    this.headers = headers
    this.body = body
    this.coding = headerOf(headers, 'content-encoding')
    this.wireHeaders = wireHeaders
  }

  /** Captures a body that is here, or as it passes. */
  take (body: Body): void {
    if (body.kind === 'stream') {
      if (body.head.length > 0) this.body.add(body.head)
      const source = body.rest as BodySource
      source.observe(this.body)
      return
    }
    if (body.kind === 'bytes') this.body.add(body.bytes)
    this.body.end()
  }
}

/** One attempt of a message. Instants are milliseconds after the start of the message. */
export class AttemptCapture implements UpstreamObserver {
  readonly endpoint: string
  readonly from: number
  to: number | undefined
  outcome: ForwardOutcome['kind'] | undefined
  status: number | undefined
  /** Why it failed. */
  code: number | undefined
  cause: string | undefined
  /** Path and query. */
  path: string
  sent: PartCapture | undefined
  received: PartCapture | undefined
  readonly #message: MessageCapture
  readonly #origin: string

  constructor (message: MessageCapture, { endpointName, origin, path }: Forward) {
    this.#message = message
    this.#origin = origin
    this.endpoint = endpointName
    this.path = path
    this.from = message.elapsed()
  }

  onCall (call: UpstreamCall): void {
    const sent = new PartCapture(call.headers, this.#message.newBody(), () => wireHeaders(call, this.#origin))
    if (call.body === undefined || Buffer.isBuffer(call.body)) {
      sent.take(call.body === undefined ? { kind: 'none' } : { kind: 'bytes', bytes: call.body })
    } else sent.take({ kind: 'stream', head: call.body.start, rest: call.body.source, size: call.body.size })
    this.sent?.body.release()
    this.sent = sent
  }

  onHead (_status: number, rawHeaders: readonly (string | Buffer)[]): void {
    const headers = rawHeaders.map(each => (typeof each === 'string' ? each : each.toString('latin1')))
    this.received?.body.release()
    this.received = new PartCapture(headers, this.#message.newBody())
  }

  onBody (chunk: Buffer): void {
    this.received?.body.add(chunk)
  }

  onEnd (): void {
    this.received?.body.end()
  }

  release (): void {
    this.path = ''
    this.sent?.body.release()
    this.received?.body.release()
    this.sent = undefined
    this.received = undefined
  }

  /** The outcome is known. */
  settle (outcome: ForwardOutcome): void {
    this.to = this.#message.elapsed()
    this.outcome = outcome.kind
    if (outcome.kind === 'answered') this.status = outcome.message.status
    else {
      this.code = outcome.fault.code
      this.cause = outcome.fault.reason
    }
    this.#message.onSettled?.()
  }
}

/** What happened to a message between its attempts. */
export type Note =
  | { readonly kind: 'passed'; readonly endpoint: string; readonly reason: string; readonly at: number }
  | { readonly kind: 'trial'; readonly endpoint: string; readonly at: number }
  | { readonly kind: 'session'; readonly group: string; readonly member: string | null; readonly at: number }
  | { readonly kind: 'bound'; readonly group: string; readonly member: string; readonly at: number }

/** A request that a recorder wants. */
export interface CapturedRequest {
  readonly proxy: string
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Headers
  /** Identifies the configuration that serves it. */
  readonly definitions: object
}

/** A message while it is on its way: nothing of it is hidden yet, and nothing of it outlives it. */
export class MessageCapture {
  /** Milliseconds since 1970. */
  readonly at = Date.now()
  given: CapturedRequest
  /** Bytes of each body that are kept. */
  readonly limit: number
  request: PartCapture
  attempts: AttemptCapture[] = []
  /** Attempts that are not kept. */
  moreAttempts = 0
  readonly notes: Note[] = []
  response: PartCapture | undefined
  status: number | undefined
  /** Whether the client disconnected before its response was complete. */
  hasLeft = false
  /** Duration in milliseconds; undefined while it is on its way. */
  ms: number | undefined
  /** Why the gateway responded itself: the code and the reason of the first fault. */
  fault: { readonly code: number; readonly reason: string } | undefined
  /** The id of its session. */
  sessionId: string | undefined
  /** Called when an attempt has its outcome. */
  onSettled: (() => void) | undefined
  readonly #budget: CaptureBudget
  readonly #start = performance.now()

  /** @param budget that of all messages on their way; needed where bodies are kept */
  constructor (given: CapturedRequest, limit: number, budget = new CaptureBudget(0)) {
    this.given = given
    this.limit = limit
    this.#budget = budget
    this.request = new PartCapture(given.headers, this.newBody())
  }

  /** A body of this message that begins to pass. */
  newBody (): BodyCapture {
    return new BodyCapture(this.limit, this.#budget)
  }

  elapsed (): number {
    return Math.round((performance.now() - this.#start) * 10) / 10
  }

  /** The request as the gateway reads it: a body that it has decoded has no coding any more. */
  receive (headers: Headers, body: Body): void {
    this.request.coding = headerOf(headers, 'content-encoding')
    this.request.take(body)
  }

  /** Begins an attempt; undefined: it is only counted. */
  attempt (forward: Forward): AttemptCapture | undefined {
    if (this.attempts.length === MAX_ATTEMPTS) {
      this.moreAttempts++
      return undefined
    }
    const attempt = new AttemptCapture(this, forward)
    this.attempts.push(attempt)
    return attempt
  }

  /** The response to the client begins. */
  respond (headers: Headers, body: Body): void {
    this.response?.body.release()
    this.response = new PartCapture(headers, this.newBody())
    this.response.take(body)
  }

  passed (endpoint: string, reason: string): void {
    this.#note({ kind: 'passed', endpoint, reason, at: this.elapsed() })
  }

  trial (endpoint: string): void {
    this.#note({ kind: 'trial', endpoint, at: this.elapsed() })
  }

  /** Its session was looked up. @param member undefined: the session is not bound */
  sessionFound (group: string, id: string | undefined, member: string | undefined): void {
    this.sessionId ??= id
    this.#note({ kind: 'session', group, member: member ?? null, at: this.elapsed() })
  }

  sessionBound (group: string, id: string | undefined, member: string): void {
    this.sessionId ??= id
    this.#note({ kind: 'bound', group, member, at: this.elapsed() })
  }

  finish (status: number | undefined, hasLeft: boolean): void {
    this.status = status
    this.hasLeft = hasLeft
    this.ms = this.elapsed()
  }

  /** Drops what it has captured: connections refer to their last message for as long as they are idle. */
  release (): void {
    this.onSettled = undefined
    this.sessionId = undefined
    this.given = { ...this.given, path: '', headers: [] }
    this.request.body.release()
    this.request = new PartCapture([], this.request.body)
    this.response?.body.release()
    this.response = undefined
    for (const attempt of this.attempts) attempt.release()
    this.attempts = []
  }

  #note (note: Note): void {
    if (this.notes.length < MAX_NOTES) this.notes.push(note)
  }
}
