import type { Message, Need } from '../message.js'

/** An XPath 1.0 expression and the prefixes it uses. */
export interface ExpressionConfig { readonly xpath: string, readonly namespaces?: Readonly<Record<string, string>> | undefined }

/** An expression, ready to be evaluated on any message. */
export interface Expression {
  /** What it looks at. */
  readonly need: Need
  /** The result as text, as the engine writes it; undefined where nothing was found that has a text. */
  text (message: Message): string | undefined
  /** The result as a truth value. */
  test (message: Message): boolean
  /** The result as XML: each selected element as markup, or undefined where the result is no set of elements. */
  markup (message: Message): readonly string[] | undefined
}
