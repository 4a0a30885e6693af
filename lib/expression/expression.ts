import type { Expression } from './compiled-expression.js'
import type { Environment } from './evaluation.js'
import { compileInline, isInline } from './inline-expression.js'
import { compileJsonEval, isJsonEval } from './json-eval.js'
import { compileXPath } from './xpath-expression.js'

/** An expression and the prefixes it uses: XPath 1.0, `json-eval(JSONPath)`, or `${…}` of Micro Integrator 4.4. */
export interface ExpressionConfig {
  readonly xpath: string
  readonly namespaces?: Readonly<Record<string, string>> | undefined
}

/**
 * Compiles an expression. Its text decides on its language, as in the engine.
 * @throws SyntaxError with a reason in one line
 * @see WSO2, SynapsePathFactory
 */
export function compileExpression (config: ExpressionConfig, environment: Environment = {}): Expression {
  const { xpath, namespaces = {} } = config
  if (isJsonEval(xpath)) return compileJsonEval(xpath, environment)
  if (isInline(xpath)) return compileInline(xpath, namespaces, environment)
  try {
    return compileXPath(xpath, namespaces, environment)
  } catch (error) {
    const reason = otherLanguage(xpath.trim().replace(/\s+/g, ' '))
    throw reason === undefined ? error : new SyntaxError(reason)
  }
}

/** What is wrong with an expression that is not an XPath, but looks like another language. */
function otherLanguage (text: string): string | undefined {
  if (/^\$(?:\.|\[)/.test(text)) return `"${text}" is a JSONPath: write json-eval(${text})`
  if (!text.includes('${')) return undefined
  return text.startsWith('${') && !text.includes('}')
    ? '"${" begins an expression of Micro Integrator, which ends with "}"'
    : 'an expression of Micro Integrator, ${…}, stands alone here: nothing precedes or follows it'
}
