import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import { alternatives, READS_NOTHING } from '../../pipeline/read-depth.js'
import { readTarget, requirementsOfTarget, split, SplitTarget, targetRunner, writeTarget } from './split-target.js'

/** Copies a message for each of its targets. @see WSO2 and Apache Synapse, CloneMediator */
export const clone = mediator({
  name: 'clone',
  description: 'Copies the message for each target. The first response of a copy is the response for the client.',
  fields: {
    id: describe(Type.Optional(Type.String({ minLength: 1 })), 'Name by which `aggregate` knows the copies.'),
    continueParent: describe(Type.Optional(Type.Boolean()), 'Whether the message itself continues, too.', false),
    sequential: describe(
      Type.Optional(Type.Boolean()),
      'Whether a copy waits for the end of the one before. A failure then ends the message.',
      false
    ),
    targets: Type.Array(SplitTarget)
  },
  read: (element, reader) =>
    omitUndefined({
      id: element.attribute('id'),
      continueParent: reader.flag(element, 'continueParent', 'explicit'),
      sequential: reader.flag(element, 'sequential', 'literal'),
      targets: element.all('target').map(each => readTarget(each, reader))
    }),
  write: ({ targets, ...attributes }, writer) => [attributes, ...targets.map(each => writeTarget(each, writer))],
  reads: ({ targets }, of) => ({
    ...targets.map(each => requirementsOfTarget(each, of)).reduce(alternatives, READS_NOTHING),
    request: 'body'
  }),
  build ({ id, continueParent = false, sequential = false, targets }, context) {
    const runners = targets.map(each => targetRunner(each, context))
    return message =>
      split(message, {
        id,
        continueParent,
        isSequential: sequential,
        count: runners.length,
        messageOf: () => message,
        run: index => runners[index]!,
        uuid: context.uuid
      })
  }
})
