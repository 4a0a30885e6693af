import type { Flow, Lane } from '../contracts/flow.js'
import type { SplitStep, Step } from '../contracts/mediator.js'

/** Returns the lanes with each of their flows continued. */
export const mapLanes = <T, R>(
  lanes: readonly Lane<T>[],
  continued: (flow: Flow<T>) => Flow<R>
): readonly Lane<R>[] => lanes.map(lane => ({ ...lane, flowOf: index => continued(lane.flowOf(index)) }))

type OwnStep = Exclude<Step, SplitStep>

/** Continues a step; of a message that was split, the step of each branch when it is there. */
export function * continued (step: Step, next: (step: OwnStep) => Step | Flow<Step>): Flow<Step> {
  if (step.to !== 'branches') {
    const result = next(step)
    return 'to' in result ? result : yield * result
  }
  return { ...step, lanes: mapLanes(step.lanes, flow => continuedFlow(flow, next)) }
}

function * continuedFlow (flow: Flow<Step>, next: (step: OwnStep) => Step | Flow<Step>): Flow<Step> {
  return yield * continued(yield * flow, next)
}

/** Runs a flow, and handles its failure; if the message was split, that of each branch. */
export function * guarded (flow: Flow<Step>, handle: (error: unknown) => Flow<Step>): Flow<Step> {
  try {
    const step = yield * flow
    return step.to !== 'branches' ? step : { ...step, lanes: mapLanes(step.lanes, each => guarded(each, handle)) }
  } catch (error) {
    return yield * handle(error)
  }
}
