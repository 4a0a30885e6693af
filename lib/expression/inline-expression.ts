import type { JsonValue } from '../json/json-value.js'
import type { Message } from '../message/message.js'
import type { Environment } from './evaluation.js'
import type { Expression } from './compiled-expression.js'
import { InlineError, inlineText, type InlineValue } from './inline-value.js'
import { parseInline } from './inline-grammar.js'

const WHOLE = /^\s*\$\{([^]*)\}\s*$/

/** Whether an attribute holds one expression `${…}`. */
export const isInline = (text: string): boolean => WHOLE.test(text)

/**
 * Compiles `${…}` as in Micro Integrator 4.4: `payload`, `vars`, `headers`, `properties`, `params`, `configs`,
 * operators and functions. An evaluation that fails is the empty text, as in the engine.
 * @throws SyntaxError with a reason in one line
 * @see WSO2, SynapseExpression
 */
export function compileInline (
  expression: string, namespaces: Readonly<Record<string, string>>, environment: Environment
): Expression {
  const source = WHOLE.exec(expression)?.[1] ?? expression
  const { evaluate, depth, calls } = parseInline(source, namespaces, environment)
  const value = (message: Message): InlineValue => {
    try {
      return evaluate(message)
    } catch (error) {
      if (error instanceof InlineError) return undefined
      throw error
    }
  }
  return {
    language: 'inline',
    depth,
    calls,
    text: message => inlineText(value(message)),
    test: message => inlineText(value(message)).toLowerCase() === 'true',
    markup: () => undefined,
    json: message => value(message) as JsonValue | undefined
  }
}
