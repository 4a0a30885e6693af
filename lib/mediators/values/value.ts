import type { Expression } from '../../expression/compiled-expression.js'
import type { ExpressionConfig } from '../../expression/expression.js'
import { omitUndefined } from '../../contracts/fields.js'
import type { Reader } from '../../contracts/xml-form.js'
import type { BuildContext } from '../../contracts/build-context.js'
import type { Message } from '../../message/message.js'
import type { Element } from '../../xml/element.js'
import { isContent } from '../../xml/fragment.js'

/** A literal value, or an expression that computes it. */
export interface Valued { readonly value?: string | undefined, readonly expression?: ExpressionConfig | undefined }

/** Reads `value="…"` or `expression="…"`. The value has precedence. */
export const readValued = (element: Element, reader: Reader) => {
  const value = element.attribute('value')
  const expression = value === undefined ? reader.expression(element, 'expression') : undefined
  return omitUndefined({ value, expression })
}

/** A function of a message that returns a text. Undefined: the expression selects nothing. */
export type TextOf = (message: Message) => string | undefined

/** Compiles a literal value or an expression. */
export function textReader ({ value, expression }: Valued, context: Pick<BuildContext, 'expression'>): TextOf {
  if (value !== undefined || expression === undefined) return () => value
  const compiled: Expression = context.expression(expression)
  return message => compiled.text(message)
}

/** Checks markup of a configuration, which would break messages. @throws Error if it is not well-formed */
export function checkedXml (xml: string | undefined, isValid: (xml: string) => boolean = isContent): void {
  if (xml === undefined || isValid(xml)) return
  const start = JSON.stringify(xml.slice(0, 80))
  throw new Error(`"xml" is not well-formed, or uses a prefix that it does not declare: ${start}`)
}

/** A qualified name. `namespace` is undefined without a prefix, or for one that is not declared. */
export interface PrefixedName {
  readonly prefix: string
  readonly namespace: string | undefined
  readonly name: string
}

/** Resolves `prefix:name` in an attribute of this element. */
export function qualified (element: Element, qualifiedName: string): PrefixedName {
  const [, prefix = '', name = ''] = /^(?:([^:]+):)?([^:]+)$/.exec(qualifiedName) ?? []
  return { prefix, namespace: prefix === '' ? undefined : element.prefixes[prefix], name }
}
