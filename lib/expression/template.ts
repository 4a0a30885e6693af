import type { Message } from '../message/message.js'
import type { Expression } from './compiled-expression.js'
import type { ExpressionConfig } from './expression.js'

const INLINE = /(\$\{.+?\})/s

/** Returns the parts of a text: what is between the expressions `${…}`, and in turn with it those. */
export const splitTemplate = (text: string): string[] => text.split(INLINE)

/** Returns the expressions `${…}` in a text. */
export const inlineExpressions = (text = ''): ExpressionConfig[] =>
  splitTemplate(text).filter((_, at) => at % 2 === 1).map(xpath => ({ xpath }))

/**
 * Compiles a text with expressions `${…}` in it.
 * @throws SyntaxError with a reason in one line
 * @see WSO2, InlineExpressionUtil
 */
export function compileTemplate (
  text: string, compile: (config: ExpressionConfig) => Expression
): (message: Message) => string {
  const parts = splitTemplate(text).map((part, at) => at % 2 === 0 ? part : compile({ xpath: part }))
  return message => parts.map(part => typeof part === 'string' ? part : part.text(message) ?? '').join('')
}
