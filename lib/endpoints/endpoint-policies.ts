import type { RetryPolicy } from '../balancing/attempt.js'
import type { EndpointDefaults } from '../contracts/build-context.js'
import type { ReadRequirements } from '../contracts/read-requirements.js'
import { DEFAULT_POLICY, type SuspensionPolicy } from '../state/health.js'
import type { EndpointSettings } from './endpoint-settings.js'

/**
 * When an endpoint is suspended, and for how long. Settings that the endpoint lacks come from the defaults of the
 * configuration.
 */
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
 * The response timeout of an endpoint with a `responseAction` and without a duration.
 * @see Apache Synapse, EndpointDefinitionFactory
 */
const DEFAULT_TIMEOUT_MS = 30_000

/** The response timeout in milliseconds; 0: no limit. */
export const timeoutOf = (
  { timeout: { duration, responseAction } = {} }: EndpointSettings,
  { timeout }: EndpointDefaults = {}
): number => duration ?? timeout ?? (responseAction === undefined ? 0 : DEFAULT_TIMEOUT_MS)

export const retryPolicyOf = ({ retryConfig = {} }: EndpointSettings): RetryPolicy => ({
  disabled: retryConfig.disabledErrorCodes,
  enabled: retryConfig.enabledErrorCodes
})

/**
 * Addressing is written to the Header and read from the response. Another format or encoding needs the whole message,
 * and the response is converted to the client's format.
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
