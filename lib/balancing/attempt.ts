import { names } from '../state/health.js'
import { fault, forLog, type Fault } from '../message/fault.js'
import type { Call, Flow, Outcome } from '../contracts/flow.js'
import type { Leaf, Registry } from '../state/registry.js'

/** Which faults end the tries inside the innermost group (`retryConfig`). */
export interface RetryPolicy { readonly disabled?: readonly number[] | undefined, readonly enabled?: readonly number[] | undefined }

/** What does not change from one message to the next: what faults call the endpoint, and which of them end the tries. */
export interface Terms { readonly called: () => string, readonly retry: RetryPolicy }

/**
 * One try at one endpoint: asks it if its state allows, and tells its state what came of it.
 * After a suspension one message tries it first; others wait for what comes of that, but for those of sessions bound there.
 * A client that leaves closes the flow here: the count is put right, and nobody is blamed.
 * @param judge may take an answer for a failure
 */
export function * attempt (leaf: Leaf, registry: Registry, { called, retry }: Terms, bound: boolean, prepare: () => Call, judge: (outcome: Outcome) => Outcome = as => as): Flow<Outcome> {
  const { state } = leaf.health
  if (bound ? !isReadyForItsOwn(leaf, registry) : !registry.isReady(leaf)) {
    const name = called()
    const about = `Address endpoint : [ Name : ${name} ] [ State : ${state.toUpperCase()} ]`
    return { kind: 'refused', fault: fault('NOT_READY', `endpoint ${name} is ${leaf.probing ? 'being tried after its suspension' : state}`, { about }) }
  }
  const probes = (state === 'suspended' || state === 'timeout') && !leaf.probing
  if (probes) leaf.probing = true
  leaf.inflight++
  const began = registry.now()
  try {
    const outcome = judge(yield prepare())
    if (outcome.kind === 'answered') {
      leaf.answered++
      registry.signal(leaf, { kind: 'success' })
      return outcome
    }
    if (outcome.kind === 'refused') return outcome
    leaf.failed++
    registry.signal(leaf, { kind: 'fault', fault: outcome.fault, began })
    if (outcome.retry === 'nowhere') registry.emit('unrepeatable', { leaf, reason: forLog(outcome.fault) })
    return outcome.retry === 'anywhere' && !mayRetry(outcome.fault, retry) ? { ...outcome, retry: 'outside' } : outcome
  } finally {
    leaf.inflight--
    if (probes) leaf.probing = false
  }
}

/** A message of a session that is bound there needs no probe to pass, and draining lets it through. */
const isReadyForItsOwn = (leaf: Leaf, registry: Registry): boolean => {
  const { health } = leaf
  return health.state === 'active' || health.state === 'draining' || (health.state !== 'off' && registry.now() >= health.retryAt)
}

const mayRetry = (fault: Fault, { disabled, enabled }: RetryPolicy): boolean => {
  if (disabled !== undefined && names(disabled, fault)) return false
  return enabled === undefined || enabled.length === 0 || names(enabled, fault)
}
