import type { Flow, Batch } from '../contracts/flow.js'
import type { OwnStep, Step } from '../contracts/mediator.js'

/** Returns the batches with each of their flows continued. */
export const mapBatches = <T, R>(
  batches: readonly Batch<T>[],
  continued: (flow: Flow<T>) => Flow<R>
): readonly Batch<R>[] => batches.map(batch => ({ ...batch, flowOf: index => continued(batch.flowOf(index)) }))

/** Continues a step, or that of a flow; of a message that was split, the step of each branch when it is there. */
export function * continued (
  stepOrFlow: Step | Flow<Step>,
  next: (step: OwnStep) => Step | Flow<Step>
): Flow<Step> {
  const step = 'to' in stepOrFlow ? stepOrFlow : yield * stepOrFlow
  if (step.to === 'branches') return { ...step, batches: mapBatches(step.batches, flow => continued(flow, next)) }
  const result = next(step)
  return 'to' in result ? result : yield * result
}
