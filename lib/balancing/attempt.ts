import { matchesCode } from '../state/health.js'
import { fault, describeFault, type Fault } from '../message/fault.js'
import type { Flow, Forward, ForwardOutcome } from '../contracts/flow.js'
import type { EndpointState, Registry } from '../state/registry.js'

/** Which faults end the tries inside the innermost group (`retryConfig`). */
export interface RetryPolicy { readonly disabled?: readonly number[] | undefined, readonly enabled?: readonly number[] | undefined }

/** What does not change from one message to the next: what faults call the endpoint, and which of them end the tries. */
export interface AttemptOptions { readonly endpointName: () => string, readonly retry: RetryPolicy }

/**
 * One try at one endpoint: asks it if its state allows, and tells its state what came of it.
 * After a suspension one message tries it first; others wait for what comes of that, but for those of sessions bound there.
 * A client that leaves closes the flow here: the count is put right, and nobody is blamed.
 * @param judge may take an answer for a failure
 */
export function * attempt (leaf: EndpointState, registry: Registry, { endpointName: called, retry }: AttemptOptions, bound: boolean, prepare: () => Forward, judge: (outcome: ForwardOutcome) => ForwardOutcome = as => as): Flow<ForwardOutcome> {
  const { state } = leaf.health
  if (bound ? !acceptsBoundSession(leaf, registry) : !registry.isReady(leaf)) {
    const name = called()
    const about = `Address endpoint : [ Name : ${name} ] [ State : ${state.toUpperCase()} ]`
    return { kind: 'refused', fault: fault('NOT_READY', `endpoint ${name} is ${leaf.trialInFlight ? 'being tried after its suspension' : state}`, { subject: about }) }
  }
  const probes = (state === 'suspended' || state === 'timeout') && !leaf.trialInFlight
  if (probes) leaf.trialInFlight = true
  leaf.inFlight++
  const began = registry.now()
  try {
    const outcome = judge(yield prepare())
    if (outcome.kind === 'answered') {
      leaf.responses++
      leaf.latency.record(registry.now() - began)
      registry.signal(leaf, { kind: 'success' })
      return outcome
    }
    if (outcome.kind === 'refused') return outcome
    leaf.failures++
    registry.signal(leaf, { kind: 'fault', fault: outcome.fault, began })
    if (outcome.retry === 'none') registry.emit('retryImpossible', { endpoint: leaf, reason: describeFault(outcome.fault) })
    return outcome.retry === 'any' && !mayRetry(outcome.fault, retry) ? { ...outcome, retry: 'outer-group' } : outcome
  } finally {
    leaf.inFlight--
    if (probes) leaf.trialInFlight = false
  }
}

/** A message of a session that is bound there needs no probe to pass, and draining lets it through. */
const acceptsBoundSession = (leaf: EndpointState, registry: Registry): boolean => {
  const { health } = leaf
  return health.state === 'active' || health.state === 'draining' || (health.state !== 'off' && registry.now() >= health.retryAt)
}

const mayRetry = (fault: Fault, { disabled, enabled }: RetryPolicy): boolean => {
  if (disabled !== undefined && matchesCode(disabled, fault)) return false
  return enabled === undefined || enabled.length === 0 || matchesCode(enabled, fault)
}
