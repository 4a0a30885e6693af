import { Type } from '@sinclair/typebox'
import { ExpressionField, describe, writeExpression, omitUndefined } from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import { inSequence, alternatives, READS_NOTHING } from '../../pipeline/read-depth.js'
import { fullMatch } from '../values/java-regex.js'
import { textReader } from '../values/value.js'

/** Runs mediators if a message meets a condition. */
export const filter = mediator({
  name: 'filter',
  description: 'Runs `then` if an expression is true, or a regular expression matches its text; else `else`.',
  fields: {
    xpath: describe(Type.Optional(ExpressionField), 'Condition: the expression is true.'),
    source: describe(Type.Optional(ExpressionField), 'Or: an expression whose text `regex` matches.'),
    regex: describe(Type.Optional(Type.String()), 'Regular expression that matches the whole text of `source`.'),
    then: describe(Type.Array(Type.Ref('Mediator')), 'Mediators for messages that meet the condition.'),
    else: describe(Type.Optional(Type.Array(Type.Ref('Mediator'))), 'Mediators for all other messages.')
  },
  read (element, reader) {
    const [xpath, source] = [reader.expression(element, 'xpath'), reader.expression(element, 'source')]
    const regex = element.attribute('regex')
    if (xpath === undefined && (source === undefined || regex === undefined)) {
      reader.problem(element, '<filter> needs a condition', 'xpath="…", or source="…" and regex="…"')
    }
    const then = element.child('then')
    const otherwise = then && element.child('else')
    return omitUndefined({
      xpath,
      source,
      regex,
      then: reader.branch(then ?? element),
      else: otherwise && reader.branch(otherwise)
    })
  },
  write: ({ xpath, source, regex, then, else: otherwise }, writer) => [
    { ...writeExpression('xpath', xpath), ...writeExpression('source', source), regex },
    ['then', {}, ...writer.mediators(then)],
    otherwise && ['else', {}, ...writer.mediators(otherwise)]
  ],
  reads: ({ xpath, source, then, else: otherwise = [] }, of) => inSequence(
    { ...READS_NOTHING, request: of.expression(xpath ?? source) },
    alternatives(of.chain(then), of.chain(otherwise))
  ),
  build ({ xpath, source, regex, then, else: otherwise = [] }, context) {
    const [whenTrue, whenFalse] = [context.mediators(then), context.mediators(otherwise)]
    if (xpath !== undefined) {
      const condition = context.expression(xpath)
      return message => condition.test(message) ? whenTrue(message) : whenFalse(message)
    }
    if (source === undefined || regex === undefined) throw new Error('filter needs an xpath, or a source and a regex')
    const text = textReader({ expression: source }, context)
    const pattern = fullMatch(regex)
    return message => pattern.test(text(message) ?? '') ? whenTrue(message) : whenFalse(message)
  }
})
