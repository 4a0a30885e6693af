import type { ExpressionConfig } from '../expression/expression.js'
import type { ReadDepth } from '../message/message.js'

/** How much of the messages a step reads, and where the messages go. */
export interface ReadRequirements {
  /** Of the message that the step receives. */
  readonly request: ReadDepth
  /** Of the response that the step produces. */
  readonly response: ReadDepth
  /** Whether later steps may see that response. */
  readonly responds: boolean
  /** Whether later steps may still see the message itself. */
  readonly passesOn: boolean
  /** Whether the message itself may enter the out sequence. */
  readonly entersOut: boolean
  /** Whether a request may be sent to the address in its To. */
  readonly usesTo: boolean
}

/** Gives a kind the requirements of the parts inside of it. */
export interface RequirementsOf {
  readonly chain: (configs: unknown) => ReadRequirements
  readonly sequence: (key: string) => ReadRequirements
  readonly endpoint: (config: unknown) => ReadRequirements
  /** Of any named endpoint, where a message decides which one. */
  readonly anyEndpoint: () => ReadRequirements
  readonly session: (config: unknown) => ReadRequirements
  readonly expression: (config: ExpressionConfig | undefined) => ReadDepth
}
