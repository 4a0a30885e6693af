import type { EndpointDefaults } from '../../../lib/contracts/build-context.js'
import type { Kinds } from '../../../lib/contracts/kind.js'
import type { Definitions } from '../../../lib/definitions/model/model.js'
import type { AccessLogOptions } from '../../logging/access-log.js'
import type { SessionStore } from '../../session-stores/session-store.js'
import type { UpstreamDispatcher } from '../../http/upstream/upstream-dispatcher.js'
import type { UpstreamClientName } from '../../http/upstream/load-transport.js'
import type { ForwardedOption } from '../request/forwarded-headers.js'
import type { ApisOption, ProxiesOption } from './proxy-options.js'
import type { Limits } from '../../http/message/limits.js'

/** The options of the plugin. One of `config` and `definitions` is required. */
export interface ProxyServicesOptions {
  /**
   * A file (XML or JSON), or a directory in Synapse's layout, as a path or as a `file:` URL. Paths are relative to the
   * working directory.
   */
  config?: string | URL
  /** The model, or its text as XML or JSON; or a function that returns one, called again at each reload. */
  definitions?: Definitions | string | (() => Definitions | string | Promise<Definitions | string>)
  /** What relative `file:` addresses in `definitions` are relative to. Default: the working directory */
  baseDir?: string | URL
  /** The path before `/services/NAME`. Fastify's own option of this name. */
  prefix?: string
  /** The address of this app for clients, used in WSDLs: `https://api.example.org/base`. Default: from the request */
  publicUrl?: string
  /**
   * Which requests the sequence `main` receives, where the configuration has one: those below `/services` without a
   * proxy (`services`), or all that no other route of the app matches (`all`), as in the real engines.
   * Default: `services`
   */
  mainSequence?: 'services' | 'all'
  /**
   * Whether endpoints learn of the client: `X-Forwarded-For`, `-Host`, `-Proto`, `-Port`, `Forwarded`, `Via`,
   * `X-Request-Id`. `true`: by all of them; `{ xForwarded, forwarded, via, requestId, clientCertificate }`: by these.
   * `clientCertificate` is `Client-Cert`, the valid certificate of the client. Follows `trustProxy` of Fastify.
   * Default: false, as in the real engines
   */
  forwarded?: ForwardedOption
  /** Leaves out what cannot be built, with a warning, as the real engines do. Default: false, nothing starts */
  failSafe?: boolean
  /** Logs a line for each request when it is over: `true`, or how. Default: false */
  accessLog?: boolean | Omit<AccessLogOptions, 'isStopping'>
  /**
   * Whether requests and their attempts have spans, where the process has registered an SDK of OpenTelemetry.
   * Default: true
   */
  tracing?: boolean
  /**
   * Options of the routes of proxies, by name, or a function of name and definition: `path`, `methods`, `onRequest`,
   * `preHandler`, `bodyLimit`, `schema`, `config`, `constraints`, `logLevel`, `handlerTimeout`, and the functions
   * `rewriteRequestHeaders`, `rewriteHeaders`, `onAttempt`, `onResponse`, `onError`. Read again at each reload.
   */
  proxies?: ProxiesOption
  /** Options of the routes of APIs, by name or by a function: as `proxies`, but without path and methods. */
  apis?: ApisOption
  /** The greatest request body, in bytes. Default: no limit, bodies stream */
  bodyLimit?: number
  /** Limits of memory and time. */
  limits?: Partial<Limits>
  /**
   * What sends the requests to endpoints: the project's own HTTP/1.1 client, undici, or a dispatcher of undici 7 or
   * newer, such as `ProxyAgent` or `MockAgent`, which has its own connections and TLS, and stays open. Default: `own`
   */
  upstreamClient?: UpstreamClientName | UpstreamDispatcher
  /**
   * For endpoints that do not set their own: `suspendDuration`, `timeout` and `queueTimeout` in milliseconds,
   * `progressionFactor`, `maxRequests`, `maxQueued`, `tls` with `ca`, `cert` and `key`.
   */
  endpointDefaults?: EndpointDefaults
  /** Name servers for dynamic groups, as `address:port`. Default: those of the system */
  dnsServers?: readonly string[]
  /**
   * A file that keeps which endpoints are off or draining by hand, so that a restart does not forget it. Its folder
   * must exist and be writable; no other process may use it. Default: none
   */
  stateFile?: string | URL
  /** Shares sessions with other gateways: `redisSessions({ url })`, or a store of your own. Default: not shared */
  sessionStore?: SessionStore
  /** Mediators, endpoints, algorithms and session kinds of your own. */
  extensions?: Partial<Kinds>
}
