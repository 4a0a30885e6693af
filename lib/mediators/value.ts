import type { Expression, ExpressionConfig } from '../expression/expression.js'
import { omitUndefined, type Reader, type BuildContext } from '../contracts/kind.js'
import type { Message } from '../message/message.js'
import type { Element } from '../xml/element.js'
import { isContent } from '../xml/fragment.js'

/** A text that stands in the configuration, or that an expression gives. */
export interface Valued { readonly value?: string | undefined, readonly expression?: ExpressionConfig | undefined }

/** `value="…"` or `expression="…"`; the value wins. */
export const readValued = (element: Element, reader: Reader) => {
  const value = element.attribute('value')
  return omitUndefined({ value, expression: value === undefined ? reader.expression(element, 'expression') : undefined })
}

/** What it says about a message; undefined where an expression finds nothing. */
export function textOf ({ value, expression }: Valued, tools: Pick<BuildContext, 'expression'>): (message: Message) => string | undefined {
  if (value !== undefined || expression === undefined) return () => value
  const compiled: Expression = tools.expression(expression)
  return message => compiled.text(message)
}

/** Markup that the configuration brings. @throws Error if it is none, so that no message is broken by it */
export function checkedXml (xml: string | undefined, is: (xml: string) => boolean = isContent): void {
  if (xml !== undefined && !is(xml)) throw new Error(`"xml" is not well-formed, or uses a prefix that it does not declare: ${JSON.stringify(xml.slice(0, 80))}`)
}

/** A name as an attribute of this element writes it, `prefix:name`; without a namespace, if it has no prefix that is declared there. */
export function qualified (element: Element, written: string): { readonly prefix: string, readonly namespace: string | undefined, readonly name: string } {
  const [, prefix = '', name = ''] = /^(?:([^:]+):)?([^:]+)$/.exec(written) ?? []
  return { prefix, namespace: prefix === '' ? undefined : element.prefixes[prefix], name }
}
