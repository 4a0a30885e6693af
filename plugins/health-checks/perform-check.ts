import { isExpected, type HealthCheckPolicy, type HealthCheckResult } from '../../lib/state/health-check.js'
import { describeFault } from '../../lib/message/fault.js'
import { originOf } from '../../lib/message/origin.js'
import { settingsOf } from '../http/client/client-options.js'
import { ClientError, type Failure } from '../http/client/client-error.js'
import { ConnectionPool } from '../http/client/connection-pool.js'
import { Dial } from '../http/client/dialing/dial.js'
import { DnsNameResolver } from '../http/client/names/name-resolver.js'
import type { ResponseHandler } from '../http/client/request.js'
import { targetOf } from '../http/client/dialing/target.js'
import { tlsOptionsOf, type EndpointSecurity } from '../../lib/state/tls-material.js'
import { failureOf } from '../http/upstream/own-transport.js'
import { faultOf } from '../http/upstream/failure-outcome.js'

/** One check: of this URL, whose path is that of the policy. */
export interface CheckTarget extends EndpointSecurity {
  readonly url: URL
  readonly policy: HealthCheckPolicy
}

const HEADERS = ['User-Agent', 'fastify-proxy-services (health check)', 'Accept', '*/*', 'Connection', 'close']
/** Failures of this machine, or of its name server. */
const INCONCLUSIVE = new Set(['exhausted', 'nameServerFailed', 'poolClosed'])

/** Checks an endpoint on a connection of its own. Never rejects, and takes no longer than the timeout. */
export function performCheck (target: CheckTarget): Promise<HealthCheckResult> {
  const { url, policy: { path, timeout } } = target
  let end = (): void => {}
  return new Promise<HealthCheckResult>(resolve => {
    const timer = setTimeout(resolve, timeout, failed(`the check took longer than ${timeout} ms`))
    const endAttempt = path === undefined ? connectOnly(url, resolve) : request(target, resolve)
    end = () => {
      clearTimeout(timer)
      endAttempt()
    }
  }).finally(() => end())
}

type Resolve = (result: HealthCheckResult) => void

/** Requests the path. Returns how to end it. */
function request ({ url, policy, ...security }: CheckTarget, resolve: Resolve): () => void {
  const pool = new ConnectionPool(originOf(url), { tls: tlsOptionsOf(security), connectTimeout: 0, tlsTimeout: 0 })
  const handler: ResponseHandler = {
    onHead (_, { status }) {
      resolve(isExpected(status, policy) ? { kind: 'passed' } : failed(`it responded with HTTP status ${status}`))
    },
    onBody () {},
    onEnd () {},
    onError (_, error) { resolve(resultOf(error)) }
  }
  pool.request({ method: 'GET', path: policy.path!, headers: HEADERS, body: undefined }, handler)
  return () => pool.destroy()
}

let resolver: DnsNameResolver | undefined

/** Connects by TCP, and disconnects. Returns how to end it. */
function connectOnly (url: URL, resolve: Resolve): () => void {
  const target = { ...targetOf(originOf(url), {}), secure: undefined }
  const dial = new Dial(target, settingsOf({ connectTimeout: 0 }), { buffer: UNREAD, callback: () => true }, {
    onConnected (socket) {
      socket.on('error', () => {})
      socket.destroy()
      resolve({ kind: 'passed' })
    },
    onFailed (failure) { resolve(resultOf(failure)) }
  })
  dial.begin(resolver ??= new DnsNameResolver())
  return () => dial.cancel()
}

const UNREAD = Buffer.alloc(1024)

const failed = (cause: string): HealthCheckResult => ({ kind: 'failed', cause })

function resultOf (failure: Failure | ClientError): HealthCheckResult {
  if (INCONCLUSIVE.has(failure.kind)) return { kind: 'inconclusive' }
  return failed(describeFault(faultOf(failureOf(failure instanceof ClientError ? failure : new ClientError(failure)))))
}
