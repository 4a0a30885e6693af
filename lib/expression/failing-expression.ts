import { mediationError } from '../message/fault.js'
import { UnresolvedName } from '../xpath/unresolved-name.js'
import type { Expression } from './compiled-expression.js'

type Warn = (message: string, hint: undefined, code: 'message-failure') => void

/** Compiles an expression. One with a name that stands for nothing warns, and fails each message, as in the engines. */
export function orFailing (compile: () => Expression, warn: Warn): Expression {
  try {
    return compile()
  } catch (error) {
    if (!(error instanceof UnresolvedName)) throw error
    warn(`${error.message}: every message that reaches this expression fails`, undefined, 'message-failure')
    return failingExpression(error.message)
  }
}

function failingExpression (reason: string): Expression {
  const fail = (): never => { throw mediationError(reason) }
  return {
    language: 'xpath', depth: 'nothing', calls: [], text: fail, test: fail, markup: fail, json: fail, nodes: fail
  }
}
