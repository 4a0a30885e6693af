import type { Collection } from '../message/branch.js'
import type { Fault } from '../message/fault.js'
import type { Message } from '../message/message.js'
import type { EndpointState } from '../state/endpoint-state.js'
import type { GroupState, SessionGroup } from '../state/group-state.js'
import type { Health } from '../state/suspension.js'
import type { TlsMaterial } from '../state/tls-material.js'

/** Sends a message to an address. Result: a `ForwardOutcome`. */
export interface Forward {
  readonly kind: 'forward'
  /** The name of the endpoint in the registry. */
  readonly endpointName: string
  /** `http://host:port`, never with a path. */
  readonly origin: string
  /** Path and query. */
  readonly path: string
  readonly message: Message
  readonly options: ConnectionOptions
  /**
   * Whether the message is delivered even if its client has a response already, or has disconnected. Default: false.
   */
  readonly survivesClient?: boolean | undefined
  /**
   * Whether the message is never sent again once the endpoint may have received any of it, not even on a fresh
   * connection. Default: false.
   */
  readonly unsentOnly?: boolean | undefined
}

/** How a request is sent to an endpoint. */
export interface ConnectionOptions {
  /** Milliseconds from sending the request until the head of the response is complete; 0: no limit. */
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
 * Looks up the owner of a session. Result: the number of the member, its index in `memberIds` of the group; undefined:
 * the session is not bound. `bypassCache`: an earlier result may be out of date.
 */
export interface LookupSession {
  readonly kind: 'lookupSession'
  readonly group: SessionGroup
  readonly id: string
  readonly bypassCache: boolean
}

/**
 * Compare-and-set. Binds a session to a member (-1: releases it) if `expectedOwner` owns it (-1: if it is not bound;
 * undefined: always). Result: the owner afterwards. All of them are numbers of members, indexes in `memberIds`.
 */
export interface BindSession {
  readonly kind: 'bindSession'
  readonly group: SessionGroup
  readonly id: string
  readonly memberNumber: number
  readonly expectedOwner: number | undefined
}

/**
 * A message of a session has its response: with sliding expiry the timeout begins again, unless another member owns the
 * session. No result: the message does not wait.
 */
export interface ProlongSession {
  readonly kind: 'prolongSession'
  readonly group: SessionGroup
  readonly id: string
  /** The number of the member: its index in `memberIds` of the group. */
  readonly memberNumber: number
  /** Whether the session returns to this member if another one owns it. */
  readonly takesBack: boolean
}

/** What became of the session of a message: its client names its member, a new one, or another one than before. */
export interface NoteSession {
  readonly kind: 'noteSession'
  readonly group: GroupState
  /** The index of the member in `members` of the group, which it has now. */
  readonly memberIndex: number
  readonly decision: 'bound' | 'new' | 'moved'
}

/** What became of a message at an endpoint before it was sent there. */
export interface Decision {
  /** `failing`: by health checks. `full`: as many requests are in flight as may be. `trial`: it is sent as one. */
  readonly kind: 'not-ready' | 'failing' | 'full' | 'trial'
  readonly endpoint: EndpointState
  /** The state of the endpoint at that moment. */
  readonly health: Health
}

/** Why a message was not sent to endpoints, since the last attempt or the beginning. */
export interface NoteDecisions {
  readonly kind: 'noteDecisions'
  readonly decisions: readonly Decision[]
}

/** Writes a log line. */
export interface Log {
  readonly kind: 'log'
  /**
   * The kind of a line of the gateway itself: in floods, lines of one kind are summed up. Undefined: the configuration
   * contains the line, and each is written.
   */
  readonly summedAs?: string | undefined
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace'
  readonly text: string
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * Runs flows side by side. Result: the first response, at once; the first other outcome, if there is no response;
 * undefined, if there is no outcome. The other flows continue, and their responses are discarded.
 */
export interface Race {
  readonly kind: 'race'
  readonly flows: readonly Flow<Outcome | undefined>[]
}

/** A batch of flows that run side by side or one after the other. Each flow is made when it begins. */
export interface Batch<T> {
  readonly count: number
  /** Makes a flow. Called once for each index, in order. */
  readonly flowOf: (index: number) => Flow<T>
  /** Whether each flow waits for the end of the one before. */
  readonly isSequential: boolean
  /** The flows begin when these messages are complete. Default: at once. */
  readonly after?: Collection | undefined
}

/** The result of one branch of a message. `branches`: the message was split again. */
export type BranchResult =
  | { readonly kind: 'response'; readonly message: Message }
  | { readonly kind: 'failed'; readonly fault: Fault }
  | { readonly kind: 'ended' }
  | { readonly kind: 'branches'; readonly batches: readonly Batch<BranchResult>[] }

/**
 * Runs the branches of a message. Result: the first response, at once; the first other result, if there is no response.
 * The other branches continue, and their responses are discarded.
 */
export interface RunBranches {
  readonly kind: 'branches'
  readonly batches: readonly Batch<BranchResult>[]
}

/**
 * Gives the client its result now; the flow continues on its own, and does not end when the client disconnects. Without
 * room for another detached flow nothing happens, and the client waits.
 */
export interface Detach {
  readonly kind: 'detach'
  readonly result: unknown
}

/**
 * Waits until the trial of a half-open endpoint ends, at most until `endsAt`. Result: true if the message has waited;
 * false if too many messages wait there already.
 */
export interface WaitForTrial {
  readonly kind: 'waitForTrial'
  readonly endpoint: EndpointState
  readonly endsAt: number
}

/** An endpoint that has as many requests in flight as it may, and how messages wait there. */
export interface FullEndpoint {
  readonly endpoint: EndpointState
  /** Requests in flight. */
  readonly maxRequests: number
  /** Messages that wait for a place. */
  readonly maxQueued: number
  /** When the message has waited long enough, in milliseconds since 1970. */
  readonly endsAt: number
}

/**
 * Waits for a place at one of these endpoints, at most until `endsAt`. Result: true if one may have a place; false if
 * too many messages wait there already, or the time is over.
 */
export interface WaitForPlace {
  readonly kind: 'waitForPlace'
  readonly full: readonly FullEndpoint[]
  readonly endsAt: number
}

/**
 * Makes the message the trial of a half-open endpoint, where another process decides. Result: when the trial started,
 * in milliseconds; undefined: another message is the trial, or the endpoint is not half-open.
 */
export interface StartTrial {
  readonly kind: 'startTrial'
  readonly endpoint: EndpointState
  /** How long the trial keeps other messages away, in milliseconds. */
  readonly duration: number
}

/** What a flow cannot do itself. */
export type Effect =
  | Forward
  | LookupSession
  | BindSession
  | ProlongSession
  | NoteSession
  | NoteDecisions
  | Log
  | Race
  | RunBranches
  | Detach
  | WaitForTrial
  | WaitForPlace
  | StartTrial

/** What all attempts to deliver one message share. */
export interface Delivery {
  /** Whether the message has waited for a trial: an endpoint that is still half-open then accepts it. */
  readonly hasWaited: boolean
  /** Whether the message has waited for a place: it takes one before those that come later. */
  readonly hasQueued: boolean
  /** Whether a failure after sending has counted against an endpoint. Further ones suspend no other endpoint. */
  hasCountedFailure: boolean
  /** Whether an attempt has failed: further attempts are retries. */
  hasFailed: boolean
  /** Whether a group with `retry="unsent"` is sending the message now. */
  readonly unsentOnly: boolean
  /** HTTP statuses that a group declares as failures, for members that name none themselves. */
  readonly failureStatus: readonly number[] | undefined
  /** Whether suspensions by failures after sending do not count: too few members of a group are ready. */
  readonly ignoresSuspension: boolean
  /** What was decided since the last attempt; undefined: nothing. */
  decisions: Decision[] | undefined
}

/** A delivery before its first attempt. */
export const newDelivery = (): Delivery => ({
  hasWaited: false,
  hasQueued: false,
  hasCountedFailure: false,
  hasFailed: false,
  unsentOnly: false,
  failureStatus: undefined,
  ignoresSuspension: false,
  decisions: undefined
})

/** Reports what was decided since the last attempt, once. */
export function takeDecisions (delivery: Delivery): NoteDecisions {
  const { decisions = [] } = delivery
  delivery.decisions = undefined
  return { kind: 'noteDecisions', decisions }
}

/** The result of sending one message to one address. */
export type ForwardOutcome =
  /** A response with any HTTP status. */
  | { readonly kind: 'answered'; readonly message: Message }
  /**
   * The network failed. `retry`: where the message may be sent again: to any endpoint, outside of the innermost group
   * only, or not at all.
   */
  | {
    readonly kind: 'failed'
    readonly fault: Fault
    readonly retry: 'any' | 'outer-group' | 'none'
    readonly handler?: ErrorHandler | undefined
  }
  /** Nothing was sent. */
  | {
    readonly kind: 'refused'
    readonly fault: Fault
    readonly handler?: ErrorHandler | undefined
    /** The trial in flight because of which a half-open endpoint did not accept the message. */
    readonly trial?: Omit<WaitForTrial, 'kind'> | undefined
    /** The endpoints that are full, if nothing else was in the way of the message there. */
    readonly full?: readonly FullEndpoint[] | undefined
  }

/**
 * The result of sending a message to an endpoint. `discarded`: the response was late, and the endpoint ignores late
 * responses.
 */
export type Outcome = ForwardOutcome | { readonly kind: 'discarded' }

/** What an endpoint does after the last attempt has failed: the sequence that its `onError` names. */
export type ErrorHandler = (message: Message) => any

/** A computation that yields effects and is resumed with their results. */
export type Flow<T> = Generator<Effect, T, any>
