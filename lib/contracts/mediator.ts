import type { Fault } from '../message/fault.js'
import type { Message } from '../message/message.js'
import type { Flow, Batch } from './flow.js'

/** Where a message goes after a mediator: along the chain, into the out sequence, to the client, or no further. */
export type Step =
  | { readonly to: 'next' | 'out' | 'client'; readonly message: Message }
  | {
    readonly to: 'end'
    readonly message: Message
    /** A failure that the client has to learn of, since no sequence has responded to it. */
    readonly fault?: Fault | undefined
    /** Whether the message is dropped: it was neither sent nor collected. */
    readonly isDropped?: true
  }
  /** The error handler of an endpoint took the message over. The chains around it end; `next` is its own step. */
  | { readonly to: 'handled'; readonly message: Message; readonly next: Step }
  | SplitStep

/** The message was split: each branch takes its own way. */
export interface SplitStep {
  readonly to: 'branches'
  /** The message that was split. */
  readonly message: Message
  readonly batches: readonly Batch<Step>[]
}

/** A step of a message that was not split. */
export type OwnStep = Exclude<Step, SplitStep>

/** One hook of a chain. */
export type Mediator = (message: Message) => Step | Flow<Step>
