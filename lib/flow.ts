import { toFault, type Fault } from './fault.js'
import type { Message } from './message.js'
import type { SessionGroup } from './registry.js'

/** Deliver this message there. */
export interface Call {
  readonly kind: 'call'
  /** `http://host:port`, never with a path. */
  readonly origin: string
  /** Path and query. */
  readonly path: string
  readonly message: Message
  readonly options: Connection
  /** It is delivered even if its client has its answer, or has left, meanwhile. */
  readonly lasting?: boolean | undefined
}

/** How an endpoint wants to be spoken to. */
export interface Connection {
  /** Milliseconds from the moment the request is sent until the head of the answer must be there; 0: no limit. */
  readonly timeout: number
  /** Whether the certificate of an https endpoint is verified. */
  readonly verify: boolean
}

/** Whom is this session bound to? Answered with the member's number in `slots`, or undefined. `again`: what was said before may not hold any more. */
export interface Recall { readonly kind: 'recall', readonly group: SessionGroup, readonly id: string, readonly again: boolean }

/**
 * Bind this session to that member (-1: to nobody), unless somebody else than `from` has it (-1: unless anybody has; undefined: whoever does).
 * Answered with the member that it is bound to now.
 */
export interface Bind { readonly kind: 'bind', readonly group: SessionGroup, readonly id: string, readonly member: number, readonly from: number | undefined }

/** A line for the log, asked for by the configuration. */
export interface Log { readonly kind: 'log', readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace', readonly text: string, readonly fields: Readonly<Record<string, unknown>> }

/**
 * Run these flows side by side. Answered with the first answer among their outcomes, at once; with the first other outcome, when there is
 * no answer; with undefined, when there is no outcome. The others go on, and their answers are let go of.
 */
export interface Spread { readonly kind: 'spread', readonly flows: readonly Flow<Outcome | undefined>[] }

/**
 * Whoever waits for this flow gets this result now, and the flow goes on by itself: its client's leaving does not end it any more.
 * Where there is no room for more of these, nothing happens, and whoever waits goes on waiting.
 */
export interface Release { readonly kind: 'release', readonly result: unknown }

/** Everything that a flow cannot do itself. */
export type Effect = Call | Recall | Bind | Log | Spread | Release

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
  /** Calls `go`, once and before it returns, with somebody in the place of this client who never leaves. False: there is no room, and nothing was done. */
  readonly release: (client: C, go: (alone: C) => Promise<unknown>) => boolean
}

/**
 * Drives a flow to its end. This is the only place in lib that waits.
 * When the client leaves, the flow is closed where it stands: its `finally` blocks run, and nobody is blamed.
 * The result is then undefined.
 */
export async function run<T, C extends Client> (flow: Flow<T>, ports: Ports<C>, client: C): Promise<T | undefined> {
  let step = flow.next()
  while (!step.done) {
    const effect = step.value
    if (effect.kind === 'release' && ports.release(client, alone => run(flow, ports, alone))) return effect.result as T
    const result = perform(effect, ports, client)
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
    case 'spread': return spread(effect.flows, { ...ports, forward: (call, client) => ports.forward({ ...call, lasting: true }, client) }, client)
    case 'release': return undefined
  }
}

const spread = <C extends Client> (flows: readonly Flow<Outcome | undefined>[], ports: Ports<C>, client: C): Promise<Outcome | undefined> => new Promise(resolve => {
  let left = flows.length
  let answered = false
  let other: Outcome | undefined
  const over = (outcome: Outcome | undefined): void => {
    left--
    if (outcome?.kind === 'answered') {
      if (answered && outcome.message.body.kind === 'stream') outcome.message.body.rest.discard()
      answered = true
      resolve(outcome)
    } else other ??= outcome
    if (left === 0) resolve(other)
  }
  if (left === 0) resolve(undefined)
  for (const flow of flows) run(flow, ports, client).then(over, error => over({ kind: 'failed', fault: toFault(error), retry: 'nowhere' }))
})

const isPromise = (value: unknown): value is Promise<unknown> => typeof (value as Promise<unknown> | undefined)?.then === 'function'
