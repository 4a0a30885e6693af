import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../contracts/fields.js'
import { mediator } from '../contracts/kind.js'
import type { Flow } from '../contracts/flow.js'
import type { Step } from '../contracts/mediator.js'
import type { Message } from '../message/message.js'
import { continued } from '../pipeline/branches.js'
import { sendToEndpoint } from '../pipeline/chain.js'
import { alternatives, inSequence, READS_NOTHING } from '../pipeline/read-depth.js'
import { compileCondition, ConditionRef, depthOfCondition, readCondition, writeCondition } from './condition.js'
import { addressedBy, readTarget, SplitTarget, writeTarget } from './split-target.js'

const Route = Type.Object(
  {
    condition: describe(ConditionRef, 'The messages that take this route.'),
    breakRoute: describe(Type.Optional(Type.Boolean()), 'Whether later routes are skipped.', true),
    target: describe(SplitTarget, 'Where they go.')
  },
  { additionalProperties: false }
)

/**
 * Sends a message through the targets of the routes whose conditions it meets. Behind the routes it ends, unless
 * `continueAfter` is set.
 * @see Synapse, ConditionalRouterMediator
 */
export const conditionalRouter = mediator({
  name: 'conditionalRouter',
  description: 'Sends a message through the target of the first route whose condition it meets.',
  fields: {
    continueAfter: describe(Type.Optional(Type.Boolean()), 'Whether the message continues behind it.', false),
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
  reads ({ continueAfter = false, routes }, of) {
    const steps = routes.map(({ condition, target: { sequence, endpoint } }) => inSequence(
      { ...READS_NOTHING, request: depthOfCondition(condition, of) },
      alternatives(READS_NOTHING, sequence === undefined ? of.endpoint(endpoint) : of.chain(sequence))
    ))
    return { ...steps.reduce(inSequence, READS_NOTHING), passesOn: continueAfter }
  },
  build ({ continueAfter = false, routes }, tools) {
    const compiled = routes.map(({ condition, breakRoute = true, target }) => {
      const addressed = addressedBy(target)
      const sequence = target.sequence === undefined ? undefined : tools.mediators(target.sequence)
      const endpoint = sequence === undefined ? tools.endpoint(target.endpoint) : undefined
      return {
        test: compileCondition(condition, tools),
        breaks: breakRoute,
        run: (message: Message): Step | Flow<Step> => sequence !== undefined
          ? sequence(addressed(message))
          : sendToEndpoint(endpoint!, addressed(message))
      }
    })
    const behind = (message: Message): Step => ({ to: continueAfter ? 'next' : 'end', message })
    return function * (message) {
      let current = message
      const address = message.addressing.to ?? ''
      for (const { test, breaks, run } of compiled) {
        if (!test(current, address)) continue
        const result = run(current)
        const step = 'to' in result ? result : yield * result
        if (step.to !== 'next') return yield * continued(step, each => each.to === 'next' ? behind(each.message) : each)
        current = step.message
        if (breaks) break
      }
      return behind(current)
    }
  }
})
