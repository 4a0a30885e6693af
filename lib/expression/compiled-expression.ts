import type { Location } from '../json/edit.js'
import type { JsonValue } from '../json/json-value.js'
import type { Message, ReadDepth } from '../message/message.js'
import type { LiteralCall } from '../xpath/calls.js'
import type { Node } from '../xpath/node.js'

/** A compiled expression. Its methods throw a MediationError for a message that cannot be read or evaluated. */
export interface Expression {
  readonly language: 'xpath' | 'json' | 'inline'
  /** How much of a message it reads. */
  readonly depth: ReadDepth
  /** The XPath functions that it calls. */
  readonly calls: readonly LiteralCall[]
  /** Returns the result as text, as the engines write it. Undefined: the expression selects an unset property. */
  text (message: Message): string | undefined
  /** Returns the result as a boolean. */
  test (message: Message): boolean
  /** Returns the markup of each selected element. Undefined: the result is not a node-set of elements. */
  markup (message: Message): readonly string[] | undefined
  /** Returns the result as JSON; that of XPath as a string. Undefined: nothing is selected. */
  json (message: Message): JsonValue | undefined
  /** Of XPath: returns the selected nodes of the message. */
  nodes? (message: Message): readonly Node[]
  /** Of `json-eval()` on the payload: returns the places of the selected values. */
  locations? (message: Message): readonly Location[]
}
