import type { Forward } from '../../../lib/contracts/flow.js'
import type { Body, ReadDepth } from '../../../lib/message/message.js'
import type { BodySource } from '../message/body-source.js'
import { withDecodableCodings } from '../message/content-coding.js'
import type { ExchangeScope } from '../message/exchange-scope.js'
import type { Limits } from '../message/limits.js'
import { requestHeaders } from '../message/message-head.js'
import type { UpstreamCall } from './upstream-transport.js'

/** Returns a message as it is written to a connection of its endpoint. */
export function upstreamCall (
  { path, message, options, survivesClient }: Forward,
  scope: ExchangeScope,
  readDepth: ReadDepth,
  { detachedTimeout, responseIdleTimeout }: Limits
): UpstreamCall {
  const { method, headers, body } = message
  const acceptable = readDepth === 'nothing' ? headers : withDecodableCodings(headers)
  const unattended = survivesClient === true || scope.isDetached
  return {
    path,
    method,
    headers: requestHeaders(acceptable, scope.agent, body.kind === 'stream' ? body.size : undefined, options),
    body: bodyOf(body),
    upgrade: scope.upgrade?.protocol,
    owner: scope.clientConnection,
    headTimeout: options.timeout || (unattended ? detachedTimeout : 0),
    bodyTimeout: responseIdleTimeout,
    fresh: false
  }
}

function bodyOf (body: Body): UpstreamCall['body'] {
  if (body.kind === 'stream') return { start: body.head, source: body.rest as BodySource, size: body.size }
  return body.kind === 'bytes' ? body.bytes : undefined
}
