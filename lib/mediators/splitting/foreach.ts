import { Type } from '@sinclair/typebox'
import { describe, ExpressionField, omitUndefined, writeExpression } from '../../contracts/fields.js'
import type { Flow, Log } from '../../contracts/flow.js'
import { mediator } from '../../contracts/kind.js'
import type { Mediator, Step } from '../../contracts/mediator.js'
import { describeFault, mediationError, toFault } from '../../message/fault.js'
import type { Message, Properties } from '../../message/message.js'
import { loopOver } from './loop-payload.js'

/**
 * Runs a sequence on each selected element as a payload of its own, one after the other, and puts the results in the
 * places of the elements.
 * @see WSO2, ForEachMediator
 */
export const foreach = mediator({
  name: 'foreach',
  description: 'Runs mediators on each selected element, and puts the results in its place.',
  fields: {
    id: describe(Type.Optional(Type.String({ minLength: 1 })), 'Prefix of its properties: `ID_FOREACH_COUNTER`.'),
    expression: describe(ExpressionField, 'Selects the elements, or a JSON array.'),
    continueLoopOnFailure: describe(Type.Optional(Type.Boolean()), 'Whether others follow after a failure.', false),
    sequence: describe(Type.Ref('Sequence'), 'Mediators for each element.')
  },
  read (element, reader) {
    if (element.attribute('collection') !== undefined) {
      reader.problem(
        element.markHandled(),
        '<foreach collection="…"> is not supported',
        'write <foreach expression="…">, or <iterate> with <aggregate>',
        'unsupported-feature'
      )
      return { expression: { xpath: '$body/*' }, sequence: [] }
    }
    const expression = reader.expression(element, 'expression')
    if (expression === undefined) reader.problem(element, '<foreach> needs an expression')
    const inline = element.child('sequence')
    const key = element.attribute('sequence')
    if (key === undefined && inline === undefined) reader.problem(element, '<foreach> needs a sequence')
    return omitUndefined({
      id: element.attribute('id'),
      expression,
      continueLoopOnFailure: reader.flag(element, 'continueLoopOnFailure', 'onlyTrue'),
      sequence: key !== undefined ? reader.branch(element) : inline === undefined ? [] : reader.sequence(inline)
    })
  },
  write: ({ id, expression, continueLoopOnFailure, sequence }, writer) => [
    { id, ...writeExpression('expression', expression), continueLoopOnFailure },
    writer.sequence('sequence', sequence)
  ],
  reads: ({ sequence }, of) => ({ ...of.chain(sequence), request: 'body', passesOn: true }),
  build ({ id, expression, continueLoopOnFailure = false, sequence }, context) {
    const loopOf = loopOver(expression, context)
    const original = context.expression({ xpath: '$env' })
    const body = context.mediators(sequence)
    const prefix = id === undefined ? '' : `${id}_`
    return function * (message) {
      const loop = loopOf(message)
      const envelope = original.markup(message)?.join('') ?? ''
      let current = withProperties(message, {
        [`${prefix}FOREACH_ORIGINAL_MESSAGE`]: { xml: envelope },
        [`${prefix}FOREACH_COUNTER`]: 0
      })
      for (let index = 0; index < loop.count; index++) {
        const given = loop.begin(current, index)
        const step = yield * attempt(body, given, continueLoopOnFailure)
        if (step !== undefined && step.to !== 'next' && step.to !== 'end') return step
        const result = step?.message ?? given
        if (step !== undefined || loop.keepsFailed) loop.keep(result)
        current = withProperties(result, { [`${prefix}FOREACH_COUNTER`]: index + 1 })
        if (step?.to === 'end' && !continueLoopOnFailure) break
      }
      return { to: 'next', message: loop.count === 0 ? current : loop.join(current) }
    }
  }
})

/** Undefined: it failed, and others follow. */
function * attempt (body: Mediator, message: Message, continues: boolean): Flow<Step | undefined> {
  try {
    const result = body(message)
    const step = 'to' in result ? result : yield * result
    if (step.to !== 'branches') return step
    throw mediationError('a message cannot be split inside of <foreach>')
  } catch (error) {
    if (!continues) throw error
    yield failure(error)
    return undefined
  }
}

const withProperties = (message: Message, more: Properties): Message => ({
  ...message,
  properties: { ...message.properties, ...more }
})

const failure = (error: unknown): Log => ({
  kind: 'log',
  summedAs: 'foreach',
  level: 'warn',
  text: `foreach continues after a failure: ${describeFault(toFault(error))}`,
  fields: {}
})
