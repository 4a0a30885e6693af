import type { Static } from '@sinclair/typebox'
import type { BuildContext } from '../../contracts/build-context.js'
import type { Flow } from '../../contracts/flow.js'
import type { Mediator, Step } from '../../contracts/mediator.js'
import type { ReadRequirements, RequirementsOf } from '../../contracts/read-requirements.js'
import type { Message, ReadDepth } from '../../message/message.js'
import { continued } from '../../pipeline/branches.js'
import { sendToEndpoint } from '../../pipeline/send-and-receive.js'
import { alternatives, inSequence, READS_NOTHING } from '../../pipeline/read-depth.js'
import { addressedBy, type SplitTarget } from '../splitting/split-target.js'

/** A target with messages of its own: those that take its route. */
export interface Route {
  /** Whether a message takes it. `first`: the message as it came to the router. */
  readonly test: (message: Message, first: Message) => boolean
  /** Whether later routes are skipped. */
  readonly breaks: boolean
  readonly target: Static<typeof SplitTarget>
}

/** What routes read, each with its condition. */
export function requirementsOfRoutes (
  routes: readonly { readonly depth: ReadDepth; readonly target: Static<typeof SplitTarget> }[],
  continueAfter: boolean,
  of: RequirementsOf
): ReadRequirements {
  const steps = routes.map(({ depth, target: { sequence, endpoint } }) =>
    inSequence(
      { ...READS_NOTHING, request: depth },
      alternatives(READS_NOTHING, sequence === undefined ? of.endpoint(endpoint) : of.chain(sequence))
    )
  )
  return { ...steps.reduce(inSequence, READS_NOTHING), passesOn: continueAfter }
}

/**
 * Compiles routes. A message passes the targets of those it takes. After them it ends, unless `continueAfter` is set;
 * a message that a target has dropped continues, too. One that a target has sent does not.
 * @see Synapse, ConditionalRouterMediator; WSO2, RouterMediator
 */
export function routing (routes: readonly Route[], continueAfter: boolean, context: BuildContext): Mediator {
  const compiled = routes.map(({ test, breaks, target }) => ({ test, breaks, run: runnerOf(target, context) }))
  const afterRoutes = (message: Message): Step => ({ to: continueAfter ? 'next' : 'end', message })
  return function * (message) {
    let current = message
    for (const { test, breaks, run } of compiled) {
      if (!test(current, message)) continue
      const result = run(current)
      const step = 'to' in result ? result : yield * result
      if (step.to !== 'next' && !(step.to === 'end' && step.isDropped === true)) {
        return yield * continued(step, each => (each.to === 'next' ? afterRoutes(each.message) : each))
      }
      current = step.message
      if (breaks) break
    }
    return afterRoutes(current)
  }
}

function runnerOf (target: Static<typeof SplitTarget>, context: BuildContext): (message: Message) => Step | Flow<Step> {
  const addressed = addressedBy(target)
  if (target.sequence !== undefined) {
    const sequence = context.mediators(target.sequence)
    return message => sequence(addressed(message))
  }
  const endpoint = context.endpoint(target.endpoint)
  return message => sendToEndpoint(endpoint, addressed(message))
}
