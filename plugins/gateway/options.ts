import type { EndpointDefaults, Kinds } from '../../lib/contracts/kind.js'
import type { Definitions } from '../../lib/definitions/model.js'
import type { SessionStore } from '../session-stores/session-store.js'
import type { Limits } from '../http/limits.js'

/** What the plugin may be told. One of `config` and `definitions` is needed. */
export interface ProxyServicesOptions {
  /** A file (XML or JSON), or a folder: its own files and those of Synapse's layout. Relative to the working folder. */
  config?: string
  /** The model itself, or a text that says it, as XML or JSON; or what gives one of these, asked anew at each reload. */
  definitions?: Definitions | string | (() => Definitions | string | Promise<Definitions | string>)
  /** What relative `file:` addresses in `definitions` are relative to. Default: the working folder. */
  baseDir?: string
  /** Before `/services/NAME`. Fastify's own option of this name. */
  prefix?: string
  /** The address under which clients reach this app, for WSDLs: `https://api.example.org/base`. Default: what the request says. */
  publicUrl?: string
  /**
   * Of which addresses the sequence `main` gets the messages: below `/services` what no proxy has (`services`, the default), or all that no
   * other route of the app has either (`everything`), as in the real engines. Without a `main` the app answers its own 404.
   */
  mainSequence?: 'services' | 'all'
  /** True: what cannot be built is left out with a warning, as the real engines do. Default: nothing starts. */
  failSafe?: boolean
  /** True: a line in the log for each request, when it is over. */
  accessLog?: boolean
  /** What one request may take of memory and time. */
  limits?: Partial<Limits>
  /** What holds for endpoints that say nothing themselves: `suspendDuration` and `timeout` in milliseconds, `progressionFactor`. */
  endpointDefaults?: EndpointDefaults
  /** Name servers for dynamic groups, as `address:port`. Default: those of the system. */
  dnsServers?: readonly string[]
  /** Where several gateways have their sessions in common: `redisSessions({ url })`, or a store of your own. Default: each keeps its own. */
  sessionStore?: SessionStore
  /** Kinds of your own, beside ours. */
  extensions?: Partial<Kinds>
}
