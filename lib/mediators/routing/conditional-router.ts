import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import type { Message } from '../../message/message.js'
import { compileCondition, ConditionRef, depthOfCondition, readCondition, writeCondition } from '../values/condition.js'
import { requirementsOfRoutes, routing } from './routes.js'
import { readTarget, SplitTarget, writeTarget } from '../splitting/split-target.js'

const Route = Type.Object(
  {
    condition: describe(ConditionRef, 'The messages that take this route.'),
    breakRoute: describe(Type.Optional(Type.Boolean()), 'Whether later routes are skipped.', true),
    target: describe(SplitTarget, 'Where they go.')
  },
  { additionalProperties: false }
)

/** Sends a message through the targets of routes whose conditions it meets. @see Synapse, ConditionalRouterMediator */
export const conditionalRouter = mediator({
  name: 'conditionalRouter',
  description: 'Sends a message through the target of the first route whose condition it meets.',
  fields: {
    continueAfter: describe(Type.Optional(Type.Boolean()), 'Whether the message continues after it.', false),
    routes: describe(Type.Array(Route), 'Conditions with their targets, in order.')
  },
  read: (element, reader) => omitUndefined({
    continueAfter: reader.flag(element, 'continueAfter', 'own'),
    routes: element.all('conditionalRoute').map(each => {
      const [condition, target] = [each.child('condition'), each.child('target')]
      if (condition === undefined) reader.problem(each, '<conditionalRoute> needs a <condition>')
      if (target === undefined) reader.problem(each, '<conditionalRoute> needs a <target>')
      if (/^\s*(?:true|1|yes)\s*$/i.test(each.attribute('asynchronous') ?? '')) {
        reader.hint(each, 'asynchronous has no effect', 'leave it out')
      }
      return omitUndefined({
        condition: (condition && readCondition(condition, reader)) ?? { and: [] },
        breakRoute: reader.flag(each, 'breakRoute', 'own'),
        target: target === undefined ? {} : readTarget(target, reader)
      })
    })
  }),
  write: ({ continueAfter, routes }, writer) => [
    { continueAfter },
    ...routes.map(({ condition, breakRoute, target }) => [
      'conditionalRoute', { breakRoute }, ['condition', {}, writeCondition(condition)], writeTarget(target, writer)
    ] as const)
  ],
  reads: ({ continueAfter = false, routes }, of) => requirementsOfRoutes(
    routes.map(({ condition, target }) => ({ depth: depthOfCondition(condition, of), target })), continueAfter, of
  ),
  build ({ continueAfter = false, routes }, context) {
    const compiled = routes.map(({ condition, breakRoute = true, target }) => {
      const meets = compileCondition(condition, context)
      const test = (message: Message, first: Message): boolean => meets(message, first.addressing.to ?? '')
      return { test, breaks: breakRoute, target }
    })
    return routing(compiled, continueAfter, context)
  }
})
