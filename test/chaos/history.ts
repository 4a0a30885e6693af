import type { Order } from './message.js'

/** Instants are milliseconds since 1970, by the one clock of the machine. */

/** What a client got for one order. */
export interface Reply {
  readonly order: Order
  /** Bytes of the whole request. */
  readonly bytes: number
  /** Which session it was in, and the how-manieth of it; 0 for the first, and for each of two that open it together. */
  readonly session?: { readonly id: string, readonly nth: number, readonly together: boolean } | undefined
  readonly sent: number
  readonly ended: number
  readonly got:
    /** A whole and right answer. */
    | { readonly kind: 'answer', readonly from: string }
    /** A fault made by the proxy. */
    | { readonly kind: 'fault', readonly code: number }
    /** An answer that visibly broke off; what came of it was right. */
    | { readonly kind: 'broken', readonly from: string }
    /** The client left before its end. */
    | { readonly kind: 'left' }
    /** Nothing: the connection ended, or the client's patience. */
    | { readonly kind: 'nothing', readonly why: string }
    /** What was not for this client, or not what it says it is. */
    | { readonly kind: 'wrong', readonly why: string }
}

/** What a back-end saw. */
export interface Sight {
  readonly at: number
  readonly from: string
  readonly id: string
  /**
   * `taken`: all of the order was read. `cut`: the head of an answer was sent that is going to break off.
   * `odd`: what was read is no whole order. `foreign`: it carried the session of another back-end.
   */
  readonly what: 'taken' | 'cut' | 'odd' | 'foreign'
}

/** When a back-end had a fault; `absent`: when its address was not one of its name. */
export interface Trouble { readonly name: string, readonly fault: string, readonly from: number, readonly to: number }

/** An endpoint of the gateway went to another state. */
export interface Turn {
  readonly at: number
  readonly endpoint: string
  readonly to: string
  readonly cause?: string | undefined
}

/** Everything that happened. */
export interface History {
  readonly replies: readonly Reply[]
  /** Replies to poisonous orders. */
  readonly poisons: readonly Reply[]
  readonly sights: readonly Sight[]
  readonly troubles: readonly Trouble[]
  readonly turns: readonly Turn[]
  /** The last turn of each endpoint before all this. */
  readonly states: readonly Turn[]
}
