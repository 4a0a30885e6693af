import { Type } from '@sinclair/typebox'
import { describe, ExpressionField, omitUndefined, writeExpression } from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import { payloadSplitter } from './split-payload.js'
import { readTarget, requirementsOfTarget, split, SplitTarget, targetRunner, writeTarget } from './split-target.js'

/** Makes a message of each element that an expression selects. @see WSO2 and Apache Synapse, IterateMediator */
export const iterate = mediator({
  name: 'iterate',
  description: 'Splits the message: each selected element, or value of a JSON array, becomes a message of its own.',
  fields: {
    id: describe(Type.Optional(Type.String({ minLength: 1 })), 'Name by which `aggregate` knows the messages.'),
    expression: describe(ExpressionField, 'Selects the elements.'),
    continueParent: describe(Type.Optional(Type.Boolean()), 'Whether the message itself continues, too.', false),
    preservePayload: describe(
      Type.Optional(Type.Boolean()),
      'Whether each message keeps the rest of the payload around its element.',
      false
    ),
    attachPath: describe(Type.Optional(ExpressionField), 'With `preservePayload`: where the element is put.'),
    sequential: describe(
      Type.Optional(Type.Boolean()),
      'Whether a message waits for the end of the one before. A failure then ends all.',
      false
    ),
    target: SplitTarget
  },
  read (element, reader) {
    const [expression, attachPath] = ['expression', 'attachPath'].map(name => reader.expression(element, name))
    const preservePayload = reader.flag(element, 'preservePayload', 'onlyTrue')
    if (expression === undefined) reader.problem(element, '<iterate> needs an expression')
    if (attachPath !== undefined && preservePayload !== true) {
      reader.problem(element, 'attachPath needs preservePayload="true"', 'leave one of them out, or set both')
    }
    const target = element.child('target')
    if (target === undefined) reader.problem(element, '<iterate> needs a <target>')
    return omitUndefined({
      id: element.attribute('id'),
      expression,
      continueParent: reader.flag(element, 'continueParent', 'onlyTrue'),
      preservePayload,
      attachPath,
      sequential: reader.flag(element, 'sequential', 'literal'),
      target: target === undefined ? {} : readTarget(target, reader)
    })
  },
  write: ({ target, expression, attachPath, ...attributes }, writer) => [
    { ...attributes, ...writeExpression('expression', expression), ...writeExpression('attachPath', attachPath) },
    writeTarget(target, writer)
  ],
  reads: ({ target }, of) => requirementsOfTarget(target, of),
  build ({ id, expression, attachPath, continueParent = false, sequential = false, target, ...rest }, context) {
    const branchesOf = payloadSplitter(expression, rest.preservePayload === true, attachPath, context)
    const runner = targetRunner(target, context)
    return message =>
      split(message, {
        id,
        continueParent,
        isSequential: sequential,
        ...branchesOf(message),
        run: () => runner,
        uuid: context.uuid
      })
  }
})
