import type { Collection } from '../message/branch.js'
import type { Fault } from '../message/fault.js'
import type { Message } from '../message/message.js'
import type { EndpointState } from '../state/endpoint-state.js'
import type { SessionGroup } from '../state/group-state.js'
import type { TlsMaterial } from '../state/tls-material.js'

/** Deliver this message there. */
export interface Forward {
  readonly kind: 'forward'
  /** `http://host:port`, never with a path. */
  readonly origin: string
  /** Path and query. */
  readonly path: string
  readonly message: Message
  readonly options: ConnectionOptions
  /** It is delivered even if its client has its answer, or has left, meanwhile. */
  readonly survivesClient?: boolean | undefined
  /** Never sent again once the endpoint may have seen any of it, not even on a fresh connection. Default: false */
  readonly unsentOnly?: boolean | undefined
}

/** How an endpoint wants to be spoken to. */
export interface ConnectionOptions {
  /** Milliseconds from the moment the request is sent until the head of the answer must be there; 0: no limit. */
  readonly timeout: number
  /** Whether the certificate of an https endpoint is verified. */
  readonly verify: boolean
  readonly tls?: TlsMaterial | undefined
  /** The Host of the request. Default: that of the origin. */
  readonly host?: string
  /** Whether the connection ends with this exchange. Default: false. */
  readonly closes?: boolean
}

/**
 * Whom is this session bound to? Answered with the member's number in `slots`, or undefined. `again`: what was said
 * before may not hold any more.
 */
export interface LookupSession {
  readonly kind: 'lookupSession'
  readonly group: SessionGroup
  readonly id: string
  readonly bypassCache: boolean
}

/**
 * Bind this session to that member (-1: to nobody), unless somebody else than `from` has it (-1: unless anybody has;
 * undefined: whoever does).
 * Answered with the member that it is bound to now.
 */
export interface BindSession {
  readonly kind: 'bindSession'
  readonly group: SessionGroup
  readonly id: string
  readonly member: number
  readonly expectedOwner: number | undefined
}

/**
 * A message of this session has its response: a session with sliding expiry begins its time anew, unless another
 * member owns it. No result:
 * the message does not wait for it.
 */
export interface ProlongSession {
  readonly kind: 'prolongSession'
  readonly group: SessionGroup
  readonly id: string
  readonly member: number
}

/** A line for the log, asked for by the configuration. */
export interface Log {
  readonly kind: 'log'
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace'
  readonly text: string
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * Run these flows side by side. Answered with the first answer among their outcomes, at once; with the first other
 * outcome, when there is
 * no answer; with undefined, when there is no outcome. The others go on, and their answers are let go of.
 */
export interface Race {
  readonly kind: 'race'
  readonly flows: readonly Flow<Outcome | undefined>[]
}

/** Flows that run side by side, or one after the other. They are made as late as they begin. */
export interface Lane<T> {
  readonly count: number
  /** Makes one of them; called once for each, in order. */
  readonly flowOf: (index: number) => Flow<T>
  /** Whether each waits for the end of the one before. */
  readonly isSequential: boolean
  /** They begin when these messages are complete. Default: at once. */
  readonly after?: Collection | undefined
}

/** What came of one branch of a message; `branches`: it was split again. */
export type BranchResult =
  | { readonly kind: 'response'; readonly message: Message }
  | { readonly kind: 'failed'; readonly fault: Fault }
  | { readonly kind: 'ended' }
  | { readonly kind: 'branches'; readonly lanes: readonly Lane<BranchResult>[] }

/**
 * Run the branches of a message. Result: the first response, at once; the first other result where there is no
 * response. The other branches continue, and their responses are discarded.
 */
export interface RunBranches {
  readonly kind: 'branches'
  readonly lanes: readonly Lane<BranchResult>[]
}

/**
 * Whoever waits for this flow gets this result now, and the flow goes on by itself: its client's leaving does not end
 * it any more.
 * Where there is no room for more of these, nothing happens, and whoever waits goes on waiting.
 */
export interface Detach {
  readonly kind: 'detach'
  readonly result: unknown
}

/**
 * Wait until the trial of a half-open endpoint is over, at most until `endsAt`.
 * Result: true if the message has waited; false if too many messages wait there already.
 */
export interface WaitForTrial {
  readonly kind: 'waitForTrial'
  readonly endpoint: EndpointState
  readonly endsAt: number
}

/**
 * Makes the message the trial of a half-open endpoint, where another process decides. Result: when the trial started,
 * in milliseconds; undefined: another message is the trial, or the endpoint is not half-open.
 */
export interface StartTrial {
  readonly kind: 'startTrial'
  readonly endpoint: EndpointState
  /** How long it keeps other messages away, in milliseconds. */
  readonly duration: number
}

/** Everything that a flow cannot do itself. */
export type Effect =
  | Forward
  | LookupSession
  | BindSession
  | ProlongSession
  | Log
  | Race
  | RunBranches
  | Detach
  | WaitForTrial
  | StartTrial

/** What all attempts share that are made to deliver one message. */
export interface Delivery {
  /** Whether the message has waited for a trial: an endpoint that is still half-open then accepts it. */
  readonly hasWaited: boolean
  /** Whether an endpoint has been judged by what happened after the message was sent. Further ones only count it. */
  hasBlamed: boolean
  /** Whether an attempt has failed: further ones are retries. */
  hasFailed: boolean
  /** Whether a group with `retry="unsent"` is sending the message now. */
  readonly unsentOnly: boolean
  /** HTTP statuses that a group declares as failures, for members that name none themselves. */
  readonly failureStatus: readonly number[] | undefined
  /** Whether suspensions by failures after sending do not count: too few members of a group are ready. */
  readonly ignoresSuspension: boolean
}

/** A delivery at its beginning. */
export const newDelivery = (): Delivery => ({
  hasWaited: false,
  hasBlamed: false,
  hasFailed: false,
  unsentOnly: false,
  failureStatus: undefined,
  ignoresSuspension: false
})

/** The result of sending one message to one address. */
export type ForwardOutcome =
  /** Any HTTP status is an answer. */
  | { readonly kind: 'answered'; readonly message: Message }
  /**
   * The network failed. `retry`: whether the message may be tried at another endpoint, only outside the innermost
   * group, or nowhere.
   */
  | {
    readonly kind: 'failed'
    readonly fault: Fault
    readonly retry: 'any' | 'outer-group' | 'none'
    readonly handler?: ErrorHandler | undefined
  }
  /** Nobody was asked. */
  | {
    readonly kind: 'refused'
    readonly fault: Fault
    readonly handler?: ErrorHandler | undefined
    /** The trial because of which a half-open endpoint did not accept the message. */
    readonly trial?: Omit<WaitForTrial, 'kind'> | undefined
  }

/**
 * The result of sending a message to an endpoint. `discarded`: the response was late, and the endpoint ignores late
 * responses.
 */
export type Outcome = ForwardOutcome | { readonly kind: 'discarded' }

/** What an endpoint wants done when nobody answered: the sequence that its `onError` names. */
export type ErrorHandler = (message: Message) => any

/** A computation that may need the outside: it yields an effect, and is resumed with what came of it. */
export type Flow<T> = Generator<Effect, T, any>
