import type { Message, ReadDepth } from '../message/message.js'
import { evaluate, Evaluation, EvaluationFocus, type EvaluationContext } from '../xpath/evaluate.js'
import { parse } from '../xpath/grammar.js'
import { requiredDepth } from './required-depth.js'
import { markupOf, ownTextOf, type Node } from '../xpath/node.js'
import { ABSENT, isNodes, javaText, toBoolean, type XValue } from '../xpath/values.js'

export { javaText } from '../xpath/values.js'

/** An XPath 1.0 expression and the prefixes it uses. */
export interface ExpressionConfig { readonly xpath: string, readonly namespaces?: Readonly<Record<string, string>> | undefined }

/** An expression, ready to be evaluated on any message. */
export interface Expression {
  /** What it looks at. */
  readonly depth: ReadDepth
  /** The result as text, as the engine writes it; undefined where nothing was found that has a text. */
  text (message: Message): string | undefined
  /** The result as a truth value. */
  test (message: Message): boolean
  /** The result as XML: each selected element as markup, or undefined where the result is no set of elements. */
  markup (message: Message): readonly string[] | undefined
}

/**
 * XPath 1.0 as Apache Synapse and WSO2 evaluate it: on the SOAP envelope, with their variables and functions.
 *
 * Bounded: an expression has at most 4096 characters, nested at most 64 deep; a tree has at most a million nodes; an evaluation
 * visits at most four million nodes, or looks at sixteen times as many characters, and else ends in a fault.
 * @param surroundings entries: the text of a local entry, which get-property finds where there is no such property; clock: milliseconds since
 * 1970, for SYSTEM_DATE and SYSTEM_TIME, without which they are absent; system: what get-property finds in its scope `system`
 * @returns an expression whose functions throw a MediationError: UNREADABLE for a message that is no XML that is accepted (a DOCTYPE is
 * not), MEDIATION for one that is too much to evaluate, or a function that is given what it cannot take
 * @throws SyntaxError with a reason in one line
 */
export function compileExpression (config: ExpressionConfig, surroundings: EvaluationContext = {}): Expression {
  const expr = parse(config.xpath, config.namespaces ?? {})
  const need = requiredDepth(expr)
  const begin = (message: Message): Evaluation => new Evaluation(message, need, surroundings)
  return {
    depth: need,
    text: message => {
      const run = begin(message)
      return textOf(evaluate(expr, new EvaluationFocus(run)), run)
    },
    test: message => toBoolean(evaluate(expr, new EvaluationFocus(begin(message)))),
    markup: message => {
      const run = begin(message)
      return markupsOf(evaluate(expr, new EvaluationFocus(run)), run)
    }
  }
}

/** Several nodes are their texts together (Apache Synapse: SynapseXPath.stringValueOf). */
function textOf (value: XValue, run: Evaluation): string | undefined {
  if (value === ABSENT) return undefined
  if (isNodes(value)) return value.map(node => nodeText(node, run)).join('')
  return typeof value === 'number' ? javaText(value) : String(value)
}

/** The text of an element is what stands in itself; without any, it is its XML. */
function nodeText (node: Node, run: Evaluation): string {
  if (node.kind === 'text' || node.kind === 'attribute') return node.value
  const text = node.kind === 'document' ? '' : ownTextOf(node)
  run.charge(node.last - node.order)
  return /[^\0- ]/.test(text) ? text : xmlOf(node, run)
}

function markupsOf (value: XValue, run: Evaluation): readonly string[] | undefined {
  if (!isNodes(value) || value === ABSENT || value.some(({ kind }) => kind === 'text' || kind === 'attribute')) return undefined
  return value.map(node => xmlOf(node, run))
}

function xmlOf (node: Node, run: Evaluation): string {
  const element = node.kind === 'document' ? node.tree[1]! : node
  run.charge(8 * (element.last - element.order + 1))
  const markup = markupOf(element)
  run.charge(markup.length / 16)
  return markup
}
