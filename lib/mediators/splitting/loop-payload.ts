import type { BuildContext } from '../../contracts/build-context.js'
import type { Expression } from '../../expression/compiled-expression.js'
import type { ExpressionConfig } from '../../expression/expression.js'
import { payloadOf } from '../../expression/json-eval.js'
import { editEach } from '../../json/edit.js'
import { withJson } from '../../json/json-message.js'
import { isArray, jsonText, type JsonValue } from '../../json/json-value.js'
import { mediationError } from '../../message/fault.js'
import type { Message } from '../../message/message.js'
import { checkPayloadSize } from '../../message/payload-size.js'
import { MAX_BRANCHES } from '../../pipeline/branch-pool.js'
import { envelopeOf } from '../../soap/read.js'
import { editedMarkup, type NodeEdit } from '../../xpath/edited-markup.js'
import { markupOf, type Node } from '../../xpath/node.js'
import { childElementsOf, childMarkup, elementsIn, payloadElementOf } from '../transformation/payload-elements.js'
import { withElements } from '../transformation/payload.js'

/** One run of `foreach` over the elements of a payload. */
export interface Loop {
  readonly count: number
  /** Whether an element whose mediation fails stays. */
  readonly keepsFailed: boolean
  /** Gives a message one of the elements as its payload. */
  readonly begin: (message: Message, index: number) => Message
  /** Keeps what became of the next element. @throws MediationError if all results together are too large */
  readonly keep: (result: Message) => void
  /** Gives a message the original payload, with the results. */
  readonly join: (message: Message) => Message
}

/** Compiles an expression that `foreach` runs over. */
export function loopOver (config: ExpressionConfig, context: BuildContext): (message: Message) => Loop {
  const expression = context.expression(config)
  const payload = context.expression({ xpath: '$body/*[1]' })
  const loopOf = expression.language === 'xpath' ? xmlLoop : jsonLoop
  return message => {
    const loop = loopOf(message, expression, payload)
    if (loop.count > MAX_BRANCHES) throw mediationError(`foreach runs over more than ${MAX_BRANCHES} elements`)
    return loop
  }
}

function xmlLoop (original: Message, expression: Expression, payload: Expression): Loop {
  const selected = elementsIn(expression.nodes?.(original) ?? [])
  const results: string[] = []
  let size = 0
  checkPayloadSize(selected.length * (envelopeOf(original)?.rest ?? 0), 'what foreach makes with each SOAP Header')
  return {
    count: selected.length,
    keepsFailed: true,
    begin: (message, index) => withElements(withPayloadOf(message, original), [markupOf(selected[index]!)]),
    keep (result) {
      const markup = payload.markup(result)?.[0] ?? ''
      size += markup.length
      checkPayloadSize(size, 'what foreach makes')
      if (markup !== '') results.push(markup)
    },
    join: message => withoutSelected(withPayloadOf(message, original), selected, results)
  }
}

const withPayloadOf = (message: Message, { body, headers }: Message): Message => ({ ...message, body, headers })

/** Results follow the other children of the parent of the first element. @see WSO2, ForEachMediator */
function withoutSelected (message: Message, selected: readonly Node[], results: readonly string[]): Message {
  const { parent } = selected[0]!
  const root = payloadElementOf(message, selected[0]!)
  if (parent === undefined || root === undefined) return withElements(message, results)
  const removed = new Map<Node, NodeEdit>(selected.map(each => [each, { replacement: '' }]))
  const isBody = parent.parent === root && parent.name === 'Body' && parent.namespace === root.namespace
  if (parent.order < root.order || isBody) {
    const others = childElementsOf(parent)
      .filter(each => !removed.has(each))
      .map(markupOf)
    return withElements(message, [...others, ...results])
  }
  const append = results.map(each => childMarkup(parent, each)).join('')
  return withElements(message, [editedMarkup(root, removed.set(parent, { append }))])
}

function jsonLoop (original: Message, expression: Expression): Loop {
  const values = expression.json(original)
  if (values === undefined || !isArray(values)) throw mediationError('the expression of foreach selects no JSON array')
  const results: JsonValue[] = []
  let size = 0
  return {
    count: values.length,
    keepsFailed: false,
    begin: (message, index) => withJson(message, values[index]!),
    keep (result) {
      const value = payloadOf(result)?.value ?? null
      size += jsonText(value).length
      checkPayloadSize(size, 'what foreach makes')
      results.push(value)
    },
    join (message) {
      const places = expression.locations?.(original) ?? []
      checkPayloadSize(size * places.length, 'what foreach makes')
      const root = payloadOf(original)?.value ?? null
      return withJson(message, editEach(root, places, () => results) ?? null)
    }
  }
}
