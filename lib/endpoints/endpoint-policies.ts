import type { RetryPolicy } from '../balancing/attempt.js'
import type { EndpointDefaults } from '../contracts/build-context.js'
import type { ReadRequirements } from '../contracts/read-requirements.js'
import { DEFAULT_POLICY, type SuspensionPolicy } from '../state/health.js'
import type { EndpointSettings } from './endpoint-settings.js'

/** When it is suspended. What the endpoint does not say itself, the defaults of the configuration do. */
export const suspensionPolicyOf = (
  { markForSuspension: mark = {}, suspendOnFailure: suspend = {} }: EndpointSettings,
  { suspendDuration, progressionFactor }: EndpointDefaults = {}
): SuspensionPolicy => ({
  markCodes: mark.errorCodes,
  retriesBeforeSuspension: mark.retriesBeforeSuspension ?? DEFAULT_POLICY.retriesBeforeSuspension,
  retryDelay: mark.retryDelay ?? DEFAULT_POLICY.retryDelay,
  suspendCodes: suspend.errorCodes,
  initialDuration: suspend.initialDuration ?? suspendDuration ?? DEFAULT_POLICY.initialDuration,
  progressionFactor: suspend.progressionFactor ?? progressionFactor ?? DEFAULT_POLICY.progressionFactor,
  maximumDuration: suspend.maximumDuration ?? DEFAULT_POLICY.maximumDuration
})

/**
 * How long an answer may take that somebody wants to react to, and nobody says how long (Apache Synapse:
 * EndpointDefinitionFactory).
 */
const DEFAULT_TIMEOUT_MS = 30_000

/** Milliseconds until the head of an answer must be there; 0: no limit. */
export const timeoutOf = (
  { timeout: { duration, responseAction } = {} }: EndpointSettings,
  { timeout }: EndpointDefaults = {}
): number => duration ?? timeout ?? (responseAction === undefined ? 0 : DEFAULT_TIMEOUT_MS)

export const retryPolicyOf = ({ retryConfig = {} }: EndpointSettings): RetryPolicy => ({
  disabled: retryConfig.disabledErrorCodes,
  enabled: retryConfig.enabledErrorCodes
})

/**
 * Addressing is written into the Header, and read from the answer; another format or encoding is made of the whole
 * message, and the answer then brought into the form of the client.
 */
export const requirementsOfEndpoint = ({
  enableAddressing,
  format,
  encoding
}: EndpointSettings): Partial<ReadRequirements> => ({
  request:
    encoding !== undefined || (format !== undefined && format !== 'get')
      ? 'body'
      : enableAddressing
        ? 'header'
        : 'nothing',
  response: format !== undefined ? 'body' : enableAddressing ? 'header' : 'nothing'
})
