/** The contract of a sample service: it gets a request for an operation, and returns a response. */
import type { Element } from './envelope.js'

/** A request for one operation. */
export interface OperationRequest {
  /** The first element in Body. */
  readonly content: Element | undefined
  /** The message that contains `content`. */
  readonly bytes: Buffer
  /** `wsa:To`, or the URL of the request. */
  readonly to: string
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal
}

/**
 * XML for the Body; `accepted`: 202 without a body; or the reason of a fault, whose code is the server's by default.
 */
export type ServiceResult = { readonly content: string } | 'accepted' |
  { readonly fault: string, readonly by?: 'client' | 'server', readonly detail?: string }

/** A service at `/services/NAME`. The action `urn:OPERATION` selects the operation, else the name of the content. */
export interface Service {
  readonly name: string
  readonly operations: Readonly<Record<string, (request: OperationRequest) => ServiceResult | Promise<ServiceResult>>>
}
