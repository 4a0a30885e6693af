import type { Expression, ExpressionConfig } from '../expression/index.js'
import { present, type Reader, type Tools } from '../kind.js'
import type { Message } from '../message.js'
import type { Element } from '../xml/element.js'

/** A text that stands in the configuration, or that an expression gives. */
export interface Valued { readonly value?: string | undefined, readonly expression?: ExpressionConfig | undefined }

/** `value="…"` or `expression="…"`; the value wins. */
export const readValued = (element: Element, reader: Reader) => {
  const value = element.attribute('value')
  return present({ value, expression: value === undefined ? reader.expression(element, 'expression') : undefined })
}

/** What it says about a message; undefined where an expression finds nothing. */
export function textOf ({ value, expression }: Valued, tools: Pick<Tools, 'expression'>): (message: Message) => string | undefined {
  if (value !== undefined || expression === undefined) return () => value
  const compiled: Expression = tools.expression(expression)
  return message => compiled.text(message)
}
