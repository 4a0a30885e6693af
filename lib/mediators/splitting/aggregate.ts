import { Type, type Static } from '@sinclair/typebox'
import type { BuildContext } from '../../contracts/build-context.js'
import { describe, Duration, ExpressionField, omitUndefined, writeExpression } from '../../contracts/fields.js'
import type { Flow } from '../../contracts/flow.js'
import { mediator } from '../../contracts/kind.js'
import type { Mediator, Step } from '../../contracts/mediator.js'
import type { Reader } from '../../contracts/xml-form.js'
import { Collection, depthOf, type Branch } from '../../message/branch.js'
import { mediationError } from '../../message/fault.js'
import { headerOf, withHeader, withoutHeaders } from '../../message/headers.js'
import type { Message } from '../../message/message.js'
import { continued } from '../../pipeline/branches.js'
import { toChainError } from '../../pipeline/chain.js'
import type { Element } from '../../xml/element.js'
import { AGGREGATE_ELEMENT_TYPES, joinerOf, type Join } from './aggregated-payload.js'
import { readKey, writeKey } from '../core/sequence.js'
import { textReader } from '../values/value.js'

const Count = Type.Union([Type.Integer({ minimum: -1, maximum: 1e9 }), ExpressionField])

/**
 * Joins the branches of a message that `clone` or `iterate` has split. @see WSO2 and Apache Synapse,
 * AggregateMediator
 */
export const aggregate = mediator({
  name: 'aggregate',
  description:
    'Collects the messages that `clone` or `iterate` has made of one, and joins them when they are complete.',
  fields: {
    id: describe(
      Type.Optional(Type.String({ minLength: 1 })),
      'Name of the `clone` or `iterate`. Default: the innermost one.'
    ),
    correlateOn: describe(Type.Optional(ExpressionField), 'Only messages for which it is true are collected.'),
    timeout: describe(
      Type.Optional(Duration),
      'In milliseconds from the first message: then those that are there are complete. 0: none.',
      0
    ),
    min: describe(Type.Optional(Count), 'This many messages are complete. Default: all of the split.'),
    max: describe(Type.Optional(Count), 'At most this many are joined. Default: all of the split.'),
    expression: describe(
      Type.Optional(ExpressionField),
      'Selects what of each message is joined. Default: the first element of its Body.'
    ),
    elementType: describe(
      Type.Optional(Type.Union(AGGREGATE_ELEMENT_TYPES.map(each => Type.Literal(each)))),
      'Of JSON: `root` makes an array of the values, `child` merges the objects.',
      'root'
    ),
    enclosingElementProperty: describe(
      Type.Optional(Type.String({ minLength: 1 })),
      'Property that holds the element around what is joined.'
    ),
    onComplete: describe(Type.Array(Type.Ref('Mediator')), 'Mediators for the joined message.')
  },
  read (element, reader) {
    const condition = element.child('completeCondition')
    const count = condition?.child('messageCount')
    const correlate = element.child('correlateOn')
    const complete = element.child('onComplete')
    if (complete === undefined) reader.problem(element, '<aggregate> needs <onComplete>')
    const onComplete = complete === undefined ? [] : reader.branch(complete)
    return omitUndefined({
      id: element.attribute('id'),
      correlateOn: correlate && reader.expression(correlate, 'expression'),
      timeout: readTimeout(condition, reader),
      min: readCount(count, 'min', reader),
      max: readCount(count, 'max', reader),
      expression: complete && reader.expression(complete, 'expression'),
      elementType: complete?.attribute('aggregateElementType'),
      enclosingElementProperty: complete?.attribute('enclosingElementProperty'),
      onComplete
    })
  },
  write: (
    { id, correlateOn, timeout, min, max, expression, elementType, enclosingElementProperty, onComplete },
    to
  ) => [
    { id },
    correlateOn && ['correlateOn', writeExpression('expression', correlateOn)],
    [
      'completeCondition',
      { timeout: timeout === undefined ? undefined : timeout / 1000 },
      min === undefined && max === undefined
        ? undefined
        : ['messageCount', { ...writeCount('min', min), ...writeCount('max', max) }]
    ],
    [
      'onComplete',
      { ...writeExpression('expression', expression), aggregateElementType: elementType, enclosingElementProperty },
      ...to.mediators(onComplete)
    ]
  ],
  reads: ({ onComplete }, of) => ({ ...of.chain(onComplete), request: 'body', passesOn: true }),
  build (config, context) {
    const onComplete = config.onComplete.length === 0 ? ends : context.mediators(config.onComplete)
    const join = joinerOf(config, context)
    const collectionOf = collectorOf(config, context)
    const correlate = config.correlateOn && context.expression(config.correlateOn)
    return message => {
      const branch = collectedBranch(message.branch, config.id)
      // What was never split passes, as in the engine.
      if (branch === undefined || (correlate !== undefined && !correlate.test(message))) {
        return { to: 'next', message }
      }
      const { collection, isNew } = branch.split.collectionFor(config, () => collectionOf(message, branch))
      if (!collection.isComplete && !collection.add(message)) {
        throw mediationError('the messages to be aggregated are too large')
      }
      if (!isNew) return { to: 'end', message }
      const flowOf = (): Flow<Step> => completed(collection, join, onComplete, config.id)
      return { to: 'branches', message, batches: [{ count: 1, isSequential: false, after: collection, flowOf }] }
    }
  }
})

type AggregateConfig = Parameters<typeof aggregate.build>[0]

/** An aggregate without mediators drops what it has joined. @see WSO2, AggregateMediatorFactory */
const ends: Mediator = message => ({ to: 'end', message })

/** The branch of this id; without an id, the innermost that was not joined yet. */
function collectedBranch (branch: Branch | undefined, id: string | undefined): Branch | undefined {
  for (let each = branch; each !== undefined; each = each.outer) {
    if (!each.isAggregated && (id === undefined || each.split.id === id)) return each
  }
  return undefined
}

/** The branch of a joined message. */
function joinedBranch (branch: Branch | undefined, id: string | undefined): Pick<Message, 'branch'> {
  const collected = collectedBranch(branch, id)
  return collected === undefined
    ? {}
    : { branch: { ...collected, isAggregated: true, hasCalled: branch?.hasCalled === true } }
}

/**
 * Runs the mediators on the joined message, which is the first one otherwise. The last message continues after the
 * aggregate, with the joined payload as it was before them. @see WSO2, AggregateMediator.completeAggregate
 */
function * completed ({ messages }: Collection, join: Join, onComplete: Mediator, id: string | undefined): Flow<Step> {
  const [first] = messages
  const last = messages.at(-1)
  if (first === undefined || last === undefined) throw new Error('nothing was collected')
  let joined = first
  try {
    joined = { ...join(messages), ...joinedBranch(first.branch, id) }
    const result = onComplete(joined)
    const next = { ...last, body: joined.body, headers: withTypeOf(joined, last), branch: joined.branch }
    return yield * continued(result, step =>
      step.to === 'next' ? { to: 'next', message: next } : step
    )
  } catch (error) {
    throw toChainError(error, joined)
  }
}

function withTypeOf (joined: Message, { headers }: Message): Message['headers'] {
  const type = headerOf(joined.headers, 'content-type')
  return type === undefined ? withoutHeaders(headers, 'content-type') : withHeader(headers, 'Content-Type', type)
}

function collectorOf (
  { id, timeout = 0, min, max }: AggregateConfig,
  context: BuildContext
): (message: Message, branch: Branch) => Collection {
  const [least, most] = [min, max].map(each => countOf(each, context))
  return (message, branch) =>
    new Collection({
      timeout,
      min: least!(message),
      max: most!(message),
      total: branch.split.id === id ? branch.split.total : undefined,
      depth: depthOf(branch)
    })
}

function countOf (count: Static<typeof Count> | undefined, context: BuildContext): (message: Message) => number {
  if (count === undefined || typeof count === 'number') return () => count ?? 0
  const text = textReader({ expression: count }, context)
  return message => {
    const count = text(message) ?? ''
    const number = Math.trunc(Number(count))
    if (count.trim() !== '' && !Number.isNaN(number)) return number
    throw mediationError(`messageCount expects a number, not "${count.slice(0, 40)}"`)
  }
}

function readCount (element: Element | undefined, name: 'min' | 'max', reader: Reader): unknown {
  const count = element && readKey(element, name, reader)
  if (typeof count !== 'string') return count
  if (/^\s*[+-]?\d{1,9}\s*$/.test(count)) return Math.max(-1, Number(count))
  reader.problem(element!, `${name} expects a number or an {expression}, not "${count}"`)
  return undefined
}

const writeCount = (name: string, count: Static<typeof Count> | undefined): object =>
  count === undefined ? {} : typeof count === 'number' ? { [name]: count } : writeKey(name, count)

/** Seconds. */
function readTimeout (element: Element | undefined, reader: Reader): number | undefined {
  const text = element?.attribute('timeout')?.trim()
  if (text === undefined || element === undefined) return undefined
  if (/^\d{1,9}(\.\d{1,3})?$/.test(text)) return Math.round(Number(text) * 1000)
  reader.problem(element, `timeout expects a number of seconds, not "${text}"`)
  return undefined
}
