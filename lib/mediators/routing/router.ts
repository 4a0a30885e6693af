import { Type } from '@sinclair/typebox'
import { describe, ExpressionField, omitUndefined, writeExpression } from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import type { BuildContext } from '../../contracts/build-context.js'
import type { ExpressionConfig } from '../../expression/expression.js'
import type { Message } from '../../message/message.js'
import { fullMatch } from '../values/java-regex.js'
import { requirementsOfRoutes, routing } from './routes.js'
import { readTarget, SplitTarget, writeTarget } from '../splitting/split-target.js'

const Route = Type.Object(
  {
    expression: describe(ExpressionField, 'The messages that take this route: what it selects is there, or true.'),
    match: describe(Type.Optional(Type.String()), 'Or: a regular expression that matches its whole text.'),
    breakRouter: describe(Type.Optional(Type.Boolean()), 'Whether later routes are skipped.', true),
    target: describe(SplitTarget, 'Where they go.')
  },
  { additionalProperties: false }
)

/** Sends a message through the targets of the routes whose expressions it meets. @see WSO2, RouterMediator, Route */
export const router = mediator({
  name: 'router',
  description: 'Sends a message through the target of the first route whose expression it meets.',
  fields: {
    continueAfter: describe(Type.Optional(Type.Boolean()), 'Whether the message continues after it.', false),
    routes: describe(Type.Array(Route), 'Expressions with their targets, in order.')
  },
  read: (element, reader) =>
    omitUndefined({
      continueAfter: reader.flag(element, 'continueAfter', 'onlyTrue'),
      routes: element.all('route').map(each => {
        const [expression, target] = [reader.expression(each, 'expression'), each.child('target')]
        if (expression === undefined) reader.problem(each, '<route> needs an expression')
        if (target === undefined) reader.problem(each, '<route> needs a <target>')
        return omitUndefined({
          expression: expression ?? { xpath: 'false()' },
          match: each.attribute('match'),
          breakRouter: reader.flag(each, 'breakRouter', 'onlyTrue'),
          target: target === undefined ? {} : readTarget(target, reader)
        })
      })
    }),
  write: ({ continueAfter, routes }, writer) => [
    { continueAfter },
    ...routes.map(
      ({ expression, match, breakRouter, target }) =>
        [
          'route',
          { ...writeExpression('expression', expression), match, breakRouter },
          writeTarget(target, writer)
        ] as const
    )
  ],
  reads: ({ continueAfter = false, routes }, of) =>
    requirementsOfRoutes(
      routes.map(({ expression, target }) => ({ depth: of.expression(expression), target })),
      continueAfter,
      of
    ),
  build: ({ continueAfter = false, routes }, context) =>
    routing(
      routes.map(({ expression, match, breakRouter = true, target }) => ({
        test: testOf(expression, match, context),
        breaks: breakRouter,
        target
      })),
      continueAfter,
      context
    )
})

function testOf (
  config: ExpressionConfig,
  match: string | undefined,
  context: BuildContext
): (message: Message) => boolean {
  const expression = context.expression(config)
  if (match === undefined) return message => expression.test(message)
  const pattern = fullMatch(match)
  return message => {
    const text = expression.text(message)
    return text !== undefined && pattern.test(text)
  }
}
