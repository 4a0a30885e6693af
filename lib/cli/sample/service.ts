/** What a sample service is: it is asked to do an operation, and says what to answer. */
import type { Element } from './envelope.js'

/** A request for one operation. */
export interface Request {
  /** The first element in Body. */
  readonly content: Element | undefined
  /** The message that `content` stands in. */
  readonly bytes: Buffer
  /** Where the message says it goes (`wsa:To`), or the URL it came to. */
  readonly to: string
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** XML for the Body of the answer; `accepted`: 202 without a body; or the reason of a fault, which is the server's unless told. */
export type Answer = { readonly content: string } | 'accepted' | { readonly fault: string, readonly by?: 'client' | 'server', readonly detail?: string }

/** A service is reached at `/services/` and its name. Its operations are chosen by the action `urn:NAME`, else by the name of the content. */
export interface Service {
  readonly name: string
  readonly operations: Readonly<Record<string, (request: Request) => Answer | Promise<Answer>>>
}
