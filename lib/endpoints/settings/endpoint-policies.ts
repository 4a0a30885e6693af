import type { RequestLimit, RetryPolicy } from '../../balancing/attempt.js'
import type { BuildContext, EndpointDefaults } from '../../contracts/build-context.js'
import { MAX_DURATION_MS } from '../../contracts/fields.js'
import type { ReadRequirements, RequirementsOf } from '../../contracts/read-requirements.js'
import { deepestOf, type Message } from '../../message/message.js'
import { DEFAULT_POLICY, type SuspensionPolicy } from '../../state/suspension.js'
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

/** The response timeout in milliseconds, for messages that compute none; 0: no limit. */
export const timeoutOf = (
  { timeout: { duration, responseAction } = {} }: EndpointSettings,
  { timeout }: EndpointDefaults = {}
): number =>
  typeof duration === 'number' ? duration : (timeout ?? (responseAction === undefined ? 0 : DEFAULT_TIMEOUT_MS))

/**
 * Returns what computes the response timeout of a message, where an expression does. The timeout of all endpoints is
 * its upper limit, and stands in for a result that is not a number.
 * @see WSO2, EndpointDefinition.evaluateDynamicEndpointTimeout
 */
export function computedTimeout (
  { timeout: { duration } = {} }: EndpointSettings,
  context: Pick<BuildContext, 'expression' | 'endpointDefaults'>
): ((message: Message) => number | undefined) | undefined {
  if (typeof duration !== 'object') return undefined
  const expression = context.expression(duration)
  const limit = context.endpointDefaults.timeout || MAX_DURATION_MS
  return message => {
    const [digits] = /^\d{1,16}(?=(?:\.0*)?$)/.exec(expression.text(message)?.trim() ?? '') ?? []
    return digits === undefined ? undefined : Math.min(Number(digits), limit)
  }
}

const DEFAULT_QUEUE_TIMEOUT_MS = 5_000

/** How many requests may be in flight to an endpoint; undefined: any number. */
export function requestLimitOf (
  settings: EndpointSettings,
  defaults: EndpointDefaults = {}
): RequestLimit | undefined {
  const maxRequests = settings.maxRequests ?? defaults.maxRequests
  if (maxRequests === undefined) return undefined
  return {
    maxRequests,
    maxQueued: settings.maxQueued ?? defaults.maxQueued ?? 0,
    queueTimeout: settings.queueTimeout ?? defaults.queueTimeout ?? DEFAULT_QUEUE_TIMEOUT_MS
  }
}

export const retryPolicyOf = ({ retryConfig = {} }: EndpointSettings): RetryPolicy => ({
  disabled: retryConfig.disabledErrorCodes,
  enabled: retryConfig.enabledErrorCodes
})

/**
 * Addressing is written to the Header and read from the response. Another format or encoding needs the whole message,
 * and the response is converted to the client's format.
 */
export const requirementsOfEndpoint = (
  { enableAddressing, format, encoding, timeout }: EndpointSettings,
  of: RequirementsOf
): Partial<ReadRequirements> => ({
  request: deepestOf([
    encoding !== undefined || (format !== undefined && format !== 'get') ? 'body' : 'nothing',
    enableAddressing ? 'header' : 'nothing',
    typeof timeout?.duration === 'object' ? of.expression(timeout.duration) : 'nothing'
  ]),
  response: format !== undefined ? 'body' : enableAddressing ? 'header' : 'nothing'
})
