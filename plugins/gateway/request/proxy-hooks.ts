import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Forward, ForwardOutcome } from '../../../lib/contracts/flow.js'
import { fault, MediationError } from '../../../lib/message/fault.js'
import { withoutHeaders, type Headers } from '../../../lib/message/headers.js'
import type { Message } from '../../../lib/message/message.js'
import { discardRest } from '../../http/server/send-response.js'
import { RequestFailed } from '../../errors.js'
import { valuesByName, withHookChanges } from '../../http/server/hook-headers.js'
import { redactUrl } from '../../../lib/message/redact-url.js'
import { tenths, type AttemptTrace } from '../../logging/request-trace.js'
import type { RequestContext, SendingContext } from './request-context.js'

/** Headers by name, in lower case; several values as a list. */
export type ProxiedHeaders = Record<string, string | string[] | undefined>

/** A response of an endpoint, before it is sent. */
export interface ProxiedResponse {
  readonly statusCode: number
  readonly headers: Readonly<ProxiedHeaders>
  /** `http://host:port` */
  readonly endpoint: string
}

/**
 * What a developer's functions do with the requests and responses of one proxy. They are called for again at each
 * reload. `endpoint` is `http://host:port`.
 */
export interface ProxyHooks {
  /** Returns the headers that an endpoint gets, for each attempt. `host` replaces the Host of the endpoint. */
  readonly rewriteRequestHeaders?: (
    request: FastifyRequest,
    headers: ProxiedHeaders,
    endpoint: string
  ) => ProxiedHeaders
  /** Returns the headers that the client gets of an endpoint's response. */
  readonly rewriteHeaders?: (headers: ProxiedHeaders, request: FastifyRequest, endpoint: string) => ProxiedHeaders
  /** Called when an attempt at an endpoint is over. */
  readonly onAttempt?: (request: FastifyRequest, attempt: Readonly<AttemptTrace>) => unknown
  /**
   * Called before a response of an endpoint is sent. It may set headers of the reply; `return reply.send(…)` replaces
   * it.
   */
  readonly onResponse?: (request: FastifyRequest, reply: FastifyReply, response: ProxiedResponse) => unknown
  /**
   * Called before the response to a request that failed is sent. `return reply.send(…)` replaces that response.
   * `error.statusCode` is its status, `error.fault` the code of the fault.
   */
  readonly onError?: (reply: FastifyReply, failure: { readonly error: RequestFailedError }) => unknown
}

/** A request that no endpoint has served. */
export interface RequestFailedError extends Error {
  readonly code: string
  readonly statusCode: number
  /** The code of the first fault: ERROR_CODE. */
  readonly fault: number
}

const NAMES = ['rewriteRequestHeaders', 'rewriteHeaders', 'onAttempt', 'onResponse', 'onError'] as const

/** Whether any function is set. */
export const hasHooks = (options: ProxyHooks | undefined): options is ProxyHooks =>
  options !== undefined && NAMES.some(name => options[name] !== undefined)

type Send = (forward: Forward, client: SendingContext) => Promise<ForwardOutcome>

/** Returns what sends messages to endpoints, with the functions that run there. */
export const sendWithHooks =
  (proxy: string, hooks: ProxyHooks, send: Send): Send =>
    async (forward, client) => {
      const { onAttempt } = hooks
      const endpoint = redactUrl(forward.origin)
      const startedAt = performance.now()
      let sent: Forward
      try {
        sent = withRequestHeaders(hooks, forward, client.fastifyRequest, endpoint)
      } catch (error) {
        report(client, proxy, 'rewriteRequestHeaders', error)
        return { kind: 'refused', fault: failed() }
      }
      const outcome = await send(sent, client)
      if (outcome.kind === 'answered') client.respondedBy = endpoint
      if (onAttempt !== undefined) {
        const reused = client.connectionReused
        const attempt: AttemptTrace = {
          endpoint,
          outcome: outcome.kind === 'answered' ? 'response' : outcome.fault.code,
          ms: tenths(performance.now() - startedAt),
          ...(reused !== undefined && { reused })
        }
        run(() => onAttempt(client.fastifyRequest, attempt)).catch(error => report(client, proxy, 'onAttempt', error))
      }
      return outcome
    }

/**
 * Runs the functions that see a response before it is sent. Returns the response; undefined: a function has sent
 * another one.
 * @throws MediationError where a function has failed: nothing of the response is sent then
 */
export async function responseWithHooks (
  proxy: string,
  hooks: ProxyHooks,
  context: RequestContext,
  response: Message
): Promise<Message | undefined> {
  const { respondedBy: endpoint, fastifyRequest: request, reply } = context
  if (endpoint === undefined) return await afterFailure(proxy, hooks, context, response)
  let name: (typeof NAMES)[number] = 'rewriteHeaders'
  try {
    const message = withResponseHeaders(hooks, response, request, endpoint)
    name = 'onResponse'
    if (hooks.onResponse === undefined) return message
    const seen = { statusCode: message.status ?? 200, headers: objectOf(message.headers), endpoint }
    await run(() => hooks.onResponse?.(request, reply, seen))
    if (!reply.sent) return message
    discardRest(response.body)
    drainUpload(context)
    return undefined
  } catch (error) {
    report(context, proxy, name, error)
    discardRest(response.body)
    throw new MediationError(failed())
  }
}

async function afterFailure (
  proxy: string,
  { onError }: ProxyHooks,
  context: RequestContext,
  response: Message
): Promise<Message | undefined> {
  const { reply, faultCode, faultReason = 'the request failed' } = context
  const isUnreported = faultCode !== undefined && !context.failureReported && !context.disconnected
  if (onError === undefined || !isUnreported) return response
  context.failureReported = true
  const error = Object.assign(new RequestFailed(faultReason), {
    statusCode: response.status ?? 500,
    fault: faultCode
  })
  try {
    await run(() => onError(reply, { error }))
  } catch (error) {
    report(context, proxy, 'onError', error)
  }
  if (!reply.sent) return response
  discardRest(response.body)
  drainUpload(context)
  return undefined
}

/**
 * A function has responded while the client still sends: its connection is read for a moment, and ended, so that the
 * response is not lost.
 */
function drainUpload ({ upload, request }: RequestContext): void {
  if (upload?.unfinished !== true) return
  upload.drainBeforeClose(() => {
    if (upload.unfinished) request.destroy()
  })
}

/** A function may throw, or return a promise that rejects. */
const run = async (call: () => unknown): Promise<void> => {
  await call()
}

function withRequestHeaders (
  { rewriteRequestHeaders }: ProxyHooks,
  forward: Forward,
  request: FastifyRequest,
  endpoint: string
): Forward {
  if (rewriteRequestHeaders === undefined) return forward
  const { message } = forward
  let host: string | undefined
  const headers = rewritten(withoutHeaders(message.headers, 'host'), own => {
    const result = rewriteRequestHeaders(request, own, endpoint)
    host = [result.host].flat()[0]
    return result
  })
  const options = host === undefined ? forward.options : { ...forward.options, host }
  return { ...forward, options, message: { ...message, headers } }
}

function withResponseHeaders (
  { rewriteHeaders }: ProxyHooks,
  response: Message,
  request: FastifyRequest,
  endpoint: string
): Message {
  if (rewriteHeaders === undefined) return response
  return { ...response, headers: rewritten(response.headers, own => rewriteHeaders(own, request, endpoint)) }
}

function rewritten (headers: Headers, rewrite: (headers: ProxiedHeaders) => ProxiedHeaders): Headers {
  const result: unknown = rewrite(objectOf(headers))
  if (typeof result !== 'object' || result === null || 'then' in result) return invalid()
  const names = Object.entries(result).map(([name, value]) => [name.toLowerCase(), value] as const)
  return withHookChanges(headers, Object.fromEntries(names.filter(([name]) => name !== 'host')))
}

const invalid = (): never => {
  throw new TypeError('it must return an object of headers')
}

const objectOf = (headers: Headers): ProxiedHeaders =>
  Object.fromEntries(
    [...valuesByName(headers)].map(([name, values]) => [name, values.length === 1 ? values[0] : values])
  )

function report ({ log }: SendingContext, proxy: string, name: string, error: unknown): void {
  log.error({ err: error, proxy }, `the option ${name} of the proxy ${proxy} failed`)
}

const failed = () => fault('SENDING', 'The request could not be processed', { requestSent: false, status: 500 })
