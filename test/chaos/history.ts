import type { Order } from './message.js'

/** Instants are milliseconds since 1970, by the one clock of the machine. */

/** What a client got for one order. */
export interface Reply {
  readonly order: Order
  /** Bytes of the whole request. */
  readonly bytes: number
  /** Its session, and its index in it: 0 for the first, and for each of two that open it together. */
  readonly session?: { readonly id: string, readonly nth: number, readonly together: boolean } | undefined
  readonly sent: number
  readonly ended: number
  readonly result:
    /** The complete and correct response. */
    | { readonly kind: 'response', readonly from: string }
    /** A fault made by the proxy. */
    | { readonly kind: 'fault', readonly code: number }
    /** A visibly truncated response, correct up to there. */
    | { readonly kind: 'truncated', readonly from: string }
    /** The client disconnected before its end. */
    | { readonly kind: 'left' }
    /** No reply: the connection ended, or the client timed out. */
    | { readonly kind: 'none', readonly why: string }
    /** The response to another order, or a malformed one. */
    | { readonly kind: 'wrong', readonly why: string }
}

/** What a back-end observed of one order. */
export interface Observation {
  readonly at: number
  readonly from: string
  readonly id: string
  /**
   * `taken`: all of the order was read. `truncated`: the head of a response was sent that will be truncated.
   * `malformed`: what was read is not a whole order. `foreign-session`: it named the session of another back-end.
   */
  readonly kind: 'taken' | 'truncated' | 'malformed' | 'foreign-session'
}

/** When a back-end had a fault; `absent`: its name did not resolve to its address. */
export interface FaultPeriod {
  readonly name: string
  readonly fault: string
  readonly from: number
  readonly to: number
}

/** A change of state of an endpoint of the gateway. */
export interface StateChange {
  readonly at: number
  readonly endpoint: string
  readonly to: string
  readonly cause?: string | undefined
}

/** Everything that happened. */
export interface History {
  readonly replies: readonly Reply[]
  /** Replies to poison orders. */
  readonly poisonReplies: readonly Reply[]
  readonly observations: readonly Observation[]
  readonly faultPeriods: readonly FaultPeriod[]
  readonly stateChanges: readonly StateChange[]
  /** The last change of each endpoint before this history. */
  readonly initialStates: readonly StateChange[]
}
