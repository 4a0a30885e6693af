import type { BuildContext } from '../../contracts/build-context.js'
import type { Expression } from '../../expression/compiled-expression.js'
import type { ExpressionConfig } from '../../expression/expression.js'
import { payloadOf } from '../../expression/json-eval.js'
import { editEach, type Location } from '../../json/edit.js'
import { withJson } from '../../json/json-message.js'
import { isArray, jsonText, type JsonValue } from '../../json/json-value.js'
import { MediationError, mediationError } from '../../message/fault.js'
import type { Message } from '../../message/message.js'
import { MAX_PAYLOAD } from '../../message/payload-size.js'
import { MAX_BRANCHES } from '../../pipeline/branch-pool.js'
import { editedMarkup, type NodeEdit } from '../../xpath/edited-markup.js'
import { markupOf, type Node } from '../../xpath/node.js'
import { childMarkup, elementsIn, payloadElementOf } from '../transformation/payload-elements.js'
import { withElements } from '../transformation/payload.js'

/** The messages that a message is split into, made as late as they are needed. */
export interface BranchMessages {
  readonly count: number
  readonly messageOf: (index: number) => Message
}

/**
 * Compiles how `iterate` splits a payload. Without `preservePayload`, a selected element is the whole payload.
 * @see WSO2, IterateMediator
 */
export function payloadSplitter (
  config: ExpressionConfig,
  preservePayload: boolean,
  attachConfig: ExpressionConfig | undefined,
  context: BuildContext
): (message: Message) => BranchMessages {
  const expression = context.expression(config)
  const attach = attachConfig && context.expression(attachConfig)
  if (attach !== undefined && (attach.language === 'xpath') !== (expression.language === 'xpath')) {
    throw new Error('expression and attachPath must be in one language: XPath, or json-eval()')
  }
  const split = expression.language === 'xpath' ? splitXml : splitJson
  return message => {
    const branches = split(message, expression, preservePayload, attach)
    if (branches.count > MAX_BRANCHES) {
      throw mediationError(`the message is split into more than ${MAX_BRANCHES} branches`)
    }
    return branches
  }
}

const noLocation = (): MediationError =>
  mediationError('attachPath selects no element of the rest of the payload: a piece cannot be put there')

function checkSize (count: number, size: number): void {
  if (count * size > MAX_PAYLOAD) {
    throw mediationError(`the message is too large to be repeated ${count} times: leave out preservePayload`)
  }
}

function splitXml (
  message: Message,
  expression: Expression,
  preservePayload: boolean,
  attach: Expression | undefined
): BranchMessages {
  const selected = elementsIn(expression.nodes?.(message) ?? [])
  if (!preservePayload || selected.length === 0) {
    return { count: selected.length, messageOf: index => withElements(message, [markupOf(selected[index]!)]) }
  }
  const [parent] = elementsIn(attach?.nodes?.(message) ?? [])
  const payload = payloadElementOf(message, selected[0]!)
  if (parent === undefined || payload === undefined || selected.some(each => contains(each, parent))) throw noLocation()
  checkSize(selected.length, parent.tree.length * 8 + (message.body.kind === 'bytes' ? message.body.bytes.length : 0))
  const removed = selected.map((each): [Node, NodeEdit] => [each, { replacement: '' }])
  const messageOf = (index: number): Message =>
    withElements(message, [
      editedMarkup(
        payload,
        new Map([...removed, [parent, { append: childMarkup(parent, markupOf(selected[index]!)) }]])
      )
    ])
  return { count: selected.length, messageOf }
}

const contains = (outer: Node, inner: Node): boolean => outer.order <= inner.order && inner.order <= outer.last

/** The values of an array, or the values that a path selects; a single other value is one. */
function splitJson (
  message: Message,
  expression: Expression,
  preservePayload: boolean,
  attach: Expression | undefined
): BranchMessages {
  const selected = expression.json(message)
  const values = selected === undefined || selected === null ? [] : isArray(selected) ? selected : [selected]
  if (!preservePayload) return { count: values.length, messageOf: index => withJson(message, values[index]!) }
  const root = payloadOf(message)?.value
  if (root === undefined || values.length === 0) return { count: 0, messageOf: () => message }
  const locations = attach === undefined ? [[]] : (attach.locations?.(message) ?? [])
  if (locations.length === 0) throw noLocation()
  checkSize(values.length, jsonText(root).length)
  const emptied = (expression.locations?.(message) ?? []).filter(({ length }) => length > 0)
  if (emptied.some(outer => locations.some(location => isInside(location, outer)))) throw noLocation()
  const rest = replace(root, emptied, [])
  return {
    count: values.length,
    messageOf: index => withJson(message, replace(rest, locations, values[index]!))
  }
}

const replace = (document: JsonValue, locations: readonly Location[], value: JsonValue): JsonValue =>
  editEach(document, locations, () => value) ?? null

const isInside = (inner: Location, outer: Location): boolean =>
  inner.length > outer.length && outer.every((step, index) => step === inner[index])
