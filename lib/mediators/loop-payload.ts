import type { BuildContext } from '../contracts/build-context.js'
import type { Expression } from '../expression/compiled-expression.js'
import type { ExpressionConfig } from '../expression/expression.js'
import { payloadOf } from '../expression/json-eval.js'
import { editAt } from '../json/edit.js'
import { withJson } from '../json/json-message.js'
import { isArray, type JsonValue } from '../json/json-value.js'
import { fault, MediationError } from '../message/fault.js'
import type { Message } from '../message/message.js'
import { editedMarkup, type NodeEdit } from '../xpath/edited-markup.js'
import { markupOf, type Node } from '../xpath/node.js'
import { childElementsOf, childMarkup, elementsIn, payloadElementOf } from './payload-elements.js'
import { withElements } from './payload.js'

/** The elements of a payload that `foreach` runs over. */
export interface Loop {
  readonly count: number
  /** Whether an element whose mediation fails stays. */
  readonly keepsFailed: boolean
  /** Gives a message one of them as its payload. */
  readonly begin: (message: Message, index: number) => Message
  /** Gives a message the original payload, with what became of the elements. */
  readonly join: (message: Message, results: readonly Message[]) => Message
}

/** Compiles an expression that `foreach` runs over. */
export function loopOver (config: ExpressionConfig, tools: BuildContext): (message: Message) => Loop {
  const expression = tools.expression(config)
  if (expression.language !== 'xpath') return message => jsonLoop(message, expression)
  const payload = tools.expression({ xpath: '$body/*[1]' })
  return message => xmlLoop(message, expression, payload)
}

function xmlLoop (original: Message, expression: Expression, payload: Expression): Loop {
  const selected = elementsIn(expression.nodes?.(original) ?? [])
  return {
    count: selected.length,
    keepsFailed: true,
    begin: (message, index) => withElements(withPayloadOf(message, original), [markupOf(selected[index]!)]),
    join: (message, results) =>
      withoutSelected(
        withPayloadOf(message, original),
        selected,
        results.flatMap(each => payload.markup(each) ?? [])
      )
  }
}

const withPayloadOf = (message: Message, { body, headers }: Message): Message => ({ ...message, body, headers })

/** Results stand behind the other children of the parent of the first element. @see WSO2, ForEachMediator */
function withoutSelected (message: Message, selected: readonly Node[], results: readonly string[]): Message {
  const { parent } = selected[0]!
  const root = payloadElementOf(message, selected[0]!)
  if (parent === undefined || root === undefined) return withElements(message, results)
  const edits = selected.map((each): [Node, NodeEdit] => [each, { instead: '' }])
  const isBody = parent.parent === root && parent.name === 'Body' && parent.namespace === root.namespace
  if (parent.order < root.order || isBody) {
    const others = childElementsOf(parent)
      .filter(each => !selected.includes(each))
      .map(markupOf)
    return withElements(message, [...others, ...results])
  }
  const append = results.map(each => childMarkup(parent, each)).join('')
  return withElements(message, [editedMarkup(root, new Map([...edits, [parent, { append }]]))])
}

function jsonLoop (original: Message, expression: Expression): Loop {
  const values = expression.json(original)
  if (values === undefined || !isArray(values)) {
    throw new MediationError(fault('MEDIATION', 'the expression of foreach selects no JSON array'))
  }
  return {
    count: values.length,
    keepsFailed: false,
    begin: (message, index) => withJson(message, values[index]!),
    join (message, results) {
      const changed: JsonValue = results.map(each => payloadOf(each)?.value ?? null)
      const places = expression.locations?.(original) ?? []
      const root = payloadOf(original)?.value ?? null
      return withJson(
        message,
        places.reduce((document: JsonValue, place) => editAt(document, place, () => changed) ?? null, root)
      )
    }
  }
}
