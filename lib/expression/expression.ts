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
  return compileXPath(xpath, namespaces, environment)
}
