import type { Fault } from './fault.js'
import type { Message } from './message.js'
import type { SessionTable } from './session-table.js'

/** Deliver this message there. */
export interface Call {
  readonly kind: 'call'
  /** `http://host:port`, never with a path. */
  readonly origin: string
  /** Path and query. */
  readonly path: string
  readonly message: Message
  readonly options: Connection
}

/** How an endpoint wants to be spoken to. */
export interface Connection {
  /** Milliseconds from the moment the request is sent until the head of the answer must be there; 0: no limit. */
  readonly timeout: number
  /** Whether the certificate of an https endpoint is verified. */
  readonly verify: boolean
}

/** Whom is this session bound to? Answered with the member's number, or undefined. */
export interface Recall { readonly kind: 'recall', readonly table: SessionTable, readonly id: string }

/** Bind this session to that member (-1: to nobody). Answered with the member it is bound to now. */
export interface Bind { readonly kind: 'bind', readonly table: SessionTable, readonly id: string, readonly member: number }

/** A line for the log, asked for by the configuration. */
export interface Log { readonly kind: 'log', readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace', readonly text: string, readonly fields: Readonly<Record<string, unknown>> }

/** Everything that a flow cannot do itself. */
export type Effect = Call | Recall | Bind | Log

/** What came of a call. */
export type Outcome =
  /** Any HTTP status is an answer. */
  | { readonly kind: 'answered', readonly message: Message }
  /** The network failed. `retry`: whether the message may be tried at another endpoint, only outside the innermost group, or nowhere. */
  | { readonly kind: 'failed', readonly fault: Fault, readonly retry: 'anywhere' | 'outside' | 'nowhere', readonly handler?: Handler | undefined }
  /** Nobody was asked. */
  | { readonly kind: 'refused', readonly fault: Fault, readonly handler?: Handler | undefined }

/** What an endpoint wants done when nobody answered: the sequence that its `onError` names. */
export type Handler = (message: Message) => any

/** A computation that may need the outside: it yields an effect, and is resumed with what came of it. */
export type Flow<T> = Generator<Effect, T, any>

/** Who waits for the answer. It may leave. */
export interface Client { readonly gone: boolean, onLeave?: (() => void) | undefined }

/** The outside, as far as a flow may use it. */
export interface Ports<C extends Client = Client> {
  /** Never rejects: failures are outcomes. Settles early when the client leaves. */
  readonly forward: (call: Call, client: C) => Promise<Outcome>
  readonly recall: (effect: Recall) => number | undefined | Promise<number | undefined>
  readonly bind: (effect: Bind) => number | Promise<number>
  readonly log: (entry: Log, client: C) => void
}

/**
 * Drives a flow to its end. This is the only place in lib that waits.
 * When the client leaves, the flow is closed where it stands: its `finally` blocks run, and nobody is blamed.
 * The result is then undefined.
 */
export async function run<T, C extends Client> (flow: Flow<T>, ports: Ports<C>, client: C): Promise<T | undefined> {
  let step = flow.next()
  while (!step.done) {
    const result = perform(step.value, ports, client)
    const settled = isPromise(result) ? await result : result
    step = client.gone ? flow.return(undefined as T) : flow.next(settled)
  }
  return client.gone ? undefined : step.value
}

function perform<C extends Client> (effect: Effect, ports: Ports<C>, client: C): unknown {
  switch (effect.kind) {
    case 'call': return ports.forward(effect, client)
    case 'recall': return ports.recall(effect)
    case 'bind': return ports.bind(effect)
    case 'log': return ports.log(effect, client)
  }
}

const isPromise = (value: unknown): value is Promise<unknown> => typeof (value as Promise<unknown> | undefined)?.then === 'function'
