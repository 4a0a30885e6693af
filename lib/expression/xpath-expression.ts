import { mediationError } from '../message/fault.js'
import type { Message } from '../message/message.js'
import { functionCalls } from '../xpath/calls.js'
import { evaluate } from '../xpath/evaluate.js'
import { Context } from '../xpath/expr.js'
import { parse } from '../xpath/grammar.js'
import { markupOf, ownTextOf, type Node } from '../xpath/node.js'
import { EvaluationError, isNodes, toBoolean, type XValue } from '../xpath/values.js'
import type { Expression } from './compiled-expression.js'
import { MessageEvaluation, type Environment } from './evaluation.js'
import { FUNCTIONS, FUNCTION_PREFIXES } from './functions.js'
import { javaText } from './java-number.js'
import { ABSENT, variable } from './properties.js'
import { requiredDepth } from './required-depth.js'

/**
 * Compiles XPath 1.0 with the variables and functions of Apache Synapse and WSO2. The context node is the envelope.
 *
 * Limits: 4096 characters and a nesting of 64 for an expression, a million nodes for a message, four million steps for
 * an evaluation, which are that many node visits or sixteen times as many characters. Exceeding one is a fault.
 * @returns an expression that throws UNREADABLE for XML that is not accepted (a DOCTYPE is not), MEDIATION for
 * an evaluation that takes too long or a function that does not take its argument
 * @throws SyntaxError with a reason in one line
 */
export function compileXPath (
  xpath: string, namespaces: Readonly<Record<string, string>>, environment: Environment
): Expression {
  const expr = parse<MessageEvaluation>(xpath, {
    namespaces, functions: FUNCTIONS, functionPrefixes: FUNCTION_PREFIXES, variable
  })
  const depth = requiredDepth(expr)
  const evaluateOn = <T>(message: Message, convert: (value: XValue, evaluation: MessageEvaluation) => T): T => {
    const evaluation = new MessageEvaluation(message, depth, environment)
    try {
      return convert(evaluate(expr, new Context(evaluation)), evaluation)
    } catch (error) {
      throw error instanceof EvaluationError ? mediationError(error.message) : error
    }
  }
  return {
    language: 'xpath',
    depth,
    calls: functionCalls(expr),
    text: message => evaluateOn(message, resultText),
    test: message => evaluateOn(message, toBoolean),
    markup: message => evaluateOn(message, markupsOf),
    json: message => evaluateOn(message, resultText),
    nodes: message => evaluateOn(message, value => isNodes(value) ? value : [])
  }
}

/** Concatenates the texts of several nodes. @see Apache Synapse, SynapseXPath.stringValueOf */
function resultText (value: XValue, evaluation: MessageEvaluation): string | undefined {
  if (value === ABSENT) return undefined
  if (isNodes(value)) return value.map(node => nodeText(node, evaluation)).join('')
  return typeof value === 'number' ? javaText(value) : String(value)
}

/** The text of an element is its own text without that of its children; without any, its markup. */
function nodeText (node: Node, evaluation: MessageEvaluation): string {
  if (node.kind === 'text' || node.kind === 'attribute') return node.value
  const text = node.kind === 'document' ? '' : ownTextOf(node)
  evaluation.charge(node.last - node.order)
  return /[^\0- ]/.test(text) ? text : markupWithin(node, evaluation)
}

function markupsOf (value: XValue, evaluation: MessageEvaluation): readonly string[] | undefined {
  if (!isNodes(value) || value === ABSENT) return undefined
  if (value.some(({ kind }) => kind === 'text' || kind === 'attribute')) return undefined
  return value.map(node => markupWithin(node, evaluation))
}

/** The markup of a node. Charges for its length. */
function markupWithin (node: Node, evaluation: MessageEvaluation): string {
  const element = node.kind === 'document' ? node.tree[1]! : node
  evaluation.charge(8 * (element.last - element.order + 1))
  const markup = markupOf(element)
  evaluation.charge(markup.length / 16)
  return markup
}
