import { CODES, fault } from '../../message/fault.js'
import type { ConnectionOptions, Delivery, Forward, ForwardOutcome, Outcome } from '../../contracts/flow.js'
import { withoutHeaders } from '../../message/headers.js'
import { classifySoapFault, statusClassifier, endpointResponse } from './endpoint-response.js'
import { createReservingEndpoint, type Endpoint, type Refusal } from '../../contracts/endpoint.js'
import type { BuildContext } from '../../contracts/build-context.js'
import { withoutCredentials } from '../settings/checked-address.js'
import { reserveAttempt, type AttemptHandlers } from '../../balancing/attempt.js'
import { NO_BODY, type Message } from '../../message/message.js'
import { httpOriginOf, namesSocket, originOf } from '../../message/origin.js'
import { tlsMaterialOf } from '../settings/tls-settings.js'
import { endpointRequest, type EndpointFormat } from './endpoint-request.js'
import type { EndpointState, TcpHealthCheck } from '../../state/endpoint-state.js'
import type { TlsMaterial } from '../../state/tls-material.js'
import { soapVersionOf } from '../../soap/read.js'
import { charsetIn, endsConnection, hostIn, namesWholeUri } from '../../message/well-known-properties.js'
import { healthCheckPolicyOf } from '../settings/health-check-settings.js'
import { faultSubjectName } from '../settings/fault-subject-name.js'
import {
  computedTimeout,
  requestLimitOf,
  retryPolicyOf,
  suspensionPolicyOf,
  timeoutOf
} from '../settings/endpoint-policies.js'
import type { EndpointSettings } from '../settings/endpoint-settings.js'
import { encodeMessage } from '../../soap/encode-message.js'

/** The address of an endpoint: a fixed one, or one that is computed for each message. */
export type EndpointTarget =
  | string
  | {
    /** Computes the address for a message; undefined if there is none. */
    readonly addressFor: (message: Message) => string | undefined
    /** The scheme, host and port of all addresses, if they have them in common. */
    readonly origin?: string | undefined
  }

/** Options of a kind of endpoint, beside the common settings. */
export interface NetworkOptions {
  /** Replaces the method of the message; path and query after the address of the proxy are then not forwarded. */
  readonly method?: string | undefined
  /** Whether path and query after the address of the proxy are forwarded, for messages without SOAP. Default: true. */
  readonly suffix?: boolean | undefined
  /** The check that ends a suspension. */
  readonly healthCheck?: TcpHealthCheck | undefined
  /** Certificates that were read before. Default: those that the settings name are read. */
  readonly tls?: TlsMaterial | undefined
}

interface Address {
  readonly uri: string
  readonly origin: string
  readonly path: string
}

/**
 * Hosts with a state of their own, for an endpoint whose addresses come from messages, at most. The state of the least
 * recently used one is given up for a new one.
 */
const MAX_HOSTS = 1000
const MAX_TRIAL_MS = 2000
const MAX_ABANDONED = 5

/**
 * Creates an endpoint with an address. Each host has a state of its own. A message without a valid address is refused,
 * and changes no state.
 */
export function createNetworkEndpoint (
  config: EndpointSettings & { name?: string },
  context: BuildContext,
  target: EndpointTarget,
  { method, suffix = true, healthCheck, tls = tlsMaterialOf(config.tls, context) }: NetworkOptions = {}
): Endpoint {
  const knownAddress = typeof target === 'string' ? target : target.origin
  const name = config.name ?? context.generatedName(knownAddress ?? 'endpoint')
  const policy = suspensionPolicyOf(config, context.endpointDefaults)
  const { verify = true } = config
  const options = { timeout: timeoutOf(config, context.endpointDefaults), verify, tls }
  const regularCheck = healthCheckPolicyOf(config.healthCheck)
  const attemptOptions = {
    endpointName: faultSubjectName(config.name, context),
    retry: retryPolicyOf(config),
    trialTime: trialTimeOf(options),
    maxAbandoned: config.maxAbandoned ?? MAX_ABANDONED,
    limit: requestLimitOf(config, context.endpointDefaults)
  }
  const outbound: Outbound = {
    format: formatOf(config),
    encoding: config.encoding,
    method,
    suffix,
    options,
    timeoutFor: computedTimeout(config, context),
    uuid: context.uuid,
    classifyStatus: statusClassifier(config.failureStatus, context.now),
    discards: config.timeout?.responseAction === 'discard'
  }

  const fixedAddress = typeof target === 'string' ? checkedFixedAddress(target, context) : undefined
  const checks = { connect: healthCheck, verify, tls }
  const maxRequests = attemptOptions.limit?.maxRequests
  const onlyState: EndpointState | undefined =
    knownAddress === undefined
      ? undefined
      : context.lease.endpoint(name, knownAddress, policy, { ...checks, regular: regularCheck }, maxRequests)
  if (onlyState === undefined && regularCheck !== undefined) {
    context.warn('healthCheck has no effect: messages bring the address')
  }
  /** The least recently used one comes first. */
  const statesByOrigin = new Map<string, EndpointState>()
  const stateAt = ({ origin }: Address): EndpointState => {
    const existing = statesByOrigin.get(origin)
    if (existing !== undefined) {
      statesByOrigin.delete(origin)
      statesByOrigin.set(origin, existing)
      return existing
    }
    if (statesByOrigin.size >= MAX_HOSTS) {
      const [leastRecentOrigin, leastRecent] = statesByOrigin.entries().next().value!
      statesByOrigin.delete(leastRecentOrigin)
      context.lease.forgetEndpoint(leastRecent.name)
    }
    const state = context.lease.endpoint(`${name} ${origin}`, origin, policy, checks, maxRequests)
    statesByOrigin.set(origin, state)
    return state
  }

  return createReservingEndpoint(onlyState?.name ?? name, (message, bound, delivery) => {
    const uri = typeof target === 'string' ? target : target.addressFor(message)
    const address = fixedAddress ?? (uri === undefined ? undefined : addressOf(uri))
    if (address === undefined) return NO_ADDRESS
    const state = onlyState ?? stateAt(address)
    const exchange = new NetworkExchange(outbound, message, address, delivery, state.name)
    return reserveAttempt(state, context.registry, attemptOptions, bound, delivery, exchange)
  })
}

/** The options of an endpoint, with the timeout of the given message and the properties of the one that is sent. */
function connectionOptions (
  { options: ofEndpoint, timeoutFor }: Outbound,
  given: Message,
  message: Message
): ConnectionOptions {
  const timeout = timeoutFor?.(given)
  const options = timeout === undefined ? ofEndpoint : { ...ofEndpoint, timeout }
  const host = hostIn(message)
  const closes = endsConnection(message)
  return host === undefined && !closes ? options : { ...options, ...(host !== undefined && { host }), closes }
}

const NO_ADDRESS: Refusal = {
  kind: 'refused',
  fault: fault('MEDIATION', 'there is no http or https address to send to', {
    subject: 'Unexpected error during sending message out'
  })
}

/** What does not change from one message of an endpoint to the next. */
interface Outbound {
  readonly format: EndpointFormat
  readonly encoding: string | undefined
  readonly method: string | undefined
  readonly suffix: boolean
  readonly options: ConnectionOptions
  /** Computes the timeout of a message. Its result is undefined for a message that has none of its own. */
  readonly timeoutFor: ((message: Message) => number | undefined) | undefined
  readonly uuid: () => string
  readonly classifyStatus: ReturnType<typeof statusClassifier>
  /** Whether a late response is ignored. */
  readonly discards: boolean
}

/** One message to one address, and what comes back. */
class NetworkExchange implements AttemptHandlers {
  readonly #outbound: Outbound
  readonly #message: Message
  readonly #address: Address
  readonly #delivery: Delivery
  readonly #endpointName: string

  constructor (outbound: Outbound, message: Message, address: Address, delivery: Delivery, endpointName: string) {
    this.#endpointName = endpointName
    this.#outbound = outbound
    this.#message = message
    this.#address = address
    this.#delivery = delivery
  }

  buildRequest (): Forward {
    const { format, encoding, method, suffix, uuid } = this.#outbound
    const { uri, origin, path: ownPath } = this.#address
    const withOwnMethod = method === undefined ? this.#message : withMethod(this.#message, method)
    const formatted = endpointRequest(withOwnMethod, uri, format, uuid)
    const charset = encoding ?? charsetIn(formatted)
    const message = charset === undefined ? formatted : encodeMessage(formatted, charset)
    const path = suffix && method === undefined ? withSuffix(ownPath, message) : ownPath
    const requestTarget = namesWholeUri(message) ? httpOriginOf(origin) + path : path
    return {
      kind: 'forward',
      endpointName: this.#endpointName,
      origin,
      path: requestTarget,
      message,
      options: connectionOptions(this.#outbound, this.#message, message),
      unsentOnly: this.#delivery.unsentOnly
    }
  }

  classify (outcome: ForwardOutcome): ForwardOutcome {
    const message = this.#message
    return classifySoapFault(this.#outbound.classifyStatus(outcome, message, this.#delivery.failureStatus), message)
  }

  conclude (outcome: ForwardOutcome): Outcome {
    switch (outcome.kind) {
      case 'answered':
        return { kind: 'answered', message: endpointResponse(outcome.message, this.#message, this.#address.uri) }
      case 'failed':
        return this.#outbound.discards && outcome.fault.code === CODES.CONNECTION_TIMEOUT ? DISCARDED : outcome
      case 'refused':
        return outcome
    }
  }
}

const DISCARDED: Outcome = { kind: 'discarded' }

/** How long a trial keeps other messages away: 2 s, at most the timeout of the endpoint. */
const trialTimeOf = ({ timeout }: ConnectionOptions): number =>
  timeout > 0 ? Math.min(timeout, MAX_TRIAL_MS) : MAX_TRIAL_MS

/** Reports an address that never works when the configuration is loaded. */
function checkedFixedAddress (uri: string, context: BuildContext): Address | undefined {
  const address = addressOf(uri, true)
  if (address === undefined) {
    const advice = 'write it as http://host:port/path'
    context.warn(`"${uri}" is not an http or https address: every message to it fails`, advice)
  }
  return address
}

/**
 * An absolute URL with a host, and without characters that WHATWG URL removes or replaces silently: line breaks and
 * other control characters, `\\` for `/`, a third slash.
 */
const ADDRESS = /^(?:unix\+)?https?:\/\/[^\p{Cc}\u2028\u2029/?#\\][^\p{Cc}\u2028\u2029\\]*$/iu

/** @param isFixed whether the configuration names it, which unix sockets must be */
function addressOf (given: string, isFixed = false): Address | undefined {
  if (!ADDRESS.test(given) || !URL.canParse(given) || (namesSocket(given) && !isFixed)) return undefined
  const uri = withoutCredentials(given)
  const url = new URL(uri)
  if (url.port === '0') return undefined
  return { uri, origin: originOf(url), path: (url.pathname || '/') + url.search }
}

/** Whether messages can be sent to this address. */
export const isAddress = (uri: string): boolean => addressOf(uri) !== undefined

const withMethod = (message: Message, method: string): Message =>
  method === 'GET' || method === 'HEAD'
    ? {
        ...message,
        method,
        headers: withoutHeaders(message.headers, 'content-type', 'content-encoding', 'soapaction'),
        body: NO_BODY
      }
    : { ...message, method }

/**
 * Appends path and query after the address of the proxy, for messages without SOAP only. Paths are joined by one
 * slash, queries by `&`.
 * @see Apache Synapse, Axis2FlexibleMEPClient
 */
function withSuffix (address: string, message: Message): string {
  const { path, query } = message
  if ((path === '' && query === '') || soapVersionOf(message) !== undefined) return address
  const at = address.indexOf('?')
  const ownPath = at < 0 ? address : address.slice(0, at)
  const ownQuery = at < 0 ? '' : address.slice(at)
  const joined = ownPath.endsWith('/') && path.startsWith('/') ? ownPath + path.slice(1) : ownPath + path
  if (query.length < 2) return joined + (ownQuery || query)
  return joined + (ownQuery.length > 1 ? `${ownQuery}&${query.slice(1)}` : query)
}

const formatOf = ({ enableAddressing: version, format }: EndpointSettings): EndpointFormat => ({
  addressing: version === true ? 'asClient' : version,
  format
})
