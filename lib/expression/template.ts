import type { Message } from '../message/message.js'
import type { Expression } from './compiled-expression.js'
import type { ExpressionConfig } from './expression.js'

const INLINE = /(\$\{.+?\})/s

/** Returns the expressions `${…}` in a text. */
export const inlineExpressions = (text = ''): ExpressionConfig[] =>
  text.split(INLINE).filter((_, at) => at % 2 === 1).map(xpath => ({ xpath }))

/**
 * Compiles a text with expressions `${…}` in it.
 * @throws SyntaxError with a reason in one line
 * @see WSO2, InlineExpressionUtil
 */
export function compileTemplate (
  text: string, compile: (config: ExpressionConfig) => Expression
): (message: Message) => string {
  const parts = text.split(INLINE).map((part, at) => at % 2 === 0 ? part : compile({ xpath: part }))
  return message => parts.map(part => typeof part === 'string' ? part : part.text(message) ?? '').join('')
}
