import { MediationError, type Fault } from '../../../lib/message/fault.js'

/** What was thrown, which must be a fault. */
export function faultOf (evaluate: () => unknown): Fault {
  try {
    return { code: NaN, reason: `no fault but ${String(evaluate())}` }
  } catch (error) {
    if (error instanceof MediationError) return error.fault
    throw error
  }
}
