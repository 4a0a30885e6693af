import { Type } from '@sinclair/typebox'
import { ExpressionField, describe, writeExpression, omitUndefined } from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import { inSequence, alternatives, READS_NOTHING } from '../../pipeline/read-depth.js'
import { fullMatch } from '../values/java-regex.js'
import { textReader } from '../values/value.js'

const Case = Type.Object(
  { regex: Type.String(), then: Type.Array(Type.Ref('Mediator')) }, { additionalProperties: false }
)

/** Runs the mediators of the first case whose regular expression matches the whole text. */
export const switchMediator = mediator({
  name: 'switch',
  description: 'Runs the first case whose `regex` matches the whole text of `source`; without a match, `default`.',
  fields: {
    source: describe(ExpressionField, 'Expression whose text is matched.'),
    cases: describe(Type.Array(Case), 'Regular expressions with their mediators, in order.'),
    default: describe(Type.Optional(Type.Array(Type.Ref('Mediator'))), 'Mediators for messages that match no case.')
  },
  read (element, reader) {
    const cases = element.all('case').map(each => {
      const regex = each.attribute('regex')
      if (regex === undefined) reader.problem(each, '<case> needs a regex')
      return { regex: regex ?? '', then: reader.branch(each) }
    })
    const otherwise = element.child('default')
    return omitUndefined({
      source: reader.expression(element, 'source'), cases, default: otherwise && reader.branch(otherwise)
    })
  },
  write: ({ source, cases, default: otherwise }, writer) => [
    writeExpression('source', source),
    ...cases.map(({ regex, then }) => ['case', { regex }, ...writer.mediators(then)] as const),
    otherwise && ['default', {}, ...writer.mediators(otherwise)]
  ],
  reads: ({ source, cases, default: otherwise = [] }, of) => inSequence(
    { ...READS_NOTHING, request: of.expression(source) },
    [...cases.map(({ then }) => then), otherwise].map(of.chain).reduce(alternatives)
  ),
  build ({ source, cases, default: otherwise = [] }, context) {
    const text = textReader({ expression: source }, context)
    const choices = cases.map(({ regex, then }) => ({ pattern: fullMatch(regex), then: context.mediators(then) }))
    const unmatched = context.mediators(otherwise)
    return message => {
      const value = text(message)
      const chosen = value === undefined ? undefined : choices.find(({ pattern }) => pattern.test(value))
      return (chosen?.then ?? unmatched)(message)
    }
  }
})
